package sqllog

import (
	"context"
	"database/sql/driver"
	"reflect"
	"time"
)

//go:generate go run combos_generate.go

// A base is a connection that logs, without optional interfaces. The types of
// combos_conn.go add exactly those of the connection below.
type base struct{ c conn }

func (b *base) init(under driver.Conn, q *queries) { b.c.under, b.c.q = under, q }

func (b *base) unwrap() any { return b.c.under }

// Prepare prepares a statement.
func (b *base) Prepare(query string) (driver.Stmt, error) { return b.c.prepare(query) }

// Close closes the connection below.
func (b *base) Close() error { return b.c.under.Close() }

// Begin begins a transaction.
//
// Deprecated: as in [driver.Conn], which requires it.
func (b *base) Begin() (driver.Tx, error) { return b.c.begin() }

// A conn is what a connection does and knows. database/sql serializes all use of
// it.
type conn struct {
	under driver.Conn
	q     *queries

	slot     rows         // the usual one result set that is open at a time
	rowsType reflect.Type // of the last result set, and the set of its interfaces
	rowsSet  int
	tx       *tx        // the open transaction, or nil
	last     *statement // the last one that was looked up, or nil
}

// statement is cache.statement, and quicker for a text that comes again.
func (c *conn) statement(text string) *statement {
	if c.last == nil || c.last.text != text {
		c.last = c.q.cache.statement(text)
	}
	return c.last
}

// An initer is a connection of one of the types of combos_conn.go.
type initer interface {
	driver.Conn
	init(under driver.Conn, q *queries)
}

// newConn returns under with a log and the same optional interfaces.
func newConn(under driver.Conn, q *queries) driver.Conn {
	return connWith(under, q, connOptionals(under))
}

func connWith(under driver.Conn, q *queries, set int) driver.Conn {
	c := reflect.New(reflect.TypeOf(connTypes[set]).Elem()).Interface().(initer)
	c.init(under, q)
	return c
}

func (c *conn) prepare(query string) (driver.Stmt, error) {
	start := c.q.now()
	under, err := c.under.Prepare(query)
	return c.prepared(context.Background(), query, start, under, err)
}

func (c *conn) begin() (driver.Tx, error) {
	start := c.q.now()
	//lint:ignore SA1019 the only way to begin on a driver without ConnBeginTx
	under, err := c.under.Begin()
	return c.begun(context.Background(), start, under, err)
}

func (c *conn) prepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	start := c.q.now()
	under, err := c.under.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return c.prepared(ctx, query, start, under, err)
}

// prepared wraps a prepared statement. Preparing is no statement of its own:
// it is logged when it fails or is slow.
func (c *conn) prepared(ctx context.Context, query string, start time.Duration, under driver.Stmt, err error) (driver.Stmt, error) {
	st := c.statement(query)
	took := c.q.now() - start
	if err != nil || c.q.isSlow(took) {
		c.q.log(ctx, event{st: st, took: took, err: err, rows: unknownRows})
	}
	if err != nil {
		return under, err
	}
	return stmtWith(&stmt{under: under, c: c, st: st}, stmtOptionals(under)), nil
}

func (c *conn) beginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	start := c.q.now()
	under, err := c.under.(driver.ConnBeginTx).BeginTx(ctx, o)
	return c.begun(ctx, start, under, err)
}

func (c *conn) execContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := c.q.now()
	res, err := c.under.(driver.ExecerContext).ExecContext(ctx, query, args)
	if err == driver.ErrSkip {
		return res, err // database/sql will prepare it
	}
	c.executed(ctx, c.statement(query), start, res, err, args)
	return res, err
}

func (c *conn) exec(query string, args []driver.Value) (driver.Result, error) {
	start := c.q.now()
	//lint:ignore SA1019 kept where the driver has it
	res, err := c.under.(driver.Execer).Exec(query, args)
	if err == driver.ErrSkip {
		return res, err
	}
	c.executed(context.Background(), c.statement(query), start, res, err, named(args))
	return res, err
}

func (c *conn) queryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := c.q.now()
	rows, err := c.under.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err == driver.ErrSkip {
		return rows, err
	}
	return c.opened(ctx, c.statement(query), start, rows, err, args)
}

func (c *conn) query(query string, args []driver.Value) (driver.Rows, error) {
	start := c.q.now()
	//lint:ignore SA1019 kept where the driver has it
	rows, err := c.under.(driver.Queryer).Query(query, args)
	if err == driver.ErrSkip {
		return rows, err
	}
	return c.opened(context.Background(), c.statement(query), start, rows, err, named(args))
}

// executed accounts for a statement without a result set.
func (c *conn) executed(ctx context.Context, st *statement, start time.Duration, res driver.Result, err error, args []driver.NamedValue) {
	e := event{st: st, took: c.q.now() - start, err: err, rows: unknownRows, res: res, args: args}
	if c.tx != nil {
		c.tx.statements++
	}
	c.q.done(ctx, &e)
}

// opened wraps a result set, which accounts for its statement when it is
// closed.
func (c *conn) opened(ctx context.Context, st *statement, start time.Duration, under driver.Rows, err error, args []driver.NamedValue) (driver.Rows, error) {
	if err != nil {
		c.executed(ctx, st, start, nil, err, args)
		return under, err
	}
	r := &c.slot
	if r.open {
		r = new(rows) // a second one, as SQLite allows
	}
	if !c.q.wantsArgs {
		args = nil
	}
	*r = rows{under: under, c: c, ctx: ctx, st: st, start: start, args: args, open: true}
	if t := reflect.TypeOf(under); t != c.rowsType {
		c.rowsType, c.rowsSet = t, rowsOptionals(under)
	}
	return rowsWith(r, c.rowsSet), nil
}

func (c *conn) ping(ctx context.Context) error { return c.under.(driver.Pinger).Ping(ctx) }

func (c *conn) resetSession(ctx context.Context) error {
	return c.under.(driver.SessionResetter).ResetSession(ctx)
}

func (c *conn) isValid() bool { return c.under.(driver.Validator).IsValid() }

func (c *conn) checkNamedValue(v *driver.NamedValue) error {
	return c.under.(driver.NamedValueChecker).CheckNamedValue(v)
}

// named gives arguments the form that the newer interfaces have.
func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}
