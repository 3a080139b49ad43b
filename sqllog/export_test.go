package sqllog

import "database/sql/driver"

// For the tests of package sqllog_test: wrappers with a set of optional
// interfaces of the test's choice, to stand in for drivers.

func ConnWithSet(under driver.Conn, set int) driver.Conn {
	w, c := connWith(set)
	c.under, c.q = under, silent()
	return w
}

func StmtWithSet(under driver.Stmt, set int) driver.Stmt {
	w, s := stmtWith(set)
	*s = stmt{under: under, c: &conn{q: silent()}, st: verb("x")}
	return w
}

func RowsWithSet(under driver.Rows, set int) driver.Rows {
	w, r := rowsWith(set)
	*r = rows{under: under, c: &conn{q: silent()}}
	return w
}

func silent() *Statements { return NewStatements(Config{Slow: -1}) }
