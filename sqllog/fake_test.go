package sqllog_test

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"sync"
	"time"
)

// A fake is a driver with every optional interface, whose behaviour a test sets.
// It notes which methods are called.
type fake struct {
	mu    sync.Mutex
	calls []string

	err   error         // of a statement
	errAt string        // where err occurs: "exec" (also query), "next", "commit"; empty: everywhere but next and commit
	delay time.Duration // of a statement
	rows  int
}

func (f *fake) note(s string) {
	f.mu.Lock()
	f.calls = append(f.calls, s)
	f.mu.Unlock()
}

func (f *fake) fails(where string) error {
	if f.errAt == where || f.errAt == "" && (where == "exec" || where == "prepare") {
		return f.err
	}
	return nil
}

func (f *fake) statement() error {
	time.Sleep(f.delay)
	return f.fails("exec")
}

// Connector.
func (f *fake) Connect(context.Context) (driver.Conn, error)   { return &fakeConn{f}, nil }
func (f *fake) Driver() driver.Driver                          { return f }
func (f *fake) Open(string) (driver.Conn, error)               { return &fakeConn{f}, nil }
func (f *fake) OpenConnector(string) (driver.Connector, error) { return f, nil }
func (f *fake) Close() error                                   { f.note("Connector.Close"); return nil }
func (c *fakeConn) Prepare(string) (driver.Stmt, error)        { c.note("Prepare"); return c.stmt() }
func (c *fakeConn) Close() error                               { c.note("Close"); return nil }
func (c *fakeConn) Begin() (driver.Tx, error)                  { c.note("Begin"); return c, nil }
func (c *fakeConn) Ping(context.Context) error                 { c.note("Ping"); return nil }
func (c *fakeConn) ResetSession(context.Context) error         { c.note("ResetSession"); return nil }
func (c *fakeConn) IsValid() bool                              { c.note("IsValid"); return true }
func (c *fakeConn) CheckNamedValue(*driver.NamedValue) error   { c.note("CheckNamedValue"); return nil }
func (c *fakeConn) Exec(string, []driver.Value) (driver.Result, error) {
	c.note("Exec")
	return driver.RowsAffected(c.rows), c.statement()
}

type fakeConn struct{ *fake }

func (c *fakeConn) stmt() (driver.Stmt, error) {
	if err := c.fails("prepare"); err != nil {
		return nil, err
	}
	return &fakeStmt{c.fake}, nil
}

func (c *fakeConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	c.note("ExecContext")
	return driver.RowsAffected(c.rows), c.statement()
}

func (c *fakeConn) Query(string, []driver.Value) (driver.Rows, error) {
	c.note("Query")
	return &fakeRows{fake: c.fake}, c.statement()
}

func (c *fakeConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	c.note("QueryContext")
	if err := c.statement(); err != nil {
		return nil, err
	}
	return &fakeRows{fake: c.fake}, nil
}

func (c *fakeConn) PrepareContext(context.Context, string) (driver.Stmt, error) {
	c.note("PrepareContext")
	return c.stmt()
}

func (c *fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	c.note("BeginTx")
	return c, nil
}

func (c *fakeConn) Commit() error   { c.note("Commit"); time.Sleep(c.delay); return c.fails("commit") }
func (c *fakeConn) Rollback() error { c.note("Rollback"); return nil }

type fakeStmt struct{ *fake }

func (s *fakeStmt) Close() error  { s.note("Stmt.Close"); return nil }
func (s *fakeStmt) NumInput() int { return -1 }
func (s *fakeStmt) CheckNamedValue(*driver.NamedValue) error {
	s.note("Stmt.CheckNamedValue")
	return nil
}
func (s *fakeStmt) ColumnConverter(int) driver.ValueConverter {
	s.note("Stmt.ColumnConverter")
	return driver.DefaultParameterConverter
}

func (s *fakeStmt) Exec([]driver.Value) (driver.Result, error) {
	s.note("Stmt.Exec")
	return driver.RowsAffected(s.rows), s.statement()
}

func (s *fakeStmt) Query([]driver.Value) (driver.Rows, error) {
	s.note("Stmt.Query")
	return &fakeRows{fake: s.fake}, s.statement()
}

func (s *fakeStmt) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	s.note("Stmt.ExecContext")
	return driver.RowsAffected(s.rows), s.statement()
}

func (s *fakeStmt) QueryContext(context.Context, []driver.NamedValue) (driver.Rows, error) {
	s.note("Stmt.QueryContext")
	return &fakeRows{fake: s.fake}, s.statement()
}

type fakeRows struct {
	*fake
	at int
}

func (r *fakeRows) Columns() []string { return []string{"id"} }
func (r *fakeRows) Close() error      { r.note("Rows.Close"); return nil }
func (r *fakeRows) Next(dest []driver.Value) error {
	if r.at == r.rows {
		if err := r.fails("next"); err != nil {
			return err
		}
		return io.EOF
	}
	r.at++
	dest[0] = int64(r.at)
	return nil
}
func (r *fakeRows) HasNextResultSet() bool { r.note("HasNextResultSet"); return false }
func (r *fakeRows) NextResultSet() error   { r.note("NextResultSet"); return io.EOF }
func (r *fakeRows) ColumnTypeScanType(int) reflect.Type {
	r.note("ColumnTypeScanType")
	return reflect.TypeFor[int64]()
}
func (r *fakeRows) ColumnTypeDatabaseTypeName(int) string {
	r.note("ColumnTypeDatabaseTypeName")
	return "BIGINT"
}
func (r *fakeRows) ColumnTypeLength(int) (int64, bool) { r.note("ColumnTypeLength"); return 8, true }
func (r *fakeRows) ColumnTypeNullable(int) (bool, bool) {
	r.note("ColumnTypeNullable")
	return true, true
}
func (r *fakeRows) ColumnTypePrecisionScale(int) (int64, int64, bool) {
	r.note("ColumnTypePrecisionScale")
	return 1, 2, true
}
