package pgxlog_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/pgxlog"
	"github.com/pairly/pairlog/logtest"
)

// canary is what the tests send as values, and what the server puts into its
// errors: no line may have it.
const canary = "canary7f3a"

// answer answers statements by their first word; BAD and DUP are errors.
func answer(sql string) (tag, sqlstate string) {
	switch verb, _, _ := strings.Cut(strings.ToUpper(sql), " "); verb {
	case "SELECT":
		return "SELECT 3", ""
	case "INSERT":
		return "INSERT 0 2", ""
	case "UPDATE":
		return "UPDATE 5", ""
	case "DUP":
		return "", "23505"
	case "BAD":
		return "", "42601"
	default:
		return verb, ""
	}
}

// newLogs returns a recorder that fails the test when a value is logged.
func newLogs(t *testing.T) *logtest.Recorder {
	t.Helper()
	logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelDebug, PIIMode: "full"})
	t.Cleanup(func() {
		if text := logs.Text(); strings.Contains(text, canary) {
			t.Errorf("a value was logged:\n%s", text)
		}
	})
	return logs
}

// open returns a connection to a server of its own, and what it logs; connecting
// is not among it.
func open(t *testing.T, c pgxlog.Config) (*pgx.Conn, *pgxlog.Tracer, *logtest.Recorder) {
	t.Helper()
	logs := newLogs(t)
	c.Logger = logs.Logger("db.query")
	tracer := pgxlog.New(c)
	conn := newServer(t, answer).connect(t, tracer)
	logs.Reset()
	return conn, tracer, logs
}

func events(logs *logtest.Recorder) []string {
	var names []string
	for _, r := range logs.Records() {
		names = append(names, r.Event())
	}
	return names
}

func wantEvents(t *testing.T, logs *logtest.Recorder, want ...string) {
	t.Helper()
	if got := events(logs); !slices.Equal(got, want) {
		t.Fatalf("events = %v, want %v", got, want)
	}
}

func exec(t *testing.T, conn *pgx.Conn, ctx context.Context, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func members(v slog.Value) map[string]slog.Value {
	m := make(map[string]slog.Value)
	for _, a := range v.Resolve().Group() {
		m[a.Key] = a.Value
	}
	return m
}

func TestQuietWhenAllIsWell(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{Slow: time.Hour})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	exec(t, conn, ctx, "UPDATE users SET name = $1 WHERE id = $2", canary, "u1")
	rows, err := conn.Query(ctx, "SELECT id FROM users WHERE id = $1", canary)
	if err != nil {
		t.Fatal(err)
	}
	rows.Close()
	if err := conn.QueryRow(ctx, "SELECT id FROM users").Scan(new(string)); !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("Scan = %v, want ErrNoRows", err)
	}
	wantEvents(t, logs)

	gathered := scope.Gathered(nil)
	if len(gathered) != 1 || gathered[0].Key != "db" {
		t.Fatalf("gathered %v, want db", gathered)
	}
	counts := members(gathered[0].Value)
	if got, want := counts["count"].Int64(), int64(3); got != want {
		t.Errorf("db.count = %d, want %d", got, want)
	}
	if counts["ms"].Float64() <= 0 {
		t.Errorf("db.ms = %v, want some", counts["ms"])
	}
}

