package sqllog

import (
	"database/sql/driver"
	"reflect"
)

// An exactRows is a result set with the optional interfaces whose parameters are
// error for RowsNextResultSet, and int for RowsColumnTypeScanType, …DatabaseTypeName,
// …Length, …Nullable and …PrecisionScale. See exactConn.
type exactRows[R any, S, D, L, N, P ~int] struct{ rows }

func (w *exactRows[R, S, D, L, N, P]) HasNextResultSet() bool { return w.hasNextResultSet() }

func (w *exactRows[R, S, D, L, N, P]) NextResultSet() R { return as[R](w.nextResultSet()) }

func (w *exactRows[R, S, D, L, N, P]) ColumnTypeScanType(i S) reflect.Type {
	return w.columnTypeScanType(int(i))
}

func (w *exactRows[R, S, D, L, N, P]) ColumnTypeDatabaseTypeName(i D) string {
	return w.columnTypeDatabaseTypeName(int(i))
}

func (w *exactRows[R, S, D, L, N, P]) ColumnTypeLength(i L) (length int64, ok bool) {
	return w.columnTypeLength(int(i))
}

func (w *exactRows[R, S, D, L, N, P]) ColumnTypeNullable(i N) (nullable, ok bool) {
	return w.columnTypeNullable(int(i))
}

func (w *exactRows[R, S, D, L, N, P]) ColumnTypePrecisionScale(i P) (precision, scale int64, ok bool) {
	return w.columnTypePrecisionScale(int(i))
}

// rowsOptionals tell the optional interfaces in the order of exactRows's parameters,
// which is that of the bits of a set of them.
var rowsOptionals = []func(any) bool{
	has[driver.RowsNextResultSet],
	has[driver.RowsColumnTypeScanType],
	has[driver.RowsColumnTypeDatabaseTypeName],
	has[driver.RowsColumnTypeLength],
	has[driver.RowsColumnTypeNullable],
	has[driver.RowsColumnTypePrecisionScale],
}

// rowsWith returns a wrapper with a set of optional interfaces. See connWith.
func rowsWith(set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		return rowsR[error](set >> 1)
	}
	return rowsR[absent](set >> 1)
}

func rowsR[R any](set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		return rowsS[R, int](set >> 1)
	}
	return rowsS[R, absentIndex](set >> 1)
}

func rowsS[R any, S ~int](set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		return rowsD[R, S, int](set >> 1)
	}
	return rowsD[R, S, absentIndex](set >> 1)
}

func rowsD[R any, S, D ~int](set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		return rowsL[R, S, D, int](set >> 1)
	}
	return rowsL[R, S, D, absentIndex](set >> 1)
}

func rowsL[R any, S, D, L ~int](set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		return rowsN[R, S, D, L, int](set >> 1)
	}
	return rowsN[R, S, D, L, absentIndex](set >> 1)
}

func rowsN[R any, S, D, L, N ~int](set int) (driver.Rows, *rows) {
	if set&1 != 0 {
		w := new(exactRows[R, S, D, L, N, int])
		return w, &w.rows
	}
	w := new(exactRows[R, S, D, L, N, absentIndex])
	return w, &w.rows
}
