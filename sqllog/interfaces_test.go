package sqllog_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/pairly/pairlog/sqllog"
)

// A probe knows one optional interface: whether a value has it, and how to call
// it.
type probe struct {
	name string
	has  func(any) bool
	call func(any)
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

var ctx = context.Background()

//lint:file-ignore SA1019 the deprecated interfaces are kept where a driver has them.

// The optional interfaces in the order of their bits in the package.
var connProbes = []probe{
	{"Ping", is[driver.Pinger], func(v any) { v.(driver.Pinger).Ping(ctx) }},
	{"Exec", is[driver.Execer], func(v any) { v.(driver.Execer).Exec("x", nil) }},
	{"ExecContext", is[driver.ExecerContext], func(v any) { v.(driver.ExecerContext).ExecContext(ctx, "x", nil) }},
	{"Query", is[driver.Queryer], func(v any) { closeRows(v.(driver.Queryer).Query("x", nil)) }},
	{"QueryContext", is[driver.QueryerContext], func(v any) { closeRows(v.(driver.QueryerContext).QueryContext(ctx, "x", nil)) }},
	{"PrepareContext", is[driver.ConnPrepareContext], func(v any) { v.(driver.ConnPrepareContext).PrepareContext(ctx, "x") }},
	{"BeginTx", is[driver.ConnBeginTx], func(v any) { v.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{}) }},
	{"ResetSession", is[driver.SessionResetter], func(v any) { v.(driver.SessionResetter).ResetSession(ctx) }},
	{"CheckNamedValue", is[driver.NamedValueChecker], func(v any) { v.(driver.NamedValueChecker).CheckNamedValue(&driver.NamedValue{}) }},
	{"IsValid", is[driver.Validator], func(v any) { v.(driver.Validator).IsValid() }},
}

var stmtProbes = []probe{
	{"Stmt.ExecContext", is[driver.StmtExecContext], func(v any) { v.(driver.StmtExecContext).ExecContext(ctx, nil) }},
	{"Stmt.QueryContext", is[driver.StmtQueryContext], func(v any) { closeRows(v.(driver.StmtQueryContext).QueryContext(ctx, nil)) }},
	{"Stmt.CheckNamedValue", is[driver.NamedValueChecker], func(v any) { v.(driver.NamedValueChecker).CheckNamedValue(&driver.NamedValue{}) }},
	{"Stmt.ColumnConverter", is[driver.ColumnConverter], func(v any) { v.(driver.ColumnConverter).ColumnConverter(0) }},
}

var rowsProbes = []probe{
	{"HasNextResultSet", is[driver.RowsNextResultSet], func(v any) { v.(driver.RowsNextResultSet).HasNextResultSet() }},
	{"ColumnTypeScanType", is[driver.RowsColumnTypeScanType], func(v any) { v.(driver.RowsColumnTypeScanType).ColumnTypeScanType(0) }},
	{"ColumnTypeDatabaseTypeName", is[driver.RowsColumnTypeDatabaseTypeName], func(v any) {
		v.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(0)
	}},
	{"ColumnTypeLength", is[driver.RowsColumnTypeLength], func(v any) { v.(driver.RowsColumnTypeLength).ColumnTypeLength(0) }},
	{"ColumnTypeNullable", is[driver.RowsColumnTypeNullable], func(v any) { v.(driver.RowsColumnTypeNullable).ColumnTypeNullable(0) }},
	{"ColumnTypePrecisionScale", is[driver.RowsColumnTypePrecisionScale], func(v any) {
		v.(driver.RowsColumnTypePrecisionScale).ColumnTypePrecisionScale(0)
	}},
}

func closeRows(r driver.Rows, err error) {
	if err == nil {
		r.Close()
	}
}

func setOf(v any, probes []probe) (set int) {
	for i, p := range probes {
		if p.has(v) {
			set |= 1 << i
		}
	}
	return set
}

