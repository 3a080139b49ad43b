package sqllog_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/sqllog"
)

var discard = slog.New(slog.DiscardHandler)

func openFake(t *testing.T, f *fake, c sqllog.Config) (*logtest.Recorder, *sql.DB) {
	logs := logtest.New(t)
	c.Logger = logs.Logger("db.query")
	db := sqllog.OpenDB(f, c)
	t.Cleanup(func() { db.Close() })
	return logs, db
}

// drain reads all rows of a query.
func drain(ctx context.Context, db *sql.DB, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

var std = []string{"timestamp", "level", "logger", "event"}

func TestSlowQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{delay: 300 * time.Millisecond, rows: 3}
		logs, db := openFake(t, f, sqllog.Config{})
		if err := drain(t.Context(), db, "SELECT id FROM users WHERE email = 'ann@example.com' AND age > 30"); err != nil {
			t.Fatal(err)
		}
		rec := logs.One("slow_query")
		want := append(slices.Clone(std), "operation", "table", "statement", "duration_ms", "rows", "threshold_ms", "caller")
		if !slices.Equal(rec.Keys, want) {
			t.Errorf("keys %v\nwant %v", rec.Keys, want)
		}
		if rec.Level() != "WARNING" || rec.Logger() != "db.query" || rec.String("operation") != "SELECT" || rec.String("table") != "users" ||
			rec.String("statement") != "SELECT id FROM users WHERE email = ? AND age > ?" || rec.Int("rows") != 3 {
			t.Errorf("line: %s", rec.Line)
		}
		if !strings.Contains(rec.Line, `"duration_ms":300.00`) || !strings.Contains(rec.Line, `"threshold_ms":200.00`) {
			t.Errorf("line: %s", rec.Line)
		}
		if got := rec.String("caller"); !strings.HasPrefix(got, "sqllog/sqllog_test.go:") {
			t.Errorf("caller = %q, want the test", got)
		}

		logs.Reset()
		f.delay = 100 * time.Millisecond
		drain(t.Context(), db, "SELECT 1")
		if recs := logs.Records(); len(recs) != 0 {
			t.Errorf("a quick query is logged: %s", recs[0].Line)
		}
		logs.Reset()
		f.delay = time.Second
		if _, err := db.ExecContext(t.Context(), "UPDATE users SET a = $1", 1); err != nil {
			t.Fatal(err)
		}
		if rec := logs.One("slow_query"); rec.Int("rows") != 3 || rec.String("operation") != "UPDATE" {
			t.Errorf("exec: %s", rec.Line)
		}
	})
}

// codedError is an error as PostgreSQL drivers have.
type codedError struct{}

func (codedError) Error() string    { return "duplicate key value (email)=(ann@example.com)" }
func (codedError) SQLState() string { return "23505" }

func TestQueryFailed(t *testing.T) {
	for _, c := range []struct {
		name  string
		fake  *fake
		level string
	}{
		{"exec", &fake{err: codedError{}, errAt: "exec"}, "ERROR"},
		{"while reading rows", &fake{err: codedError{}, errAt: "next", rows: 2}, "ERROR"},
		{"canceled", &fake{err: fmt.Errorf("query: %w", context.Canceled), errAt: "exec"}, "DEBUG"},
		{"deadline", &fake{err: context.DeadlineExceeded, errAt: "exec"}, "ERROR"},
		{"expected", &fake{err: errors.New("expected"), errAt: "exec"}, "DEBUG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs, db := openFake(t, c.fake, sqllog.Config{Expected: func(err error) bool { return err.Error() == "expected" }})
			if err := drain(t.Context(), db, "SELECT id FROM users"); !errors.Is(err, c.fake.err) {
				t.Fatalf("error %v, want the driver's", err)
			}
			rec := logs.One("query_failed")
			want := append(slices.Clone(std), "operation", "table", "statement", "duration_ms", "error_type")
			if !slices.Equal(rec.Keys[:len(want)], want) {
				t.Errorf("keys %v\nwant %v", rec.Keys, want)
			}
			if rec.Level() != c.level {
				t.Errorf("level %s, want %s", rec.Level(), c.level)
			}
			if c.fake.err == (codedError{}) && rec.String("error_code") != "23505" {
				t.Errorf("error_code = %q, want 23505", rec.String("error_code"))
			}
			if strings.Contains(rec.Line, "ann@") || strings.Contains(rec.Line, "duplicate") {
				t.Errorf("the error's text is on the line: %s", rec.Line)
			}
		})
	}
}

