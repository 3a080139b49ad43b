package bench

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/XSAM/otelsql"
	"github.com/ngrok/sqlmw"
	sqldblogger "github.com/simukti/sqldb-logger"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sqllog"
)

// An sqlRival watches a database; open returns it with what flushes its logger.
type sqlRival struct {
	name  string
	every bool // it writes a line for every statement, else none for a quick one
	open  func(w io.Writer) (*sql.DB, func())
}

// sqlRivals are the wrappers of database/sql that are compared, over one driver
// in memory. "bare" is the driver alone.
var sqlRivals = []sqlRival{
	{"bare", false, func(io.Writer) (*sql.DB, func()) { return sql.OpenDB(memory{}), func() {} }},
	{"pairlog", false, func(w io.Writer) (*sql.DB, func()) { return openPairlogSQL(w, false) }},
	{"sqlmw", false, func(w io.Writer) (*sql.DB, func()) { return openSQLMW(w, slowQuery) }},
	{"sqldb-logger", false, func(w io.Writer) (*sql.DB, func()) { return openSQLDBLogger(w, sqldblogger.LevelError) }},
	{"otelsql", false, func(io.Writer) (*sql.DB, func()) {
		return otelsql.OpenDB(memory{}, otelsql.WithTracerProvider(tracenoop.NewTracerProvider()),
			otelsql.WithMeterProvider(metricnoop.NewMeterProvider())), func() {}
	}},
	{"pairlog-every", true, func(w io.Writer) (*sql.DB, func()) { return openPairlogSQL(w, true) }},
	{"sqlmw-every", true, func(w io.Writer) (*sql.DB, func()) { return openSQLMW(w, 0) }},
	{"sqldb-logger-every", true, func(w io.Writer) (*sql.DB, func()) { return openSQLDBLogger(w, sqldblogger.LevelInfo) }},
}

// slowQuery is the threshold of the wrappers that have one.
const slowQuery = 200 * time.Millisecond

func openPairlogSQL(w io.Writer, every bool) (*sql.DB, func()) {
	p, err := pairlog.Open(pairlog.Config{
		Level: slog.LevelDebug, Sinks: []sink.Sink{writerSink{w}}, Out: io.Discard, Err: io.Discard,
	})
	if err != nil {
		panic(err) // the configuration above is constant
	}
	db := sqllog.OpenDB(memory{}, sqllog.Config{Logger: p.Logger("db.query"), Slow: slowQuery, Repeat: -1, Queries: every})
	return db, func() { closePipeline(p) }
}

// openSQLMW opens the database with what sqlmw's users write themselves: one slog
// line for a statement that takes from slow on.
func openSQLMW(w io.Writer, slow time.Duration) (*sql.DB, func()) {
	d := sqlmw.Driver(memory{}, &slowInterceptor{log: slog.New(slog.NewJSONHandler(w, nil)), slow: slow})
	c, err := d.(driver.DriverContext).OpenConnector("")
	if err != nil {
		panic(err) // of a driver in memory
	}
	return sql.OpenDB(c), func() {}
}

type slowInterceptor struct {
	sqlmw.NullInterceptor
	log  *slog.Logger
	slow time.Duration
}

func (i *slowInterceptor) ConnQueryContext(ctx context.Context, c driver.QueryerContext, query string, args []driver.NamedValue) (context.Context, driver.Rows, error) {
	start := time.Now()
	rows, err := c.QueryContext(ctx, query, args)
	i.line(ctx, query, time.Since(start), err)
	return ctx, rows, err
}

func (i *slowInterceptor) ConnExecContext(ctx context.Context, c driver.ExecerContext, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	res, err := c.ExecContext(ctx, query, args)
	i.line(ctx, query, time.Since(start), err)
	return res, err
}

func (i *slowInterceptor) line(ctx context.Context, query string, took time.Duration, err error) {
	if took >= i.slow || err != nil {
		i.log.LogAttrs(ctx, slog.LevelInfo, "query", slog.String("query", query),
			slog.Float64("duration_ms", float64(took)/1e6), slog.Any("error", err))
	}
}

func openSQLDBLogger(w io.Writer, least sqldblogger.Level) (*sql.DB, func()) {
	return sqldblogger.OpenDriver("", memory{}, slogAdapter{slog.New(slog.NewJSONHandler(w, nil))},
		sqldblogger.WithMinimumLevel(least), sqldblogger.WithLogArguments(false)), func() {}
}

// slogAdapter is the logger that sqldb-logger's users write for slog.
type slogAdapter struct{ log *slog.Logger }

func (a slogAdapter) Log(ctx context.Context, level sqldblogger.Level, msg string, data map[string]any) {
	attrs := make([]slog.Attr, 0, len(data))
	for k, v := range data {
		attrs = append(attrs, slog.Any(k, v))
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, msg, attrs...)
}

// errUnused is of what no statement of the comparison needs.
var errUnused = errors.New("bench: not part of the comparison")

// memory is a driver that answers every query with one row, at once. It has the
// optional interfaces that drivers in use have.
type memory struct{}

func (memory) Connect(context.Context) (driver.Conn, error)   { return memory{}, nil }
func (memory) Driver() driver.Driver                          { return memory{} }
func (memory) Open(string) (driver.Conn, error)               { return memory{}, nil }
func (memory) OpenConnector(string) (driver.Connector, error) { return memory{}, nil }
func (memory) Close() error                                   { return nil }
func (memory) Ping(context.Context) error                     { return nil }
func (memory) ResetSession(context.Context) error             { return nil }
func (memory) IsValid() bool                                  { return true }
func (memory) CheckNamedValue(*driver.NamedValue) error       { return nil }
func (memory) Prepare(string) (driver.Stmt, error)            { return nil, errUnused }
func (memory) Begin() (driver.Tx, error)                      { return nil, errUnused }
func (memory) PrepareContext(context.Context, string) (driver.Stmt, error) {
	return nil, errUnused
}
func (memory) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return nil, errUnused }

func (memory) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return new(memoryRows), nil
}

func (memory) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

type memoryRows struct{ read bool }

func (*memoryRows) Columns() []string { return []string{"id"} }
func (*memoryRows) Close() error      { return nil }

func (r *memoryRows) Next(dest []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read = true
	dest[0] = int64(1)
	return nil
}
