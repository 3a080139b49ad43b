package sqllog

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"reflect"
)

// Open opens a database as [sql.Open] does, with the registered driver of that
// name, and logs what goes through it. Like sql.Open it does not connect yet.
func Open(driverName, dsn string, c Config) (*sql.DB, error) {
	db, err := sql.Open(driverName, dsn)
	if err != nil {
		return nil, err
	}
	d := db.Driver()
	// Nothing was connected: this closes the driver's connector, if it can be.
	if err := db.Close(); err != nil {
		return nil, err
	}
	if dc, ok := d.(driver.DriverContext); ok {
		connector, err := dc.OpenConnector(dsn)
		if err != nil {
			return nil, err
		}
		return OpenDB(connector, c), nil
	}
	return OpenDB(dsnConnector{dsn, d}, c), nil
}

// OpenDB is [sql.OpenDB] with a log.
func OpenDB(connector driver.Connector, c Config) *sql.DB {
	return sql.OpenDB(Connector(connector, c))
}

// dsnConnector is the connector of a driver that has none, as in database/sql.
type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }

// Connector returns a connector whose connections log. It has [io.Closer]
// exactly when under has. Every connection and whatever it makes has exactly
// the optional interfaces of package driver that the one below has.
func Connector(under driver.Connector, c Config) driver.Connector {
	return connectorOf(under, statementsOf(c, under.Driver()))
}

func connectorOf(under driver.Connector, q *Statements) driver.Connector {
	w := &connector{under, q}
	if _, ok := under.(io.Closer); ok {
		return closingConnector{w}
	}
	return w
}

type connector struct {
	under driver.Connector
	q     *Statements
}

// Connect returns a connection that logs.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	under, err := c.under.Connect(ctx)
	if err != nil {
		return under, err
	}
	return newConn(under, c.q), nil
}

// Driver returns the driver that logs.
func (c *connector) Driver() driver.Driver { return driverOf(c.under.Driver(), c.q) }

type closingConnector struct{ *connector }

// Close closes the connector below.
func (c closingConnector) Close() error { return c.under.(io.Closer).Close() }

// Driver returns a driver whose connections log, for [sql.Register]. It has
// [driver.DriverContext] exactly when under has.
func Driver(under driver.Driver, c Config) driver.Driver {
	return driverOf(under, statementsOf(c, under))
}

func driverOf(under driver.Driver, q *Statements) driver.Driver {
	w := &plainDriver{under, q}
	if _, ok := under.(driver.DriverContext); ok {
		return contextDriver{w}
	}
	return w
}

type plainDriver struct {
	under driver.Driver
	q     *Statements
}

// Open returns a connection that logs.
func (d *plainDriver) Open(dsn string) (driver.Conn, error) {
	under, err := d.under.Open(dsn)
	if err != nil {
		return under, err
	}
	return newConn(under, d.q), nil
}

type contextDriver struct{ *plainDriver }

// OpenConnector returns a connector whose connections log.
func (d contextDriver) OpenConnector(dsn string) (driver.Connector, error) {
	under, err := d.under.(driver.DriverContext).OpenConnector(dsn)
	if err != nil {
		return under, err
	}
	return connectorOf(under, d.q), nil
}

// Unwrap returns what a wrapper of this package wraps: the driver's own
// connection, given what [sql.Conn.Raw] gives. Anything else is returned as it
// is.
func Unwrap(wrapped any) any {
	switch w := wrapped.(type) {
	case interface{ unwrap() any }:
		return w.unwrap()
	case dsnConnector:
		return w.driver
	}
	return wrapped
}

func (c *connector) unwrap() any   { return c.under }
func (d *plainDriver) unwrap() any { return d.under }

// packageOf returns the path of the package that v's type is of.
func packageOf(v any) string {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return ""
	}
	return t.PkgPath()
}
