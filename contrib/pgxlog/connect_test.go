package pgxlog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pairly/pairlog/contrib/pgxlog"
)

func TestConnect(t *testing.T) {
	logs := newLogs(t)
	tracer := pgxlog.New(pgxlog.Config{Logger: logs.Logger("db.query"), Pool: logs.Logger("db.pool")})
	s := newServer(t, answer)
	s.connect(t, tracer)
	s.connect(t, tracer)
	recs := logs.Event("db_connected")
	if len(recs) != 2 {
		t.Fatalf("db_connected %d times, want 2", len(recs))
	}
	if got, want := recs[0].Level()+" "+recs[1].Level(), "INFO DEBUG"; got != want {
		t.Errorf("levels = %s, want %s", got, want)
	}
	r := recs[0]
	if got, want := r.Logger()+" "+r.String("driver")+" "+r.String("host")+" "+r.String("database"), "db.pool pgx 127.0.0.1 pairly"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.Contains(r.Line, "someone") {
		t.Errorf("the user is logged: %s", r.Line)
	}
}

func TestConnectFails(t *testing.T) {
	logs := newLogs(t)
	tracer := pgxlog.New(pgxlog.Config{Logger: logs.Logger("db.query"), Pool: logs.Logger("db.pool")})
	clock := time.Duration(0)
	pgxlog.SetClock(tracer, func() time.Duration { return clock })
	s := newServer(t, answer)
	config := s.config(t)
	config.Tracer = tracer
	config.Port = 1
	for range 3 {
		if _, err := pgx.ConnectConfig(t.Context(), config); err == nil {
			t.Fatal("no error")
		}
	}
	r := logs.One("db_connection_failed")
	if got, want := r.Level()+" "+r.String("driver"), "CRITICAL pgx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.String("error_type") == "" || r.Has("error_message") {
		t.Errorf("want error_type without a message: %s", r.Line)
	}
	clock += 10 * time.Second
	pgx.ConnectConfig(t.Context(), config)
	if got, want := logs.Event("db_connection_failed")[1].Int("failures"), int64(3); got != want {
		t.Errorf("failures = %d, want the %d since the line before", got, want)
	}
	s.connect(t, tracer)
	if got, want := logs.One("db_connected").Level(), "INFO"; got != want {
		t.Errorf("level = %s, want %s", got, want)
	}
}
