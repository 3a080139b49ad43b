package querylog

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
)

type quietKey struct{}

// Quiet returns a context whose statements are not logged. It is for those
// that try things out and have lines of their own, as migrations do.
func Quiet(ctx context.Context) context.Context { return context.WithValue(ctx, quietKey{}, true) }

func isQuiet(ctx context.Context) bool { return ctx.Value(quietKey{}) != nil }

// A queryLog writes the lines. Safe for concurrent use.
type queryLog struct {
	Config
	known statements
}

// executed logs a statement that returned no rows.
func (l *queryLog) executed(ctx context.Context, query string, took time.Duration, result driver.Result, err error) {
	n := int64(-1)
	if err == nil && result != nil {
		if affected, aerr := result.RowsAffected(); aerr == nil {
			n = affected
		}
	}
	l.write(ctx, query, took, n, err)
}

// queried logs a statement that failed, and otherwise returns rows that log
// it when they have been read.
func (l *queryLog) queried(ctx context.Context, query string, took time.Duration, inner driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		l.write(ctx, query, took, -1, err)
		return nil, err
	}
	return &rows{Rows: inner, ctx: ctx, query: query, took: took, log: l}, nil
}

// write logs one run of a statement, where it deserves a line. rows below
// zero are unknown.
func (l *queryLog) write(ctx context.Context, query string, took time.Duration, rows int64, err error) {
	if isQuiet(ctx) {
		return
	}
	failed := err != nil && !l.harmless(err)
	slow := l.Slow >= 0 && took > l.Slow
	if !failed && !slow && !l.All {
		return
	}
	st := l.known.get(query)
	attrs := []slog.Attr{
		slog.String("operation", st.operation), slog.String("table", st.table),
		slog.String("statement", st.text), slog.Duration("duration_ms", took),
	}
	switch {
	case failed:
		pairlog.Log(ctx, l.Log, slog.LevelError, "query_failed",
			append(attrs, slog.String("error_type", pairly.ErrorType(err)))...)
	case slow:
		pairlog.Log(ctx, l.Log, slog.LevelWarn, "slow_query",
			append(attrs, slog.Int64("rows", max(rows, 0)), slog.Duration("threshold_ms", l.Slow))...)
	default:
		pairlog.Log(ctx, l.Log, slog.LevelDebug, "query_executed",
			append(attrs, slog.Int64("rows", max(rows, 0)))...)
	}
}

// harmless reports whether an error is no failure of the database: the caller
// went away, or the pool will try another connection, or it is expected.
func (l *queryLog) harmless(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, driver.ErrSkip) || l.Expected(err)
}
