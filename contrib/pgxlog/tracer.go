package pgxlog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pairly/pairlog"
)

// A Tracer logs the connections that it is the tracer of. It is safe for
// concurrent use: one Tracer serves a whole pool.
type Tracer struct {
	config  Config
	cache   *cache
	connect connectState
	now     func() time.Duration // since an epoch of its own
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
	return &Tracer{
		config: c.withDefaults(), cache: newCache(),
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
	st    *statement // of a query, copy or prepare, and of a batch of one query
	start time.Duration

	outer  *call           // of a prepare: what pgx prepares for, or nil
	name   string          // of a prepare: the statement's
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
	t.done(c.Context, &event{st: c.st, took: t.now() - c.start, err: data.Err, tag: data.CommandTag})
	t.endInTx(c, conn, 1, data.CommandTag)
}

// TraceCopyFromStart implements [pgx.CopyFromTracer].
func (t *Tracer) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	st := t.cache.statement(copyText(data.TableName, data.ColumnNames))
	return &call{Context: ctx, t: t, kind: kindCopy, st: st, start: t.now()}
}

// TraceCopyFromEnd implements [pgx.CopyFromTracer].
func (t *Tracer) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	c := t.callFrom(ctx)
	if c == nil {
		return
	}
	t.done(c.Context, &event{st: c.st, took: t.now() - c.start, err: data.Err, tag: data.CommandTag})
	t.endInTx(c, conn, 1, data.CommandTag)
}

// TracePrepareStart implements [pgx.PrepareTracer].
func (t *Tracer) TracePrepareStart(ctx context.Context, _ *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	c := &call{Context: ctx, t: t, kind: kindPrepare, st: t.cache.statement(data.SQL), start: t.now(), name: data.Name}
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
	e := &event{st: c.st, took: t.now() - c.start, err: data.Err}
	switch {
	case c.outer == nil:
		if e.err != nil || t.isSlow(e.took) {
			t.log(c.Context, *e)
		}
		if e.err == nil {
			remember(conn, c.name, c.st)
		}
	case e.err != nil && c.outer.kind == kindCopy:
		// pgx ends a copy whose columns it cannot describe without saying so.
		e.st, e.took = c.outer.st, t.now()-c.outer.start
		t.done(c.outer.Context, e)
	}
}

// An event is one statement that has been executed.
type event struct {
	st    *statement
	took  time.Duration
	err   error
	tag   pgconn.CommandTag
	batch int // how many statements its batch has; zero outside a batch
}

// done accounts for a statement. Most are not logged: they only count.
func (t *Tracer) done(ctx context.Context, e *event) {
	if tl := tallyOf(pairlog.ScopeFrom(ctx)); tl != nil && tl.add(e, t.config.Repeat) {
		t.logRepeated(ctx, e.st)
	}
	if e.err != nil || t.isSlow(e.took) || t.config.Queries {
		t.log(ctx, *e)
	}
}

func (t *Tracer) isSlow(d time.Duration) bool {
	return t.config.Slow > 0 && d >= t.config.Slow
}
