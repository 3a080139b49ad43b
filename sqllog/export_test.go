package sqllog

import "database/sql/driver"

// For the tests of package sqllog_test: wrappers with a set of optional
// interfaces of the test's choice, to stand in for drivers.

func ConnWithSet(under driver.Conn, set int) driver.Conn {
	return connWith(under, silent(under), set)
}

func StmtWithSet(under driver.Stmt, set int) driver.Stmt {
	c := &conn{q: silent(nil)}
	return stmtWith(&stmt{under: under, c: c, st: verb("x")}, set)
}

func RowsWithSet(under driver.Rows, set int) driver.Rows {
	return rowsWith(&rows{under: under, c: &conn{q: silent(nil)}}, set)
}

func silent(driver.Conn) *queries { return newQueries(Config{Slow: -1}, nil) }

// Fingerprint returns what is known of an SQL text.
func Fingerprint(sql string, mysql bool) (normal, operation, table string) {
	st := parse(sql, mysql)
	return st.normal, st.operation, st.table
}

// NewCache returns a function that looks texts up in a new cache.
func NewCache() func(string) string {
	c := newCache(false)
	return func(text string) string { return c.statement(text).normal }
}
