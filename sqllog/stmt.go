package sqllog

import (
	"context"
	"database/sql/driver"
)

// A stmt is a prepared statement that logs. An exactStmt adds exactly the
// optional interfaces of the one below.
type stmt struct {
	under driver.Stmt
	c     *conn
	st    *Statement
}

func (s *stmt) unwrap() any { return s.under }

// Close closes the statement below.
func (s *stmt) Close() error { return s.under.Close() }

// NumInput returns the number of placeholders, -1 where the driver does not
// know.
func (s *stmt) NumInput() int { return s.under.NumInput() }

// Exec executes the statement.
//
// Deprecated: as in [driver.Stmt], which requires it.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	start := s.c.q.now()
	res, err := s.under.Exec(args)
	s.c.executed(context.Background(), s.st, start, res, err, named(args))
	return res, err
}

// Query executes the statement and returns its result set.
//
// Deprecated: as in [driver.Stmt], which requires it.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	start := s.c.q.now()
	under, err := s.under.Query(args)
	return s.c.opened(context.Background(), s.st, start, under, err, named(args))
}

func (s *stmt) execContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	start := s.c.q.now()
	res, err := s.under.(driver.StmtExecContext).ExecContext(ctx, args)
	s.c.executed(ctx, s.st, start, res, err, args)
	return res, err
}

func (s *stmt) queryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	start := s.c.q.now()
	under, err := s.under.(driver.StmtQueryContext).QueryContext(ctx, args)
	return s.c.opened(ctx, s.st, start, under, err, args)
}

func (s *stmt) checkNamedValue(v *driver.NamedValue) error {
	return s.under.(driver.NamedValueChecker).CheckNamedValue(v)
}

func (s *stmt) columnConverter(i int) driver.ValueConverter {
	//lint:ignore SA1019 kept where the driver has it
	return s.under.(driver.ColumnConverter).ColumnConverter(i)
}
