package querylog

import (
	"context"
	"database/sql/driver"
	"log/slog"
	"time"
)

// Config says what is logged. Log is required.
type Config struct {
	Log *slog.Logger // db.query
	// Slow is how long a statement may take before it is logged at WARNING;
	// 0 means 200 ms, -1 turns that off.
	Slow time.Duration
	// All logs every statement, at DEBUG.
	All bool
	// Expected, when set, reports whether an error of the driver is part of
	// the program's work, such as a unique key that is taken, and no failure.
	Expected func(error) bool
}

// Wrap returns a connector whose connections log what they are asked.
func Wrap(c driver.Connector, config Config) driver.Connector {
	if config.Slow == 0 {
		config.Slow = 200 * time.Millisecond
	}
	if config.Expected == nil {
		config.Expected = func(error) bool { return false }
	}
	return &connector{Connector: c, log: &queryLog{Config: config, known: statements{parsed: map[string]statement{}}}}
}

// A connector opens connections of another one and wraps them.
type connector struct {
	driver.Connector
	log *queryLog
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: inner, log: c.log}, nil
}

// A conn passes everything on to the driver's connection. Where that one
// lacks an optional method, conn answers what database/sql assumes then.
type conn struct {
	driver.Conn
	log *queryLog
}

var (
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// BeginTx begins a transaction.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	//lint:ignore SA1019 what database/sql calls where BeginTx is missing
	return c.Conn.Begin()
}

// PrepareContext prepares a statement. What is run through it is logged too.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	var inner driver.Stmt
	var err error
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		inner, err = p.PrepareContext(ctx, query)
	} else {
		inner, err = c.Conn.Prepare(query)
	}
	if err != nil {
		c.log.write(ctx, query, 0, -1, err)
		return nil, err
	}
	return &stmt{Stmt: inner, query: query, log: c.log}, nil
}

// Prepare prepares a statement.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// ExecContext runs a statement that returns no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	e, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	start := time.Now()
	result, err := e.ExecContext(ctx, query, args)
	c.log.executed(ctx, query, time.Since(start), result, err)
	return result, err
}

// QueryContext runs a statement that returns rows. Its line is written when
// they have been read.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	q, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	start := time.Now()
	inner, err := q.QueryContext(ctx, query, args)
	return c.log.queried(ctx, query, time.Since(start), inner, err)
}

// Ping asks whether the database answers.
func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.Conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

// ResetSession prepares the connection for its next user.
func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

// IsValid reports whether the pool may keep the connection.
func (c *conn) IsValid() bool {
	if v, ok := c.Conn.(driver.Validator); ok {
		return v.IsValid()
	}
	return true
}

// CheckNamedValue converts an argument for the driver.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