func TestSlowQuery(t *testing.T) {
	conn, tracer, logs := open(t, pgxlog.Config{})
	clock := time.Duration(0)
	pgxlog.SetClock(tracer, func() time.Duration { clock += 312400 * time.Microsecond; return clock })
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	// The first look at the clock is of the query, two are of what it prepares.
	exec(t, conn, ctx, "UPDATE users SET name = $1 WHERE id IN ($2, $3)", canary, "u1", "u2")
	r := logs.One("slow_query")
	if got, want := strings.Join(r.Keys, " "), "timestamp level logger request_id event operation table statement duration_ms rows threshold_ms caller"; got != want {
		t.Errorf("keys = %s, want %s", got, want)
	}
	for key, want := range map[string]string{
		"level": "WARNING", "request_id": "r1", "operation": "UPDATE", "table": "users",
		"statement": "UPDATE users SET name = ? WHERE id IN (?)",
	} {
		if got := r.String(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if got, want := r.Float("duration_ms"), 3*312.4; got != want {
		t.Errorf("duration_ms = %v, want %v", got, want)
	}
	if got, want := r.Int("rows"), int64(5); got != want {
		t.Errorf("rows = %d, want %d", got, want)
	}
	if got, want := r.Float("threshold_ms"), 200.0; got != want {
		t.Errorf("threshold_ms = %v, want %v", got, want)
	}
	if got, want := r.String("caller"), "pgxlog/tracer_test.go:"; !strings.HasPrefix(got, want) {
		t.Errorf("caller = %q, want it to begin with %q", got, want)
	}
}

func TestSlowOff(t *testing.T) {
	conn, tracer, logs := open(t, pgxlog.Config{Slow: -1, SlowTx: -1})
	clock := time.Duration(0)
	pgxlog.SetClock(tracer, func() time.Duration { clock += time.Hour; return clock })
	for _, sql := range []string{"BEGIN", "SELECT 1", "COMMIT"} {
		exec(t, conn, t.Context(), sql)
	}
	wantEvents(t, logs)
}

func TestQueries(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{}.With(pairlog.Settings{SlowQuery: time.Hour, Queries: true}))
	exec(t, conn, t.Context(), "INSERT INTO t (a) VALUES ($1), ($2)", canary, canary)
	r := logs.One("query_executed")
	if got, want := r.Level()+" "+r.String("statement"), "DEBUG INSERT INTO t (a) VALUES (?)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.Has("caller") {
		t.Errorf("a DEBUG line looks for its caller: %s", r.Line)
	}
}

func TestFailedQuery(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{})
	if _, err := conn.Exec(t.Context(), "DUP '"+canary+"'"); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("query_failed")
	for key, want := range map[string]string{
		"level": "ERROR", "statement": "DUP ?", "error_type": "PgError", "error_code": "23505",
	} {
		if got := r.String(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if r.Has("rows") || r.Has("error_message") {
		t.Errorf("rows or the text of the error: %s", r.Line)
	}
}

// What pgx cannot prepare for a query is one error, not two.
func TestFailedPrepareOfQuery(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{})
	if _, err := conn.Exec(t.Context(), "BROKEN $1", canary); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("query_failed")
	if got, want := r.String("statement")+" "+r.String("error_code"), "BROKEN ? 42601"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExpectedErrors(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{Expected: func(err error) bool {
		var pg *pgconn.PgError
		return errors.As(err, &pg) && pg.Code == "23505"
	}})
	conn.Exec(t.Context(), "DUP 1")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	conn.Exec(canceled, "SELECT 1")
	for _, r := range logs.Event("query_failed") {
		if got, want := r.Level(), "DEBUG"; got != want {
			t.Errorf("level = %s, want %s: %s", got, want, r.Line)
		}
	}
	if got, want := len(logs.Event("query_failed")), 2; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func TestRepeatedQuery(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{Repeat: 5})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	for range 8 {
		exec(t, conn, ctx, "SELECT id FROM likes WHERE user_id = $1", canary)
	}
	r := logs.One("query_repeated")
	if got, want := r.Level()+" "+r.String("table"), "WARNING likes"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Int("repeats"), int64(5); got != want {
		t.Errorf("repeats = %d, want %d", got, want)
	}
	if got, want := members(scope.Gathered(nil)[0].Value)["repeats"].Int64(), int64(8); got != want {
		t.Errorf("db.repeats = %d, want %d", got, want)
	}
}

