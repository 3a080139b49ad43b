//go:build ignore

// Command combos_generate writes combos_conn.go, combos_stmt.go and
// combos_rows.go: for each of the three, a type for every set of the optional
// interfaces that package driver knows.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math/bits"
	"os"
)

type optional struct {
	iface   string
	methods []string
}

var conns = []optional{
	{"Pinger", []string{"Ping(ctx context.Context) error { return w.c.ping(ctx) }"}},
	{"Execer", []string{"Exec(q string, a []driver.Value) (driver.Result, error) { return w.c.exec(q, a) }"}},
	{"ExecerContext", []string{"ExecContext(ctx context.Context, q string, a []driver.NamedValue) (driver.Result, error) { return w.c.execContext(ctx, q, a) }"}},
	{"Queryer", []string{"Query(q string, a []driver.Value) (driver.Rows, error) { return w.c.query(q, a) }"}},
	{"QueryerContext", []string{"QueryContext(ctx context.Context, q string, a []driver.NamedValue) (driver.Rows, error) { return w.c.queryContext(ctx, q, a) }"}},
	{"ConnPrepareContext", []string{"PrepareContext(ctx context.Context, q string) (driver.Stmt, error) { return w.c.prepareContext(ctx, q) }"}},
	{"ConnBeginTx", []string{"BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) { return w.c.beginTx(ctx, o) }"}},
	{"SessionResetter", []string{"ResetSession(ctx context.Context) error { return w.c.resetSession(ctx) }"}},
	{"Validator", []string{"IsValid() bool { return w.c.isValid() }"}},
	{"NamedValueChecker", []string{"CheckNamedValue(v *driver.NamedValue) error { return w.c.checkNamedValue(v) }"}},
}

var stmts = []optional{
	{"StmtExecContext", []string{"ExecContext(ctx context.Context, a []driver.NamedValue) (driver.Result, error) { return w.execContext(ctx, a) }"}},
	{"StmtQueryContext", []string{"QueryContext(ctx context.Context, a []driver.NamedValue) (driver.Rows, error) { return w.queryContext(ctx, a) }"}},
	{"NamedValueChecker", []string{"CheckNamedValue(v *driver.NamedValue) error { return w.checkNamedValue(v) }"}},
	{"ColumnConverter", []string{"ColumnConverter(i int) driver.ValueConverter { return w.columnConverter(i) }"}},
}

var rowsets = []optional{
	{"RowsNextResultSet", []string{"HasNextResultSet() bool { return w.hasNextResultSet() }", "NextResultSet() error { return w.nextResultSet() }"}},
	{"RowsColumnTypeScanType", []string{"ColumnTypeScanType(i int) reflect.Type { return w.columnTypeScanType(i) }"}},
	{"RowsColumnTypeDatabaseTypeName", []string{"ColumnTypeDatabaseTypeName(i int) string { return w.columnTypeDatabaseTypeName(i) }"}},
	{"RowsColumnTypeLength", []string{"ColumnTypeLength(i int) (int64, bool) { return w.columnTypeLength(i) }"}},
	{"RowsColumnTypeNullable", []string{"ColumnTypeNullable(i int) (bool, bool) { return w.columnTypeNullable(i) }"}},
	{"RowsColumnTypePrecisionScale", []string{"ColumnTypePrecisionScale(i int) (int64, int64, bool) { return w.columnTypePrecisionScale(i) }"}},
}

func main() {
	write("combos_conn.go", `"context"; "database/sql/driver"`, func(b *bytes.Buffer) {
		set(b, "connOptionals", "driver.Conn", conns)
		chain(b)
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

// chain writes the types of connections. Each embeds the type of the set without
// its lowest interface and adds that interface. All of them begin with the base,
// so that the compiler's wrappers for what is embedded are single jumps, and
// nothing else is embedded: otherwise a thousand types would add megabytes to a
// program.
func chain(b *bytes.Buffer) {
	n := 1 << len(conns)
	b.WriteString(`// connTypes are the types of connections, by their sets: nil pointers, of which
// newConn makes values.
var connTypes = [...]initer{
`)
	for s := range n {
		fmt.Fprintf(b, "(*conn%d)(nil),", s)
		if s%8 == 7 {
			b.WriteString("\n")
		}
	}
	b.WriteString("}\n\ntype conn0 struct{ base }\n")
	for s := 1; s < n; s++ {
		o := conns[bits.TrailingZeros(uint(s))]
		fmt.Fprintf(b, "\ntype conn%d struct{ conn%d }\n", s, s&(s-1))
		for _, m := range o.methods {
			fmt.Fprintf(b, "func (w *conn%d) %s\n", s, m)
		}
	}
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
				for _, m := range o.methods {
					fmt.Fprintf(b, "func (w %s%d) %s\n", of, s, m)
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
