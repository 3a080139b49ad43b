package sqllog

import (
	"context"
	"database/sql/driver"
	"reflect"
	"time"
)

// A conn is what a connection does and knows. database/sql serializes all use of
// it.
type conn struct {
	under driver.Conn
	q     *Statements

	slot     driver.Rows  // the usual one result set that is open at a time,
	slotRows *rows        // what is in it,
	slotType reflect.Type // and the type of the one below for which it was made
	tx       *tx          // the open transaction, or nil

	// recent are the last statements that were looked up, by the length of their
	// text: those of a program mostly differ in that.
	recent [recentSets]*Statement
}

// recentSets is a power of two.
const recentSets = 16

// statement is cache.statement, and quicker for a text that comes again.
func (c *conn) statement(text string) *Statement {
	last := &c.recent[len(text)%recentSets]
	if st := *last; st != nil && st.text == text {
		return st
	}
	st := c.q.cache.statement(text)
	if len(text) <= maxText { // else st does not have all of it
		*last = st
	}
	return st
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
	if err != nil || c.q.Slow(took) {
		c.q.Log(ctx, Execution{Statement: st, Took: took, Err: err, Rows: unknownRows})
	}
	if err != nil {
		return under, err
	}
	w, s := stmtWith(setOf(under, stmtOptionals))
	*s = stmt{under: under, c: c, st: st}
	return w, nil
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
func (c *conn) executed(ctx context.Context, st *Statement, start time.Duration, res driver.Result, err error, args []driver.NamedValue) {
	e := Execution{Statement: st, Took: c.q.now() - start, Err: err, Rows: unknownRows, res: res, args: args}
	if c.tx != nil {
		c.tx.statements++
	}
	c.q.done(ctx, &e)
}

// opened wraps a result set, which accounts for its statement when it is
// closed.
func (c *conn) opened(ctx context.Context, st *Statement, start time.Duration, under driver.Rows, err error, args []driver.NamedValue) (driver.Rows, error) {
	if err != nil {
		c.executed(ctx, st, start, nil, err, args)
		return under, err
	}
	w, r := c.rowsFor(under)
	if !c.q.wantsArgs {
		args = nil
	}
	*r = rows{under: under, c: c, ctx: ctx, st: st, start: start, args: args, open: true}
	return w, nil
}

// rowsFor returns a wrapper for a result set: the last one again where it is
// closed and has the right interfaces.
func (c *conn) rowsFor(under driver.Rows) (driver.Rows, *rows) {
	t := reflect.TypeOf(under)
	if c.slot != nil && t == c.slotType && !c.slotRows.open {
		return c.slot, c.slotRows
	}
	w, r := rowsWith(setOf(under, rowsOptionals))
	if c.slot == nil || !c.slotRows.open {
		c.slot, c.slotRows, c.slotType = w, r, t
	} // else it is a second one, as SQLite allows
	return w, r
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
