package pgxlog_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/pgxlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/sqllog"
)

// The same statements through database/sql and sqllog give the same lines.
func TestSameLinesAsSqllog(t *testing.T) {
	s := newServer(t, answer)
	statements := []struct {
		sql  string
		args []any
	}{
		{"UPDATE users SET name = $1, note = 'x''y' WHERE id IN ($2, $3) -- a comment", []any{canary, "b", "c"}},
		{"INSERT INTO t (a, b) VALUES ($1, 2), ($2, 4)", []any{canary, canary}},
		{"CREATE TABLE IF NOT EXISTS foo (v VARCHAR(20))", nil},
		{"DUP $1", []any{canary}},
		{"BROKEN $1", []any{canary}},
		{"SELECT id FROM users", nil},
	}
	// run sends each statement by f and returns what is to be the same.
	run := func(f func(ctx context.Context, logger *slog.Logger, sql string, args ...any)) (lines []string) {
		for _, st := range statements {
			logs := newLogs(t)
			ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
			f(ctx, logs.Logger("db.query"), st.sql, st.args...)
			lines = append(lines, st.sql)
			lines = append(lines, withoutTimes(logs, scope)...)
		}
		return lines
	}
	slow := time.Nanosecond
	own := run(func(ctx context.Context, logger *slog.Logger, sql string, args ...any) {
		s.connect(t, pgxlog.New(pgxlog.Config{Logger: logger, Slow: slow})).Exec(ctx, sql, args...)
	})
	theirs := run(func(ctx context.Context, logger *slog.Logger, sql string, args ...any) {
		db := sqllog.OpenDB(stdlib.GetConnector(*s.config(t)), sqllog.Config{Logger: logger, Slow: slow})
		defer db.Close()
		db.ExecContext(ctx, sql, args...)
	})
	if got, want := strings.Join(own, "\n"), strings.Join(theirs, "\n"); got != want {
		t.Errorf("pgxlog:\n%s\n\nsqllog:\n%s", got, want)
	}
	if len(own) < 3*len(statements) {
		t.Errorf("compared %d lines, want three or more for each statement", len(own))
	}
}

// withoutTimes returns what was logged and counted, but for the times.
func withoutTimes(logs *logtest.Recorder, scope *pairlog.Scope) (lines []string) {
	for _, r := range logs.Records() {
		if strings.HasPrefix(r.Event(), "db_") {
			continue // of connecting, which sqllog does not see
		}
		line := r.Event() + " " + strings.Join(r.Keys, " ")
		attrs := r.Attrs()
		for _, key := range []string{"level", "logger", "operation", "table", "statement", "rows", "error_type", "error_code", "threshold_ms"} {
			line += "\n  " + key + " = " + slog.AnyValue(attrs[key]).String()
		}
		lines = append(lines, line)
	}
	for _, a := range scope.Gathered(nil) {
		for _, count := range a.Value.Resolve().Group() {
			if count.Value.Kind() != slog.KindFloat64 {
				lines = append(lines, a.Key+"."+count.String())
			}
		}
	}
	return lines
}

// A request that uses both packages has one count of all.
func TestBesideSqllog(t *testing.T) {
	s := newServer(t, answer)
	db := sqllog.OpenDB(stdlib.GetConnector(*s.config(t)), sqllog.Config{Logger: slog.New(slog.DiscardHandler)})
	defer db.Close()
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	conn := s.connect(t, pgxlog.New(pgxlog.Config{Logger: slog.New(slog.DiscardHandler)}))
	exec(t, conn, ctx, "SELECT 1")
	exec(t, conn, ctx, "SELECT 1")
	got := scope.Gathered(nil)
	if len(got) != 1 || got[0].Key != "db" || members(got[0].Value)["count"].Int64() != 3 {
		t.Errorf("counts = %v, want a db with a count of 3", got)
	}
}