func TestPrepareFails(t *testing.T) {
	logs, db := openFake(t, &fake{err: codedError{}, errAt: "prepare"}, sqllog.Config{})
	if _, err := db.PrepareContext(t.Context(), "SELECT nonsense"); err == nil {
		t.Fatal("want an error")
	}
	logs.One("query_failed")
}

func TestQueries(t *testing.T) {
	logs, db := openFake(t, &fake{rows: 2}, sqllog.Config{Queries: true})
	drain(t.Context(), db, "SELECT id FROM users LIMIT 10")
	db.ExecContext(t.Context(), "DELETE FROM users")
	stmt, err := db.PrepareContext(t.Context(), "INSERT INTO users VALUES ($1)")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	stmt.ExecContext(t.Context(), "ann")
	recs := logs.Event("query_executed")
	var got []string
	for _, rec := range recs {
		got = append(got, fmt.Sprintf("%s %s %d %s", rec.Level(), rec.String("operation"), rec.Int("rows"), rec.String("statement")))
	}
	want := []string{"DEBUG SELECT 2 SELECT id FROM users LIMIT ?", "DEBUG DELETE 2 DELETE FROM users", "DEBUG INSERT 2 INSERT INTO users VALUES (?)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	wantKeys := append(slices.Clone(std), "operation", "table", "statement", "duration_ms", "rows")
	if len(recs) > 0 && !slices.Equal(recs[0].Keys, wantKeys) {
		t.Errorf("keys %v\nwant %v", recs[0].Keys, wantKeys)
	}
	if strings.Contains(logs.Text(), "ann") {
		t.Error("an argument is in the log")
	}
}

func TestArgs(t *testing.T) {
	logs, db := openFake(t, &fake{}, sqllog.Config{Queries: true, Args: []string{"id", "2", "password"}})
	db.ExecContext(t.Context(), "UPDATE users SET name = :name, password = :password WHERE id = :id",
		sql.Named("id", 7), sql.Named("name", "ann"), sql.Named("password", "hunter"+"2"))
	rec := logs.One("query_executed")
	if rec.Int("args", "id") != 7 || rec.String("args", "name") != "string(3)" || rec.String("args", "password") != "[REDACTED]" {
		t.Errorf("line: %s", rec.Line)
	}
	logs.Reset()
	db.ExecContext(t.Context(), "UPDATE users SET a = ?, b = ?, c = ?", "secret", "open", nil)
	rec = logs.One("query_executed")
	if rec.String("args", "1") != "string(6)" || rec.String("args", "2") != "open" || rec.String("args", "3") != "null" {
		t.Errorf("line: %s", rec.Line)
	}
}

// The request line says how many statements there were and which was slowest; a
// statement in a loop is warned of once.
func TestScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{delay: 10 * time.Millisecond, rows: 1}
		logs, db := openFake(t, f, sqllog.Config{Repeat: 5})
		ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
		for i := range 12 {
			drain(ctx, db, fmt.Sprintf("SELECT name FROM users WHERE id = %d", i))
		}
		f.delay = 50 * time.Millisecond
		db.ExecContext(ctx, "UPDATE users SET a = 1")
		slog.New(logs.Pipeline().Handler("api.request")).LogAttrs(ctx, slog.LevelInfo, "closing", scope.Gathered(nil)...)

		rec := logs.One("query_repeated")
		if rec.Level() != "WARNING" || rec.Int("repeats") != 5 || rec.String("statement") != "SELECT name FROM users WHERE id = ?" || rec.RequestID() != "req-00000001" {
			t.Errorf("line: %s", rec.Line)
		}
		line := logs.One("closing")
		if line.Int("db", "count") != 13 || line.Int("db", "repeats") != 12 || line.String("db", "slowest") != "UPDATE users SET a = ?" {
			t.Errorf("line: %s", line.Line)
		}
		if !strings.Contains(line.Line, `"ms":170.00`) && !strings.Contains(line.Line, `"ms":170`) {
			t.Errorf("db.ms is not 170: %s", line.Line)
		}
	})
}

