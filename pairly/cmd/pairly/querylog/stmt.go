package querylog

import (
	"context"
	"database/sql/driver"
	"time"
)

// A stmt is a prepared statement that logs its runs.
type stmt struct {
	driver.Stmt
	query string
	log   *queryLog
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

// ExecContext runs the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	var result driver.Result
	var err error
	if e, ok := s.Stmt.(driver.StmtExecContext); ok {
		result, err = e.ExecContext(ctx, args)
	} else {
		//lint:ignore SA1019 what database/sql calls where ExecContext is missing
		result, err = s.Stmt.Exec(values(args))
	}
	s.log.executed(ctx, s.query, time.Since(start), result, err)
	return result, err
}

// QueryContext runs the statement and returns its rows.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	var inner driver.Rows
	var err error
	if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
		inner, err = q.QueryContext(ctx, args)
	} else {
		//lint:ignore SA1019 what database/sql calls where QueryContext is missing
		inner, err = s.Stmt.Query(values(args))
	}
	return s.log.queried(ctx, s.query, time.Since(start), inner, err)
}

// CheckNamedValue converts an argument for the driver.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func values(args []driver.NamedValue) []driver.Value {
	vs := make([]driver.Value, len(args))
	for i, a := range args {
		vs[i] = a.Value
	}
	return vs
}
