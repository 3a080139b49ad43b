package pgxlog

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

// A batch is what is known of a batch on its way.
type batch struct {
	size   int
	read   int // results that have been read
	slow   bool
	failed bool // a line tells of it
	ended  bool // pgx ends a batch that failed early a second time when it is closed
	tag    pgconn.CommandTag
}

// TraceBatchStart implements [pgx.BatchTracer].
func (t *Tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c := &call{Context: ctx, t: t, kind: kindBatch, st: batchStatement, start: t.now(), batch: &batch{size: data.Batch.Len()}}
	if c.batch.size == 1 {
		c.st = t.statement(conn, data.Batch.QueuedQueries[0].SQL)
	}
	return c
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (t *Tracer) TraceBatchQuery(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchQueryData) {
	c := t.callFrom(ctx)
	if c == nil || c.batch == nil {
		return
	}
	e := sqllog.Execution{
		Statement: t.statement(conn, data.SQL), Err: data.Err, Rows: rowCount(data.CommandTag), Batch: c.batch.size,
	}
	if !data.ReadStartTime.IsZero() {
		e.Took = time.Since(data.ReadStartTime)
	}
	c.batch.read++
	c.batch.slow = c.batch.slow || t.statements.Slow(e.Took)
	c.batch.failed = c.batch.failed || e.Err != nil
	c.batch.tag = data.CommandTag
	t.statements.Done(c.Context, e)
}

// TraceBatchEnd implements [pgx.BatchTracer].
func (t *Tracer) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	c := t.callFrom(ctx)
	if c == nil || c.batch == nil || c.batch.ended {
		return
	}
	c.batch.ended = true
	took := t.now() - c.start
	switch {
	case data.Err != nil && !c.batch.failed && (c.batch.read == 0 || isDatabase(data.Err)):
		// It was not sent, or one of its queries could not be prepared (pgx does
		// not say which), or its transaction could not be committed. Any other
		// error is of the caller's own function for a result.
		t.statements.Done(c.Context, sqllog.Execution{
			Statement: c.st, Took: took, Err: data.Err, Rows: unknownRows, Batch: c.batch.size,
		})
	case data.Err == nil && t.statements.Slow(took) && !c.batch.slow:
		attrs := []slog.Attr{
			slog.Float64(pairlog.KeyDurationMS, milliseconds(took)),
			slog.Int("statements", c.batch.size),
			slog.Float64("threshold_ms", milliseconds(t.config.Slow)),
		}
		pairlog.Log(c.Context, t.config.Logger, slog.LevelWarn, "slow_batch", t.statements.AppendCaller(attrs)...)
	}
	t.endInTx(c, conn, c.batch.read, c.batch.tag)
}

// batchStatement stands for a batch of several queries in the line of its
// failure.
var batchStatement = sqllog.Parse("BATCH", false)

// isDatabase reports whether PostgreSQL made the error.
func isDatabase(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg)
}
