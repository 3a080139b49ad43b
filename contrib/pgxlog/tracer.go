package pgxlog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pairly/pairlog/sqllog"
)

// A Tracer logs the connections that it is the tracer of. It is safe for
// concurrent use: one Tracer serves a whole pool.
type Tracer struct {
	config     Config
	statements *sqllog.Statements
	connect    connectState
	now        func() time.Duration // since an epoch of its own
}

var (
	_ pgx.QueryTracer    = (*Tracer)(nil)
	_ pgx.BatchTracer    = (*Tracer)(nil)
	_ pgx.CopyFromTracer = (*Tracer)(nil)
	_ pgx.PrepareTracer  = (*Tracer)(nil)
	_ pgx.ConnectTracer  = (*Tracer)(nil)
)

// New returns a tracer for [pgx.ConnConfig]. Beside other tracers it belongs into
// a multitracer.Tracer of pgx.
func New(c Config) *Tracer {
	epoch := time.Now()
	c = c.withDefaults()
	return &Tracer{
		config: c, statements: sqllog.NewStatements(c.statements()),
		// Half the price of time.Now, which reads the wall clock too.
		now: func() time.Duration { return time.Since(epoch) },
	}
}

// A call is a query, batch, copy or prepare on its way, and the context that pgx
// carries it in.
type call struct {
	context.Context
	t     *Tracer
	kind  callKind
	st    *sqllog.Statement // of a query, copy or prepare, and of a batch of one query
	start time.Duration

	outer  *call           // of a prepare: what pgx prepares for, or nil
	name   string          // of a prepare: what the program calls it, "" where that is its text
	batch  *batch          // of a batch
	config *pgx.ConnConfig // of a connect
}

type callKind uint8

const (
	kindQuery callKind = iota
	kindBatch
	kindCopy
	kindPrepare
	kindConnect
)

// callKey finds the innermost call of a tracer.
type callKey struct{ t *Tracer }

// Value returns the call itself to its tracer, and asks the context above for all
// else.
func (c *call) Value(key any) any {
	if k, ok := key.(callKey); ok && k.t == c.t {
		return c
	}
	return c.Context.Value(key)
}

// callFrom returns the innermost call in ctx, or nil.
func (t *Tracer) callFrom(ctx context.Context) *call {
	if c, ok := ctx.(*call); ok && c.t == t {
		return c
	}
	c, _ := ctx.Value(callKey{t}).(*call)
	return c
}

// TraceQueryStart implements [pgx.QueryTracer].
func (t *Tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return &call{Context: ctx, t: t, kind: kindQuery, st: t.statement(conn, data.SQL), start: t.now()}
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (t *Tracer) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	c := t.callFrom(ctx)
	if c == nil {
		return
	}
	t.done(c, data.Err, data.CommandTag)
	t.endInTx(c, conn, 1, data.CommandTag)
}

// TraceCopyFromStart implements [pgx.CopyFromTracer].
func (t *Tracer) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	st := t.statements.Statement(copyText(data.TableName, data.ColumnNames))
	return &call{Context: ctx, t: t, kind: kindCopy, st: st, start: t.now()}
}

// TraceCopyFromEnd implements [pgx.CopyFromTracer].
func (t *Tracer) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	c := t.callFrom(ctx)
	if c == nil {
		return
	}
	t.done(c, data.Err, data.CommandTag)
	t.endInTx(c, conn, 1, data.CommandTag)
}

// TracePrepareStart implements [pgx.PrepareTracer].
func (t *Tracer) TracePrepareStart(ctx context.Context, _ *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	c := &call{Context: ctx, t: t, kind: kindPrepare, st: t.statements.Statement(data.SQL), start: t.now()}
	if data.Name != data.SQL {
		c.name = data.Name
	}
	switch outer := t.callFrom(ctx); {
	case outer == nil:
	case outer.kind == kindQuery, outer.kind == kindBatch, outer.kind == kindCopy:
		c.outer = outer
	}
	return c
}

// TracePrepareEnd implements [pgx.PrepareTracer]. Preparing is no statement of
// its own: it is logged when it fails or is slow, and what pgx prepares for a
// query or batch is part of that, which will end with the same error.
func (t *Tracer) TracePrepareEnd(ctx context.Context, conn *pgx.Conn, data pgx.TracePrepareEndData) {
	c := t.callFrom(ctx)
	if c == nil || data.AlreadyPrepared {
		return
	}
	e := sqllog.Execution{Statement: c.st, Took: t.now() - c.start, Err: data.Err, Rows: unknownRows}
	switch {
	case c.outer == nil:
		if e.Err != nil || t.statements.Slow(e.Took) {
			t.statements.Log(c.Context, e)
		}
		if e.Err == nil {
			remember(conn, c.name, c.st)
		}
	case e.Err != nil && c.outer.kind == kindCopy:
		// pgx ends a copy whose columns it cannot describe without saying so.
		e.Statement, e.Took = c.outer.st, t.now()-c.outer.start
		t.statements.Done(c.outer.Context, e)
	}
}

// done accounts for the statement of a call that has ended.
func (t *Tracer) done(c *call, err error, tag pgconn.CommandTag) {
	t.statements.Done(c.Context, sqllog.Execution{
		Statement: c.st, Took: t.now() - c.start, Err: err, Rows: rowCount(tag),
	})
}

// unknownRows stands for a number of rows that PostgreSQL has not said.
const unknownRows = -1

// rowCount returns the number of rows read or affected, unknownRows where
// PostgreSQL gave no answer, as when it prepares.
func rowCount(tag pgconn.CommandTag) int64 {
	if tag.String() == "" {
		return unknownRows
	}
	return tag.RowsAffected()
}
