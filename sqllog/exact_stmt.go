package sqllog

import (
	"context"
	"database/sql/driver"
)

//lint:file-ignore SA1019 the deprecated interfaces are kept where the driver has them.

// An exactStmt is a prepared statement with the optional interfaces whose
// parameters are error for StmtExecContext, StmtQueryContext and
// NamedValueChecker, and int for ColumnConverter. See exactConn.
type exactStmt[EC, QC, N any, C ~int] struct{ stmt }

func (w *exactStmt[EC, QC, N, C]) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, EC) {
	res, err := w.execContext(ctx, args)
	return res, as[EC](err)
}

func (w *exactStmt[EC, QC, N, C]) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, QC) {
	rows, err := w.queryContext(ctx, args)
	return rows, as[QC](err)
}

func (w *exactStmt[EC, QC, N, C]) CheckNamedValue(v *driver.NamedValue) N {
	return as[N](w.checkNamedValue(v))
}

func (w *exactStmt[EC, QC, N, C]) ColumnConverter(i C) driver.ValueConverter {
	return w.columnConverter(int(i))
}

// stmtOptionals tell the optional interfaces in the order of exactStmt's parameters,
// which is that of the bits of a set of them.
var stmtOptionals = []func(any) bool{
	has[driver.StmtExecContext],
	has[driver.StmtQueryContext],
	has[driver.NamedValueChecker],
	has[driver.ColumnConverter],
}

// stmtWith returns a wrapper with a set of optional interfaces. See connWith.
func stmtWith(set int) (driver.Stmt, *stmt) {
	if set&1 != 0 {
		return stmtEC[error](set >> 1)
	}
	return stmtEC[absent](set >> 1)
}

func stmtEC[EC any](set int) (driver.Stmt, *stmt) {
	if set&1 != 0 {
		return stmtQC[EC, error](set >> 1)
	}
	return stmtQC[EC, absent](set >> 1)
}

func stmtQC[EC, QC any](set int) (driver.Stmt, *stmt) {
	if set&1 != 0 {
		return stmtN[EC, QC, error](set >> 1)
	}
	return stmtN[EC, QC, absent](set >> 1)
}

func stmtN[EC, QC, N any](set int) (driver.Stmt, *stmt) {
	if set&1 != 0 {
		w := new(exactStmt[EC, QC, N, int])
		return w, &w.stmt
	}
	w := new(exactStmt[EC, QC, N, absentIndex])
	return w, &w.stmt
}
