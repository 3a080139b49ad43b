package sqllog

import (
	"context"
	"database/sql/driver"
)

//lint:file-ignore SA1019 the deprecated interfaces are kept where the driver has them.

// A wrapper has to have exactly the optional interfaces of what it wraps, and a
// type either has a method or not: ten optional interfaces want 1,024 types. Here
// they are the instances of one generic type. Each optional method has a type of
// its signature for a parameter: with error for it, the method is that of package
// driver; with absent, its signature is another, so that the type does not have
// the interface. The compiler makes all instances, since connWith and what it calls
// name them.

// absent stands for error in the method of an interface that a wrapper is not to
// have, which nobody calls. It has the same methods, but is another type. Being
// the underlying type of error, it shares the code of its instances; being no
// named type it keeps the names of those short, which are in every program.
type absent = interface{ Error() string }

// absentIndex stands for int in the same way.
type absentIndex int

// as returns v, which is nil or of the type that the interface of the method says.
func as[T any](v any) (t T) {
	if v != nil {
		t, _ = v.(T)
	}
	return t
}

// setOf returns which optional interfaces v has, a bit for each.
func setOf(v any, optionals []func(any) bool) (set int) {
	for i, has := range optionals {
		if has(v) {
			set |= 1 << i
		}
	}
	return set
}

func has[T any](v any) bool { _, ok := v.(T); return ok }

// A base is a connection that logs, without optional interfaces.
type base struct {
	_ [0]func() // no comparison, which would be code for each type
	c conn
}

func (b *base) unwrap() any { return b.c.under }

// Prepare prepares a statement.
func (b *base) Prepare(query string) (driver.Stmt, error) { return b.c.prepare(query) }

// Close closes the connection below.
func (b *base) Close() error { return b.c.under.Close() }

// Begin begins a transaction.
//
// Deprecated: as in [driver.Conn], which requires it.
func (b *base) Begin() (driver.Tx, error) { return b.c.begin() }

// An exactConn is a connection with the optional interfaces whose parameters are
// error (bool for the last): Pinger, Execer, ExecerContext, Queryer,
// QueryerContext, ConnPrepareContext, ConnBeginTx, SessionResetter,
// NamedValueChecker and Validator.
type exactConn[P, E, EC, Q, QC, PC, B, S, N, V any] struct{ base }

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) Ping(ctx context.Context) P {
	return as[P](w.c.ping(ctx))
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) Exec(query string, args []driver.Value) (driver.Result, E) {
	res, err := w.c.exec(query, args)
	return res, as[E](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, EC) {
	res, err := w.c.execContext(ctx, query, args)
	return res, as[EC](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) Query(query string, args []driver.Value) (driver.Rows, Q) {
	rows, err := w.c.query(query, args)
	return rows, as[Q](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, QC) {
	rows, err := w.c.queryContext(ctx, query, args)
	return rows, as[QC](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) PrepareContext(ctx context.Context, query string) (driver.Stmt, PC) {
	st, err := w.c.prepareContext(ctx, query)
	return st, as[PC](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, B) {
	tx, err := w.c.beginTx(ctx, o)
	return tx, as[B](err)
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) ResetSession(ctx context.Context) S {
	return as[S](w.c.resetSession(ctx))
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) CheckNamedValue(v *driver.NamedValue) N {
	return as[N](w.c.checkNamedValue(v))
}

func (w *exactConn[P, E, EC, Q, QC, PC, B, S, N, V]) IsValid() V { return as[V](w.c.isValid()) }

// newConn returns under with a log and the same optional interfaces.
func newConn(under driver.Conn, q *Statements) driver.Conn {
	w, c := connWith(setOf(under, connOptionals))
	c.under, c.q = under, q
	return w
}

// connOptionals tell the optional interfaces in the order of exactConn's parameters,
// which is that of the bits of a set of them.
var connOptionals = []func(any) bool{
	has[driver.Pinger],
	has[driver.Execer],
	has[driver.ExecerContext],
	has[driver.Queryer],
	has[driver.QueryerContext],
	has[driver.ConnPrepareContext],
	has[driver.ConnBeginTx],
	has[driver.SessionResetter],
	has[driver.NamedValueChecker],
	has[driver.Validator],
}

// connWith returns a wrapper with a set of optional interfaces, and what is to be
// set of it. Each function looks
// at one of them, the lowest bit, and leaves the rest to the next.
func connWith(set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connP[error](set >> 1)
	}
	return connP[absent](set >> 1)
}

func connP[P any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connE[P, error](set >> 1)
	}
	return connE[P, absent](set >> 1)
}

func connE[P, E any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connEC[P, E, error](set >> 1)
	}
	return connEC[P, E, absent](set >> 1)
}

func connEC[P, E, EC any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connQ[P, E, EC, error](set >> 1)
	}
	return connQ[P, E, EC, absent](set >> 1)
}

func connQ[P, E, EC, Q any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connQC[P, E, EC, Q, error](set >> 1)
	}
	return connQC[P, E, EC, Q, absent](set >> 1)
}

func connQC[P, E, EC, Q, QC any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connPC[P, E, EC, Q, QC, error](set >> 1)
	}
	return connPC[P, E, EC, Q, QC, absent](set >> 1)
}

func connPC[P, E, EC, Q, QC, PC any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connB[P, E, EC, Q, QC, PC, error](set >> 1)
	}
	return connB[P, E, EC, Q, QC, PC, absent](set >> 1)
}

func connB[P, E, EC, Q, QC, PC, B any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connS[P, E, EC, Q, QC, PC, B, error](set >> 1)
	}
	return connS[P, E, EC, Q, QC, PC, B, absent](set >> 1)
}

func connS[P, E, EC, Q, QC, PC, B, S any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		return connN[P, E, EC, Q, QC, PC, B, S, error](set >> 1)
	}
	return connN[P, E, EC, Q, QC, PC, B, S, absent](set >> 1)
}

func connN[P, E, EC, Q, QC, PC, B, S, N any](set int) (driver.Conn, *conn) {
	if set&1 != 0 {
		w := new(exactConn[P, E, EC, Q, QC, PC, B, S, N, bool])
		return w, &w.c
	}
	w := new(exactConn[P, E, EC, Q, QC, PC, B, S, N, absent])
	return w, &w.c
}