// The probes are of all optional interfaces that package driver has: a new one is
// found here when Go has it. The others are what every driver has, and those of
// values, which pass through as they are.
func TestEveryInterface(t *testing.T) {
	known := []string{
		"Driver", "DriverContext", "Connector", "Conn", "Stmt", "Rows", "Tx", "Result", // see the tests below
		"ValueConverter", "Valuer", "decimalDecompose",
		"Pinger", "Execer", "ExecerContext", "Queryer", "QueryerContext", "ConnPrepareContext", "ConnBeginTx",
		"SessionResetter", "Validator", "NamedValueChecker",
		"StmtExecContext", "StmtQueryContext", "ColumnConverter",
		"RowsNextResultSet", "RowsColumnTypeScanType", "RowsColumnTypeDatabaseTypeName", "RowsColumnTypeLength",
		"RowsColumnTypeNullable", "RowsColumnTypePrecisionScale",
	}
	pkg, err := build.Import("database/sql/driver", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if _, ok := spec.Type.(*ast.InterfaceType); ok {
					found++
					if !slices.Contains(known, spec.Name.Name) {
						t.Errorf("package driver has %s, which no wrapper keeps", spec.Name.Name)
					}
				}
			}
			return true
		})
	}
	if found != len(known) {
		t.Errorf("package driver has %d interfaces, want %d", found, len(known))
	}
	if got, want := len(connProbes)+len(stmtProbes)+len(rowsProbes), len(known)-11+1; got != want {
		t.Errorf("%d probes, want %d: NamedValueChecker is of connections and of statements", got, want)
	}
}

// one is a connector for one connection of the test's own.
type one struct{ conn driver.Conn }

func (o one) Connect(context.Context) (driver.Conn, error) { return o.conn, nil }
func (o one) Driver() driver.Driver                        { return noDriver{} }

type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) { return nil, driver.ErrBadConn }

func wrapped(t *testing.T, under driver.Conn) driver.Conn {
	c, err := sqllog.Connector(one{under}, sqllog.Config{Logger: discard}).Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A connection has exactly the interfaces of the one below, in each of the 1,024
// combinations.
func TestConnInterfaces(t *testing.T) {
	for set := range 1 << len(connProbes) {
		under := sqllog.ConnWithSet(&fakeConn{&fake{}}, set)
		if got := setOf(under, connProbes); got != set {
			t.Fatalf("the test's own connection has %010b, want %010b", got, set)
		}
		if got := setOf(wrapped(t, under), connProbes); got != set {
			t.Errorf("wrapped: %010b, want %010b", got, set)
		}
	}
}

// The same for the 16 of a statement, however it was prepared.
func TestStmtInterfaces(t *testing.T) {
	for set := range 1 << len(stmtProbes) {
		under := sqllog.StmtWithSet(&fakeStmt{&fake{}}, set)
		if got := setOf(under, stmtProbes); got != set {
			t.Fatalf("the test's own statement has %04b, want %04b", got, set)
		}
		c := wrapped(t, &preparing{fakeConn{&fake{}}, under})
		for _, prepare := range []func() (driver.Stmt, error){
			func() (driver.Stmt, error) { return c.Prepare("x") },
			func() (driver.Stmt, error) { return c.(driver.ConnPrepareContext).PrepareContext(ctx, "x") },
		} {
			s, err := prepare()
			if err != nil {
				t.Fatal(err)
			}
			if got := setOf(s, stmtProbes); got != set {
				t.Errorf("wrapped: %04b, want %04b", got, set)
			}
		}
	}
}

// The same for the 64 of a result set, wherever it comes from.
func TestRowsInterfaces(t *testing.T) {
	for set := range 1 << len(rowsProbes) {
		under := sqllog.RowsWithSet(&fakeRows{fake: &fake{}}, set)
		if got := setOf(under, rowsProbes); got != set {
			t.Fatalf("the test's own result set has %06b, want %06b", got, set)
		}
		c := wrapped(t, &querying{fakeConn{&fake{}}, under})
		fromConn, err := c.(driver.QueryerContext).QueryContext(ctx, "x", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := setOf(fromConn, rowsProbes); got != set {
			t.Errorf("wrapped: %06b, want %06b", got, set)
		}
	}
}

type preparing struct {
	fakeConn
	stmt driver.Stmt
}

func (c *preparing) Prepare(string) (driver.Stmt, error) { return c.stmt, nil }
func (c *preparing) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return c.stmt, nil
}

type querying struct {
	fakeConn
	rows driver.Rows
}

func (c *querying) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return c.rows, nil
}

// Connector and driver keep io.Closer and DriverContext.
func TestConnectorInterfaces(t *testing.T) {
	f := &fake{}
	if c := sqllog.Connector(f, sqllog.Config{}); !is[io.Closer](c) {
		t.Error("the connector lost io.Closer")
	} else if c.(io.Closer).Close(); len(f.calls) != 1 {
		t.Errorf("calls %v, want Connector.Close", f.calls)
	}
	if c := sqllog.Connector(one{}, sqllog.Config{}); is[io.Closer](c) {
		t.Error("the connector gained io.Closer")
	}
	if d := sqllog.Driver(f, sqllog.Config{}); !is[driver.DriverContext](d) {
		t.Error("the driver lost driver.DriverContext")
	}
	if d := sqllog.Driver(noDriver{}, sqllog.Config{}); is[driver.DriverContext](d) {
		t.Error("the driver gained driver.DriverContext")
	}
}

