package sqllog

import (
	"context"
	"database/sql/driver"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
)

// Statements counts and logs the statements of one database. Every database that
// this package opens has one; it is exported for adapters to clients other than
// database/sql, such as contrib/pgxlog. It is safe for concurrent use.
type Statements struct {
	config    Config
	cache     *cache
	epoch     time.Time
	wantsArgs bool
}

// NewStatements returns what logs as c says.
func NewStatements(c Config) *Statements {
	c = c.withDefaults()
	return &Statements{config: c, cache: newCache(c.MySQL), epoch: time.Now(), wantsArgs: len(c.Args) > 0}
}

// statementsOf is NewStatements for the database of a driver.
func statementsOf(c Config, d driver.Driver) *Statements {
	c.MySQL = c.MySQL || mysqlPath(packageOf(d))
	return NewStatements(c)
}

// now returns the time since an epoch of its own: half the price of time.Now,
// which reads the wall clock too.
func (q *Statements) now() time.Duration { return time.Since(q.epoch) }

// Statement is [Parse] for a text that may come again: it remembers some
// thousands. A text that is known costs no allocation.
func (q *Statements) Statement(text string) *Statement { return q.cache.statement(text) }

// Slow reports whether a statement that took d gets a slow_query line.
func (q *Statements) Slow(d time.Duration) bool {
	return q.config.Slow > 0 && d >= q.config.Slow
}

// unknownRows stands for a count of rows that is to be asked of the result.
const unknownRows = -1

// An Execution is one statement that has been executed.
type Execution struct {
	Statement *Statement    // never nil
	Took      time.Duration // until its rows were read
	Err       error         // nil where it succeeded
	Rows      int64         // read or affected; below zero where that is not known
	Batch     int           // how many statements were sent together; 0 for one sent alone

	res  driver.Result // of an Exec; nil for others
	args []driver.NamedValue
}

// Done accounts for a statement: it counts in the scope of ctx, and is logged
// where it failed, was slow, or was sent too often. Most only count.
func (q *Statements) Done(ctx context.Context, e Execution) { q.done(ctx, &e) }

// done is Done, and keeps nothing of e.
func (q *Statements) done(ctx context.Context, e *Execution) {
	if g := pairlog.ScopeFrom(ctx).Gather(tallyKey, newTally); g != nil {
		if t, ok := g.(*tally); ok && t.add(e, q.config.Repeat) {
			q.logRepeated(ctx, e.Statement)
		}
	}
	if e.Err != nil || q.Slow(e.Took) || q.config.Queries {
		q.Log(ctx, *e)
	}
}

// EndTx accounts for a transaction that was held for a time and has ended: it
// gets a slow_transaction line if that was long. Outcome is commit, rollback or
// failed. The statements of the transaction, BEGIN and the like not among them,
// have been accounted for.
func (q *Statements) EndTx(ctx context.Context, held time.Duration, statements int, outcome string) {
	limit := q.config.SlowTx
	if limit <= 0 || held < limit {
		return
	}
	pairlog.Log(ctx, q.config.Logger, slog.LevelWarn, "slow_transaction", q.AppendCaller([]slog.Attr{
		slog.Float64(pairlog.KeyDurationMS, milliseconds(held)),
		slog.Int("statements", statements),
		slog.String("outcome", outcome),
		slog.Float64("threshold_ms", milliseconds(limit)),
	})...)
}