// A loop is found after any number of other statements, and with a few of them in it.
func TestLoopAfterManyStatements(t *testing.T) {
	logs, db := openFake(t, &fake{}, sqllog.Config{Repeat: 20})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	for i := range 100 {
		db.ExecContext(ctx, fmt.Sprintf("UPDATE t%d SET a = 1", i))
	}
	for range 30 {
		for i := range 5 {
			db.ExecContext(ctx, fmt.Sprintf("UPDATE loop%d SET a = 1", i))
		}
	}
	got := logs.Event("query_repeated")
	if len(got) != 5 {
		t.Fatalf("%d lines query_repeated, want one for each of the 5 statements", len(got))
	}
	for i, r := range got {
		if want := fmt.Sprintf("loop%d", i); r.String("table") != want || r.Int("repeats") != 20 {
			t.Errorf("line %d: %s\nwant table %s, repeats 20", i, r.Line, want)
		}
	}
	logs.Logger("x").LogAttrs(ctx, slog.LevelInfo, "closing", scope.Gathered(nil)...)
	if r := logs.One("closing"); r.Int("db", "count") != 250 || r.Int("db", "repeats") != 30 {
		t.Errorf("line: %s\nwant count 250, repeats 30", r.Line)
	}
}

// A scope that lives long has many pieces of work, and each may send a statement:
// a loop is one within a piece.
func TestScopeIsRenewed(t *testing.T) {
	logs, db := openFake(t, &fake{}, sqllog.Config{Repeat: 3})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	for range 50 {
		scope.Renew()
		db.ExecContext(ctx, "UPDATE users SET seen_at = 1")
		db.ExecContext(ctx, "UPDATE users SET seen_at = 2")
	}
	if got := logs.Event("query_repeated"); len(got) != 0 {
		t.Errorf("%d lines, want none: %s", len(got), got[0].Line)
	}
	logs.Logger("x").LogAttrs(ctx, slog.LevelInfo, "closing", scope.Gathered(nil)...)
	if r := logs.One("closing"); r.Int("db", "count") != 100 || r.Int("db", "repeats") != 2 {
		t.Errorf("line: %s\nwant count 100, repeats 2", r.Line)
	}
	scope.Renew()
	for range 4 {
		db.ExecContext(ctx, "UPDATE users SET seen_at = 3")
	}
	if got := logs.One("query_repeated").Int("repeats"); got != 3 {
		t.Errorf("repeats = %d, want 3", got)
	}
}

// The caller of a line is the line that sent the statement, wherever that is
// below what SkipCallers names.
func TestCaller(t *testing.T) {
	logs, db := openFake(t, &fake{}, sqllog.Config{Repeat: 3, Slow: time.Nanosecond})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	line := 0
	for range 3 {
		_, _, line, _ = runtime.Caller(0)
		db.ExecContext(ctx, "UPDATE users SET a = 1")
	}
	want := fmt.Sprintf("sqllog/sqllog_test.go:%d", line+1)
	if got := logs.One("query_repeated").String("caller"); got != want {
		t.Errorf("caller of query_repeated = %q, want %q", got, want)
	}
	if got := logs.Event("slow_query")[0].String("caller"); got != want {
		t.Errorf("caller of slow_query = %q, want %q", got, want)
	}
	logs, db = openFake(t, &fake{}, sqllog.Config{Slow: time.Nanosecond, SkipCallers: []string{"github.com/pairly/pairlog/sqllog_test"}})
	db.ExecContext(ctx, "UPDATE users SET a = 1")
	if got := logs.One("slow_query").String("caller"); !strings.HasPrefix(got, "testing/") {
		t.Errorf("caller = %q, want what is above this package", got)
	}
}

