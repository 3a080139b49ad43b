package pgxlog_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/pgxlog"
)

func TestBatch(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{Queries: true})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	b := new(pgx.Batch)
	b.Queue("UPDATE a SET x = $1", canary)
	b.Queue("SELECT id FROM b WHERE x = $1", canary).Query(func(rows pgx.Rows) error { return rows.Err() })
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, logs, "query_executed", "query_executed")
	recs := logs.Event("query_executed")
	if got, want := recs[1].String("table"), "b"; got != want {
		t.Errorf("table = %q, want %q", got, want)
	}
	if got, want := recs[1].Int("batch"), int64(2); got != want {
		t.Errorf("batch = %d, want %d", got, want)
	}
	if got, want := members(scope.Gathered(nil)[0].Value)["count"].Int64(), int64(2); got != want {
		t.Errorf("db.count = %d, want %d", got, want)
	}
}

func TestSlowBatch(t *testing.T) {
	conn, tracer, logs := open(t, pgxlog.Config{Slow: time.Hour})
	clock := time.Duration(0)
	pgxlog.SetClock(tracer, func() time.Duration { clock += time.Hour; return clock })
	b := new(pgx.Batch)
	b.Queue("UPDATE a SET x = 1")
	b.Queue("UPDATE b SET x = 1")
	if err := conn.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	r := logs.One("slow_batch")
	if got, want := r.Int("statements"), int64(2); got != want {
		t.Errorf("statements = %d, want %d", got, want)
	}
	if got, want := r.Level(), "WARNING"; got != want {
		t.Errorf("level = %s, want %s", got, want)
	}
}

func TestFailedBatch(t *testing.T) {
	send := func(want string, sqls ...string) {
		t.Helper()
		conn, _, logs := open(t, pgxlog.Config{})
		b := new(pgx.Batch)
		for _, sql := range sqls {
			b.Queue(sql, canary)
		}
		if err := conn.SendBatch(t.Context(), b).Close(); err == nil {
			t.Fatalf("%v: no error", sqls)
		}
		wantEvents(t, logs, "query_failed")
		if got := logs.One("query_failed").String("statement"); got != want {
			t.Errorf("%v: statement = %q, want %q", sqls, got, want)
		}
	}
	send("DUP ?", "UPDATE a SET x = $1", "DUP $1", "UPDATE b SET x = $1")
	// pgx does not say which query could not be prepared.
	send("BATCH", "UPDATE a SET x = $1", "BROKEN $1")
	send("BROKEN ?", "BROKEN $1")
}

// An error of the caller's own function for a result is not the database's.
func TestBatchOfFailingCaller(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{})
	b := new(pgx.Batch)
	b.Queue("SELECT 1").Query(func(pgx.Rows) error { return errors.New("not to my taste") })
	if err := conn.SendBatch(t.Context(), b).Close(); err == nil {
		t.Fatal("no error")
	}
	logs.None("query_failed")
}

func TestBatchThatIsNotSent(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{})
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := new(pgx.Batch)
	b.Queue("SELECT 1")
	if err := conn.SendBatch(t.Context(), b).Close(); err == nil {
		t.Fatal("no error")
	}
	if got, want := len(logs.Event("query_failed")), 1; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}
