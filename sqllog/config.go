package sqllog

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Config says what is logged of a database. The zero value works: slow and
// failed statements, repeated ones, and the counts on the request line.
type Config struct {
	// Logger writes the lines of statements. Its name should be db.query. Nil
	// means slog.Default().
	Logger *slog.Logger

	// Slow is the duration from which a statement gets a slow_query line. Zero
	// means 200 ms, -1 never.
	Slow time.Duration

	// SlowTx is the duration from which a transaction gets a slow_transaction
	// line when it ends. Zero means 5 s, -1 never.
	SlowTx time.Duration

	// Queries writes a query_executed line at DEBUG for every statement.
	Queries bool

	// Repeat is how many times one scope may send a statement before one
	// query_repeated line says so: a query in a loop, where one query for all
	// would do. It is counted anew for each piece of work of the scope, see
	// [pairlog.Scope.Renew]. Zero means 20, -1 never.
	Repeat int

	// Expected reports whether an error is a part of normal work, such as a
	// unique violation that the caller turns into an answer: it is logged at
	// DEBUG. Nil means none but a canceled context.
	Expected func(error) bool

	// Args are the names of arguments ([sql.Named]) whose values may be logged;
	// "1" is the first one without a name. The lines then have an args object,
	// in which all others are shown by type and length. None means no args
	// object. Redaction applies to the values.
	Args []string

	// SkipCallers are import path prefixes that the caller of a line is looked
	// for above, such as that of a package through which all queries go.
	SkipCallers []string

	// MySQL reads SQL as MySQL does: a backslash escapes in strings, "…" is a
	// string, # begins a comment. It is set by itself for a driver whose
	// package path has mysql in it.
	MySQL bool
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Slow = orDefault(c.Slow, 200*time.Millisecond)
	c.SlowTx = orDefault(c.SlowTx, 5*time.Second)
	switch {
	case c.Repeat == 0:
		c.Repeat = 20
	case c.Repeat < 0:
		c.Repeat = 0
	}
	c.Args = slices.Clone(c.Args)
	c.SkipCallers = append([]string{"database/sql", packagePath, "runtime"}, c.SkipCallers...)
	return c
}

// packagePath is this package's, whose frames are no callers.
const packagePath = "github.com/pairly/pairlog/sqllog"

// orDefault reads a threshold: zero is the default, below zero is off, which it
// returns as zero.
func orDefault(d, def time.Duration) time.Duration {
	switch {
	case d == 0:
		return def
	case d < 0:
		return 0
	}
	return d
}

// expected reports whether err is no failure of the database: the caller went
// away, or database/sql takes another connection, or the caller says so.
func (c *Config) expected(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, driver.ErrBadConn) ||
		c.Expected != nil && c.Expected(err)
}

// mysqlPath reports whether a package path is that of a MySQL driver.
func mysqlPath(path string) bool { return strings.Contains(strings.ToLower(path), "mysql") }
