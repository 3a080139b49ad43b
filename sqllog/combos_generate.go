//go:build ignore

// Command combos_generate writes combos_conn.go, combos_stmt.go and
// combos_rows.go: for each of the three, a type for every set of the optional
// interfaces that package driver knows.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"strings"
)

type optional struct {
	iface string
	facet string // of a conn: the type with the one method
	sigs  []string
}

var conns = []optional{
	{"Pinger", "pinger", []string{"Ping(ctx context.Context) error { return f.c.ping(ctx) }"}},
	{"Execer", "execer", []string{"Exec(q string, a []driver.Value) (driver.Result, error) { return f.c.exec(q, a) }"}},
	{"ExecerContext", "execerContext", []string{"ExecContext(ctx context.Context, q string, a []driver.NamedValue) (driver.Result, error) { return f.c.execContext(ctx, q, a) }"}},
	{"Queryer", "queryer", []string{"Query(q string, a []driver.Value) (driver.Rows, error) { return f.c.query(q, a) }"}},
	{"QueryerContext", "queryerContext", []string{"QueryContext(ctx context.Context, q string, a []driver.NamedValue) (driver.Rows, error) { return f.c.queryContext(ctx, q, a) }"}},
	{"ConnPrepareContext", "preparer", []string{"PrepareContext(ctx context.Context, q string) (driver.Stmt, error) { return f.c.prepareContext(ctx, q) }"}},
	{"ConnBeginTx", "beginner", []string{"BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) { return f.c.beginTx(ctx, o) }"}},
	{"SessionResetter", "resetter", []string{"ResetSession(ctx context.Context) error { return f.c.resetSession(ctx) }"}},
	{"Validator", "validator", []string{"IsValid() bool { return f.c.isValid() }"}},
	{"NamedValueChecker", "checker", []string{"CheckNamedValue(v *driver.NamedValue) error { return f.c.checkNamedValue(v) }"}},
}

var stmts = []optional{
	{"StmtExecContext", "", []string{"ExecContext(ctx context.Context, a []driver.NamedValue) (driver.Result, error) { return w.execContext(ctx, a) }"}},
	{"StmtQueryContext", "", []string{"QueryContext(ctx context.Context, a []driver.NamedValue) (driver.Rows, error) { return w.queryContext(ctx, a) }"}},
	{"NamedValueChecker", "", []string{"CheckNamedValue(v *driver.NamedValue) error { return w.checkNamedValue(v) }"}},
	{"ColumnConverter", "", []string{"ColumnConverter(i int) driver.ValueConverter { return w.columnConverter(i) }"}},
}

var rowsets = []optional{
	{"RowsNextResultSet", "", []string{"HasNextResultSet() bool { return w.hasNextResultSet() }", "NextResultSet() error { return w.nextResultSet() }"}},
	{"RowsColumnTypeScanType", "", []string{"ColumnTypeScanType(i int) reflect.Type { return w.columnTypeScanType(i) }"}},
	{"RowsColumnTypeDatabaseTypeName", "", []string{"ColumnTypeDatabaseTypeName(i int) string { return w.columnTypeDatabaseTypeName(i) }"}},
	{"RowsColumnTypeLength", "", []string{"ColumnTypeLength(i int) (int64, bool) { return w.columnTypeLength(i) }"}},
	{"RowsColumnTypeNullable", "", []string{"ColumnTypeNullable(i int) (bool, bool) { return w.columnTypeNullable(i) }"}},
	{"RowsColumnTypePrecisionScale", "", []string{"ColumnTypePrecisionScale(i int) (int64, int64, bool) { return w.columnTypePrecisionScale(i) }"}},
}

func main() {
	write("combos_conn.go", `"context"; "database/sql/driver"`, func(b *bytes.Buffer) {
		set(b, "connOptionals", "driver.Conn", conns)
		for _, o := range conns {
			fmt.Fprintf(b, "type %s struct{ c *conn }\n\nfunc (f %s) %s\n\n", o.facet, o.facet, o.sigs[0])
		}
		b.WriteString(`// connWith returns c with exactly the optional interfaces of the set: one
// embedded type for each. A connection is made rarely, so that the value may be
// allocated.
func connWith(c *conn, set int) driver.Conn {
switch set {
`)
		for s := 1; s < 1<<len(conns); s++ {
			var types, values []string
			for i, o := range conns {
				if s&(1<<i) != 0 {
					types, values = append(types, o.facet), append(values, o.facet+"{c}")
				}
			}
			fmt.Fprintf(b, "case %d: return struct{ *conn; %s }{c, %s}\n", s, strings.Join(types, "; "), strings.Join(values, ", "))
		}
		b.WriteString("}\nreturn c\n}\n")
	})
	write("combos_stmt.go", `"context"; "database/sql/driver"`, func(b *bytes.Buffer) {
		set(b, "stmtOptionals", "driver.Stmt", stmts)
		pointers(b, "stmt", "driver.Stmt", stmts)
	})
	write("combos_rows.go", `"database/sql/driver"; "reflect"`, func(b *bytes.Buffer) {
		set(b, "rowsOptionals", "driver.Rows", rowsets)
		pointers(b, "rows", "driver.Rows", rowsets)
	})
}

// set writes the function that returns the set of optional interfaces of a
// value.
func set(b *bytes.Buffer, name, of string, optionals []optional) {
	fmt.Fprintf(b, "// %s returns the set of optional interfaces that v has.\nfunc %s(v %s) (set int) {\n", name, name, of)
	for i, o := range optionals {
		fmt.Fprintf(b, "if _, ok := v.(driver.%s); ok { set |= %d }\n", o.iface, 1<<i)
	}
	b.WriteString("return set\n}\n\n")
}

// pointers writes types of one pointer each, which become interface values
// without allocating.
func pointers(b *bytes.Buffer, of, iface string, optionals []optional) {
	fmt.Fprintf(b, "// %sWith returns w with exactly the optional interfaces of the set.\nfunc %sWith(w *%s, set int) %s {\nswitch set {\n", of, of, of, iface)
	n := 1 << len(optionals)
	for s := 1; s < n; s++ {
		fmt.Fprintf(b, "case %d: return %s%d{w}\n", s, of, s)
	}
	b.WriteString("}\nreturn w\n}\n\n")
	for s := 1; s < n; s++ {
		fmt.Fprintf(b, "type %s%d struct{ *%s }\n\n", of, s, of)
		for i, o := range optionals {
			if s&(1<<i) != 0 {
				for _, sig := range o.sigs {
					fmt.Fprintf(b, "func (w %s%d) %s\n", of, s, sig)
				}
			}
		}
	}
}

func write(file, imports string, body func(*bytes.Buffer)) {
	var b bytes.Buffer
	b.WriteString(`// Code generated by combos_generate.go; DO NOT EDIT.

//lint:file-ignore SA1019 the deprecated interfaces are kept where the driver has them.

package sqllog

import (` + imports + ")\n\n")
	body(&b)
	src, err := format.Source(b.Bytes())
	if err == nil {
		err = os.WriteFile(file, src, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "write %s: %v\n", file, err)
		os.Exit(1)
	}
}
