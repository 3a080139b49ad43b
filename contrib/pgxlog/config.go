package pgxlog

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

// Config says what is logged of a database. The zero value works: slow and
// failed statements, repeated ones, failing connections, and the counts on the
// request line.
type Config struct {
	// Logger writes the lines of statements. Its name should be db.query. Nil
	// means slog.Default().
	Logger *slog.Logger

	// Pool writes the lines of connections, db_connected and
	// db_connection_failed. Its name should be db.pool. Nil means Logger.
	Pool *slog.Logger

	// Slow is the duration from which a statement gets a slow_query line, and a
	// batch a slow_batch line. Zero means 200 ms, -1 never.
	Slow time.Duration

	// SlowTx is the duration from which a transaction gets a slow_transaction
	// line when it ends. Zero means 5 s, -1 never.
	SlowTx time.Duration

	// Queries writes a query_executed line at DEBUG for every statement.
	Queries bool

	// Repeat is how many times one scope may send a statement before one
	// query_repeated line says so: a query in a loop, where one query for all
	// would do. Zero means 20, -1 never.
	Repeat int

	// Expected reports whether an error is a part of normal work, such as a
	// unique violation that the caller turns into an answer: it is logged at
	// DEBUG. Nil means none but a canceled context.
	Expected func(error) bool

	// SkipCallers are import path prefixes that the caller of a line is looked
	// for above, such as that of a package through which all queries go.
	SkipCallers []string
}

// With returns c with Slow and Queries as a pipeline is configured, where c does
// not say otherwise.
func (c Config) With(s pairlog.Settings) Config {
	with := sqllog.Config{Slow: c.Slow, Queries: c.Queries}.With(s)
	c.Slow, c.Queries = with.Slow, with.Queries
	return c
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Pool == nil {
		c.Pool = c.Logger
	}
	c.Slow = cmp.Or(c.Slow, 200*time.Millisecond)
	return c
}

// statements returns what is logged of statements.
func (c Config) statements() sqllog.Config {
	return sqllog.Config{
		Logger: c.Logger, Slow: c.Slow, SlowTx: c.SlowTx, Queries: c.Queries, Repeat: c.Repeat, Expected: c.Expected,
		SkipCallers: append([]string{packagePath, "github.com/jackc"}, c.SkipCallers...),
	}
}

// packagePath is this package's, whose frames are no callers.
const packagePath = "github.com/pairly/pairlog/contrib/pgxlog"