// Each optional method reaches the one below.
func TestOptionalMethods(t *testing.T) {
	check := func(v any, f *fake, probes []probe) {
		t.Helper()
		for _, p := range probes {
			f.calls = nil
			p.call(v)
			if len(f.calls) == 0 || f.calls[0] != p.name {
				t.Errorf("%s called %v", p.name, f.calls)
			}
		}
	}
	f := &fake{}
	c := wrapped(t, &fakeConn{f})
	check(c, f, connProbes)
	s, _ := c.Prepare("x")
	check(s, f, stmtProbes)
	r, _ := c.(driver.QueryerContext).QueryContext(ctx, "x", nil)
	check(r, f, rowsProbes)
	r.(driver.RowsNextResultSet).NextResultSet()
	tx, _ := c.Begin()
	tx.Commit()
	tx.Rollback()
	s.Close()
	c.Close()
	want := []string{"ColumnTypePrecisionScale", "NextResultSet", "Begin", "Commit", "Rollback", "Stmt.Close", "Close"}
	if !reflect.DeepEqual(f.calls, want) {
		t.Errorf("calls %v, want %v", f.calls, want)
	}
}

// failing is a connection whose methods all fail.
type failing struct{}

var errFailing = errors.New("failing")

func (failing) Close() error                                                 { return errFailing }
func (failing) Prepare(string) (driver.Stmt, error)                          { return nil, errFailing }
func (failing) Begin() (driver.Tx, error)                                    { return nil, errFailing }
func (failing) Ping(context.Context) error                                   { return errFailing }
func (failing) ResetSession(context.Context) error                           { return errFailing }
func (failing) IsValid() bool                                                { return false }
func (failing) CheckNamedValue(*driver.NamedValue) error                     { return errFailing }
func (failing) Exec(string, []driver.Value) (driver.Result, error)           { return nil, errFailing }
func (failing) Query(string, []driver.Value) (driver.Rows, error)            { return nil, errFailing }
func (failing) PrepareContext(context.Context, string) (driver.Stmt, error)  { return nil, errFailing }
func (failing) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return nil, errFailing }
func (failing) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, errFailing
}
func (failing) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, errFailing
}

// The driver's own errors come back, and nothing beside them.
func TestErrorsOfOptionalMethods(t *testing.T) {
	c := wrapped(t, failing{}).(interface {
		driver.Conn
		driver.Pinger
		driver.Execer
		driver.ExecerContext
		driver.Queryer
		driver.QueryerContext
		driver.ConnPrepareContext
		driver.ConnBeginTx
		driver.SessionResetter
		driver.NamedValueChecker
		driver.Validator
	})
	check := func(what string, v any, err error) {
		t.Helper()
		if v != nil || err != errFailing {
			t.Errorf("%s = %v, %v, want nil and the driver's error", what, v, err)
		}
	}
	check("Ping", nil, c.Ping(ctx))
	check("ResetSession", nil, c.ResetSession(ctx))
	check("CheckNamedValue", nil, c.CheckNamedValue(nil))
	check("Close", nil, c.Close())
	res, err := c.Exec("x", nil)
	check("Exec", res, err)
	res, err = c.ExecContext(ctx, "x", nil)
	check("ExecContext", res, err)
	rows, err := c.Query("x", nil)
	check("Query", rows, err)
	rows, err = c.QueryContext(ctx, "x", nil)
	check("QueryContext", rows, err)
	s, err := c.PrepareContext(ctx, "x")
	check("PrepareContext", s, err)
	s, err = c.Prepare("x")
	check("Prepare", s, err)
	tx, err := c.BeginTx(ctx, driver.TxOptions{})
	check("BeginTx", tx, err)
	if c.IsValid() {
		t.Error("IsValid, want the driver's false")
	}
}

// Raw code reaches the driver's own connection.
func TestUnwrap(t *testing.T) {
	db := sqllog.OpenDB(&fake{}, sqllog.Config{Logger: discard})
	defer db.Close()
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Raw(func(raw any) error {
		if _, ok := sqllog.Unwrap(raw).(*fakeConn); !ok {
			t.Errorf("Unwrap gives %T, want *fakeConn", sqllog.Unwrap(raw))
		}
		return nil
	})
	if _, ok := sqllog.Unwrap(db.Driver()).(*fake); !ok {
		t.Errorf("Unwrap gives %T, want *fake", sqllog.Unwrap(db.Driver()))
	}
	var _ *sql.DB = db
}