func TestScopeFromManyGoroutines(t *testing.T) {
	logs, db := openFake(t, &fake{rows: 1}, sqllog.Config{Repeat: -1})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				drain(ctx, db, "SELECT 1")
			}
		})
	}
	wg.Wait()
	logs.Logger("x").LogAttrs(ctx, slog.LevelInfo, "closing", scope.Gathered(nil)...)
	if got := logs.One("closing").Int("db", "count"); got != 400 {
		t.Errorf("db.count = %d, want 400", got)
	}
}

func TestTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		logs, db := openFake(t, f, sqllog.Config{Queries: true, SlowTx: time.Second})
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		tx.ExecContext(t.Context(), "UPDATE users SET a = 1")
		time.Sleep(2 * time.Second)
		f.delay = 300 * time.Millisecond
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if rec := logs.One("slow_query"); rec.String("operation") != "COMMIT" || !strings.Contains(rec.Line, `"table":null`) {
			t.Errorf("slow commit: %s", rec.Line)
		}
		rec := logs.One("slow_transaction")
		if rec.String("outcome") != "commit" || rec.Int("statements") != 1 || !strings.Contains(rec.Line, `"duration_ms":2300.00`) {
			t.Errorf("line: %s", rec.Line)
		}
		logs.Reset()
		f.delay = 0
		f.err, f.errAt = codedError{}, "commit"
		tx, _ = db.BeginTx(t.Context(), nil)
		if err := tx.Commit(); err == nil {
			t.Error("want the driver's error")
		}
		if rec := logs.One("query_failed"); rec.String("operation") != "COMMIT" {
			t.Errorf("line: %s", rec.Line)
		}
		logs.None("slow_transaction")
		tx, _ = db.BeginTx(t.Context(), nil)
		time.Sleep(2 * time.Second)
		tx.Commit()
		if got := logs.One("slow_transaction").String("outcome"); got != "failed" {
			t.Errorf("outcome = %q of a commit that failed, want failed", got)
		}
		f.err = nil
		logs.Reset()
		tx, _ = db.BeginTx(t.Context(), nil)
		time.Sleep(2 * time.Second)
		tx.Rollback()
		if got := logs.One("slow_transaction").String("outcome"); got != "rollback" {
			t.Errorf("outcome = %q, want rollback", got)
		}
	})
}

func TestPool(t *testing.T) {
	logs := logtest.New(t)
	last := sql.DBStats{WaitCount: 5, WaitDuration: time.Second}
	sqllog.LogPool(t.Context(), logs.Logger("db.pool"), last, last)
	now := sql.DBStats{OpenConnections: 10, InUse: 10, WaitCount: 7, WaitDuration: 1500 * time.Millisecond, MaxIdleClosed: 2}
	sqllog.LogPool(t.Context(), logs.Logger("db.pool"), last, now)
	recs := logs.Event("db_pool_stats")
	if len(recs) != 2 || recs[0].Level() != "DEBUG" || recs[1].Level() != "WARNING" {
		t.Fatalf("lines: %s", logs.Text())
	}
	want := append(slices.Clone(std), "open", "in_use", "idle", "wait_count", "wait_ms")
	if rec := recs[1]; !slices.Equal(rec.Keys[:len(want)], want) || rec.Int("in_use") != 10 || rec.Int("wait_count_delta") != 2 ||
		!strings.Contains(rec.Line, `"wait_delta_ms":500.00`) || rec.Int("closed_delta") != 2 {
		t.Errorf("line: %s", rec.Line)
	}
}

func TestWatchPoolEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs, db := openFake(t, &fake{}, sqllog.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			sqllog.WatchPool(ctx, db, logs.Logger("db.pool"), 0)
		}()
		time.Sleep(150 * time.Second)
		cancel()
		<-done
		if got := len(logs.Event("db_pool_stats")); got != 2 {
			t.Errorf("%d lines in 150 s, want 2", got)
		}
	})
}

// database/sql falls back to prepared statements when a driver says ErrSkip; the
// statement counts once.
func TestErrSkip(t *testing.T) {
	logs := logtest.New(t)
	db := sqllog.OpenDB(one{&skipping{fakeConn{&fake{}}}}, sqllog.Config{Logger: logs.Logger("db.query"), Queries: true})
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "UPDATE users SET a = 1"); err != nil {
		t.Fatal(err)
	}
	logs.One("query_executed")
	logs.None("query_failed")
}

type skipping struct{ fakeConn }

func (*skipping) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, driver.ErrSkip
}

// Two result sets may be open on one connection, in a transaction.
func TestTwoResultSetsAtOnce(t *testing.T) {
	logs, db := openFake(t, &fake{rows: 3}, sqllog.Config{Queries: true})
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	outer, _ := tx.QueryContext(t.Context(), "SELECT a FROM outer_table")
	for outer.Next() {
		inner, _ := tx.QueryContext(t.Context(), "SELECT b FROM inner_table")
		for inner.Next() {
		}
		inner.Close()
	}
	outer.Close()
	counts := map[string]int64{}
	for _, rec := range logs.Event("query_executed") {
		counts[rec.String("table")] += rec.Int("rows")
	}
	if counts["outer_table"] != 3 || counts["inner_table"] != 9 {
		t.Errorf("rows %v, want 3 of the outer and 9 of the inner query", counts)
	}
}

func TestOpen(t *testing.T) {
	sql.Register("sqllog_fake", &fake{})
	logs := logtest.New(t)
	db, err := sqllog.Open("sqllog_fake", "dsn", sqllog.Config{Logger: logs.Logger("db.query"), Queries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.ExecContext(t.Context(), "DELETE FROM users")
	logs.One("query_executed")
	if _, err := sqllog.Open("no such driver", "", sqllog.Config{}); err == nil {
		t.Error("want an error for an unknown driver")
	}
}

// A request line has the beginning of a long statement, the statement's own line
// has all of it.
func TestLongStatement(t *testing.T) {
	logs, db := openFake(t, &fake{rows: 1}, sqllog.Config{Queries: true})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	text := "SELECT " + strings.Repeat("größe, ", 60) + "id FROM users"
	drain(ctx, db, text)
	logs.Logger("x").LogAttrs(ctx, slog.LevelInfo, "closing", scope.Gathered(nil)...)
	if got := logs.One("query_executed").String("statement"); got != text {
		t.Errorf("statement = %q, want all of it", got)
	}
	got := logs.One("closing").String("db", "slowest")
	if !strings.HasSuffix(got, "...") || len(got) > 200+len("...") || !strings.HasPrefix(text, strings.TrimSuffix(got, "...")) || !utf8.ValidString(got) {
		t.Errorf("slowest = %q, want the first 200 bytes", got)
	}
}

// Counts that were taken for a line do not change with what comes later.
func TestCountsTwice(t *testing.T) {
	_, db := openFake(t, &fake{rows: 1}, sqllog.Config{})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	count := func(v slog.Value) int64 { return v.Group()[0].Value.Int64() }
	drain(ctx, db, "SELECT 1")
	first := scope.Gathered(nil)[0].Value.Resolve()
	drain(ctx, db, "SELECT 1")
	second := scope.Gathered(nil)[0].Value.Resolve()
	drain(ctx, db, "SELECT 1")
	third := scope.Gathered(nil)[0].Value.Resolve()
	if count(first) != 1 || count(second) != 2 || count(third) != 3 {
		t.Errorf("counts %d, %d, %d, want 1, 2, 3", count(first), count(second), count(third))
	}
}