func TestPreparedByName(t *testing.T) {
	conn, _, logs := open(t, pgxlog.Config{Queries: true})
	if _, err := conn.Prepare(t.Context(), "by_id", "SELECT id FROM users WHERE id = $1"); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, logs)
	exec(t, conn, t.Context(), "by_id", canary)
	if got, want := logs.One("query_executed").String("statement"), "SELECT id FROM users WHERE id = ?"; got != want {
		t.Errorf("statement = %q, want %q", got, want)
	}
	logs.Reset()
	if _, err := conn.Prepare(t.Context(), "broken", "BROKEN $1"); err == nil {
		t.Fatal("no error")
	}
	if got, want := logs.One("query_failed").String("statement"), "BROKEN ?"; got != want {
		t.Errorf("statement = %q, want %q", got, want)
	}
}

func TestSlowTransaction(t *testing.T) {
	conn, tracer, logs := open(t, pgxlog.Config{Slow: -1})
	clock := time.Duration(0)
	pgxlog.SetClock(tracer, func() time.Duration { return clock })
	run := func(statements []string, outcome string, count int64) {
		t.Helper()
		logs.Reset()
		for _, sql := range statements {
			if sql == "COMMIT" || sql == "ROLLBACK" {
				clock += 6 * time.Second
			}
			conn.Exec(t.Context(), sql)
		}
		r := logs.One("slow_transaction")
		if got, want := r.String("outcome"), outcome; got != want {
			t.Errorf("%v: outcome = %q, want %q", statements, got, want)
		}
		if got, want := r.Int("statements"), count; got != want {
			t.Errorf("%v: statements = %d, want %d", statements, got, want)
		}
		if got, want := r.Float("duration_ms"), 6000.0; got != want {
			t.Errorf("%v: duration_ms = %v, want %v", statements, got, want)
		}
	}
	run([]string{"BEGIN", "SELECT 1", "SELECT 2", "COMMIT"}, "commit", 2)
	run([]string{"BEGIN", "SELECT 1", "ROLLBACK"}, "rollback", 1)
	// A transaction that has failed is not committed, whatever the program says.
	run([]string{"BEGIN", "BAD", "COMMIT"}, "rollback", 1)

	logs.Reset()
	clock = 0
	for _, sql := range []string{"BEGIN", "SELECT 1", "COMMIT", "SELECT 1"} {
		exec(t, conn, t.Context(), sql)
	}
	logs.None("slow_transaction")
}

func TestConcurrentUse(t *testing.T) {
	logs := newLogs(t)
	tracer := pgxlog.New(pgxlog.Config{Logger: logs.Logger("db.query"), Repeat: -1, Slow: time.Hour})
	s := newServer(t, answer)
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	var wg sync.WaitGroup
	for range 4 {
		conn := s.connect(t, tracer)
		wg.Go(func() {
			for range 25 {
				conn.Exec(ctx, "UPDATE users SET name = $1", canary)
			}
		})
	}
	wg.Wait()
	if got, want := members(scope.Gathered(nil)[0].Value)["count"].Int64(), int64(100); got != want {
		t.Errorf("db.count = %d, want %d", got, want)
	}
}

// BenchmarkQuery is the price of a statement that is not logged: without a
// connection, so without the look at its transaction.
func BenchmarkQuery(b *testing.B) {
	tracer := pgxlog.New(pgxlog.Config{Logger: slog.New(slog.DiscardHandler), Slow: time.Hour, Repeat: -1})
	ctx, _ := pairlog.NewScope(b.Context(), pairlog.ScopeConfig{})
	start := pgx.TraceQueryStartData{SQL: "SELECT id, body, sent_at FROM messages WHERE receiver_id = $1 AND read = $2 ORDER BY sent_at LIMIT 50"}
	end := pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 50")}
	b.ReportAllocs()
	for b.Loop() {
		tracer.TraceQueryEnd(tracer.TraceQueryStart(ctx, nil, start), nil, end)
	}
}
