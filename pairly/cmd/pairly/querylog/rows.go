package querylog

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"
)

// rows counts what is read and how long the driver takes for it, and writes
// the statement's line when it is closed.
type rows struct {
	driver.Rows
	ctx   context.Context // of the query
	query string
	took  time.Duration
	n     int64
	err   error // the last that is not the end
	log   *queryLog
}

// Next reads one row.
func (r *rows) Next(dest []driver.Value) error {
	start := time.Now()
	err := r.Rows.Next(dest)
	r.took += time.Since(start)
	switch {
	case err == nil:
		r.n++
	case !errors.Is(err, io.EOF):
		r.err = err
	}
	return err
}

// Close ends the reading.
func (r *rows) Close() error {
	err := r.Rows.Close()
	r.log.write(r.ctx, r.query, r.took, r.n, errors.Join(r.err, err))
	return err
}

// HasNextResultSet reports whether another result follows.
func (r *rows) HasNextResultSet() bool {
	n, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && n.HasNextResultSet()
}

// NextResultSet goes on to the next result.
func (r *rows) NextResultSet() error {
	if n, ok := r.Rows.(driver.RowsNextResultSet); ok {
		return n.NextResultSet()
	}
	return io.EOF
}

// ColumnTypeDatabaseTypeName returns the database's name of a column's type,
// "" where the driver does not tell.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if c, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return c.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}
