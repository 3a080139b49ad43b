package sqllog

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"time"
)

// rows is a result set that logs when it is closed: a query has taken place
// when its rows are read. An exactRows adds exactly the optional
// interfaces of the one below.
//
// A rows belongs to its connection and is used again for the next query, which
// database/sql does not send before this one is closed.
type rows struct {
	under driver.Rows
	c     *conn
	ctx   context.Context
	st    *Statement
	start time.Duration
	args  []driver.NamedValue
	n     int64
	err   error // of Next
	open  bool
}

func (r *rows) unwrap() any { return r.under }

// Columns returns the names of the columns.
func (r *rows) Columns() []string { return r.under.Columns() }

// Next reads a row. Some drivers execute the statement only here, so its error
// is the statement's.
func (r *rows) Next(dest []driver.Value) error {
	err := r.under.Next(dest)
	if err == nil {
		r.n++
	} else if err != io.EOF {
		r.err = err
	}
	return err
}

// Close closes the result set below and accounts for the statement.
func (r *rows) Close() error {
	if !r.open {
		return r.under.Close()
	}
	err := r.under.Close()
	e := Execution{Statement: r.st, Took: r.c.q.now() - r.start, Err: r.err, Rows: r.n, args: r.args}
	if e.Err == nil {
		e.Err = err
	}
	if r.c.tx != nil {
		r.c.tx.statements++
	}
	r.c.q.done(r.ctx, &e)
	r.open = false
	r.ctx, r.args = nil, nil
	return err
}

func (r *rows) hasNextResultSet() bool {
	return r.under.(driver.RowsNextResultSet).HasNextResultSet()
}

func (r *rows) nextResultSet() error { return r.under.(driver.RowsNextResultSet).NextResultSet() }

func (r *rows) columnTypeScanType(i int) reflect.Type {
	return r.under.(driver.RowsColumnTypeScanType).ColumnTypeScanType(i)
}

func (r *rows) columnTypeDatabaseTypeName(i int) string {
	return r.under.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i)
}

func (r *rows) columnTypeLength(i int) (int64, bool) {
	return r.under.(driver.RowsColumnTypeLength).ColumnTypeLength(i)
}

func (r *rows) columnTypeNullable(i int) (nullable, ok bool) {
	return r.under.(driver.RowsColumnTypeNullable).ColumnTypeNullable(i)
}

func (r *rows) columnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	return r.under.(driver.RowsColumnTypePrecisionScale).ColumnTypePrecisionScale(i)
}
