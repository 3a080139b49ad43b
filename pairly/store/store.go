package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// Config says how to open a [Store]. The zero value works.
type Config struct {
	// Log is the logger db.pool; nil discards.
	Log *slog.Logger
	// MigrationLog is the logger db.migration; nil discards.
	MigrationLog *slog.Logger
	// WrapConnector, when set, wraps the driver's connector, to observe
	// statements. It is called once.
	WrapConnector func(driver.Connector) driver.Connector
	// MaxConns bounds the open connections; 0 means 16. An SQLite database in
	// memory always has one.
	MaxConns int
	// PoolReport is told the state of the connection pool, now and at the report
	// before. Nil means nobody is.
	PoolReport func(last, now sql.DBStats)
	// PoolReportEvery is the time between two reports; 0 means 60 seconds.
	PoolReportEvery time.Duration
	// ConnectTimeout bounds the first connection; 0 means 10 seconds.
	ConnectTimeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Supervise calls a loop that the store runs beside its callers, and returns
	// when the loop has: so that a service can keep a panic of it from ending
	// the process. Nil means a plain call.
	Supervise func(loop func())
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MigrationLog == nil {
		c.MigrationLog = slog.New(slog.DiscardHandler)
	}
	if c.MaxConns == 0 {
		c.MaxConns = 16
	}
	if c.PoolReportEvery == 0 {
		c.PoolReportEvery = time.Minute
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Supervise == nil {
		c.Supervise = func(loop func()) { loop() }
	}
	return c
}

// A Store is an open database. It is safe for concurrent use.
type Store struct {
	db  *sql.DB
	d   *dialect
	now func() time.Time

	// writer is held by whoever writes on SQLite, where one connection writes
	// at a time: waiting here is fair and ends with the context, waiting in
	// SQLite's busy handler is neither. Nil on PostgreSQL.
	writer chan struct{}

	rebound sync.Map // query with ? -> query with $n

	stop chan struct{} // closed by Close
	done sync.WaitGroup
}

// Open connects to the database at url, applies the migrations that are
// missing, and returns the store. The url is sqlite://FILE (a path relative
// to the working directory, or absolute with a third slash), sqlite://:memory:
// or postgres://…; parameters after a question mark go to the driver. Close
// the store when done.
func Open(ctx context.Context, url string, c Config) (*Store, error) {
	c = c.withDefaults()
	target, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	connector, err := target.connector()
	if err != nil {
		return nil, fmt.Errorf("open %s database: %w", target.dialect.name, err)
	}
	if c.WrapConnector != nil {
		connector = c.WrapConnector(connector)
	}
	s := &Store{
		db:   sql.OpenDB(connector),
		d:    target.dialect,
		now:  c.Now,
		stop: make(chan struct{}),
	}
	conns := c.MaxConns
	if target.memory {
		conns = 1
	}
	s.db.SetMaxOpenConns(conns)
	s.db.SetMaxIdleConns(conns)
	if s.d == sqliteDialect {
		s.writer = make(chan struct{}, 1)
	}
	if err := s.connect(ctx, target, c); err != nil {
		s.db.Close()
		return nil, err
	}
	if err := s.migrate(ctx, c.MigrationLog); err != nil {
		s.db.Close()
		return nil, err
	}
	if c.PoolReport != nil {
		s.done.Go(func() { c.Supervise(func() { s.reportPool(c.PoolReport, c.PoolReportEvery) }) })
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, target target, c Config) error {
	ctx, cancel := context.WithTimeout(ctx, c.ConnectTimeout)
	defer cancel()
	start := time.Now()
	if err := s.db.PingContext(ctx); err != nil {
		c.Log.LogAttrs(ctx, pairly.LevelCritical, "db_connection_failed",
			slog.String("driver", s.d.name),
			slog.String("host", target.host),
			slog.String("error_type", pairly.ErrorType(err)))
		return fmt.Errorf("connect to %s database %s: %w", s.d.name, target.database, err)
	}
	c.Log.LogAttrs(ctx, slog.LevelInfo, "db_connected",
		slog.String("driver", s.d.name),
		slog.String("host", target.host),
		slog.String("database", target.database),
		slog.Duration("duration_ms", time.Since(start)))
	return nil
}

// Close waits for the store's own goroutine and closes the connections. Call
// it when nobody uses the store any more.
func (s *Store) Close() error {
	close(s.stop)
	s.done.Wait()
	return s.db.Close()
}

// Ping reports whether the database answers; readiness checks ask it.
func (s *Store) Ping(ctx context.Context) error {
	return s.d.classify(s.db.PingContext(ctx))
}

// Stats returns the state of the connection pool.
func (s *Store) Stats() sql.DBStats { return s.db.Stats() }
