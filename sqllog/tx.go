package sqllog

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/pairly/pairlog"
)

// A tx is a transaction that logs how it ended, when it was held for long. Its
// BEGIN, COMMIT and ROLLBACK are statements like others.
type tx struct {
	under      driver.Tx
	c          *conn
	ctx        context.Context // of BeginTx: Commit has none
	start      time.Duration
	statements int
}

var (
	beginStatement    = verb("BEGIN")
	commitStatement   = verb("COMMIT")
	rollbackStatement = verb("ROLLBACK")
)

func verb(w string) *Statement {
	st := &Statement{normal: w, brief: pairlog.NewFixed(w), operation: w}
	st.kind = st
	return st
}

// begun wraps a transaction that has just begun.
func (c *conn) begun(ctx context.Context, start time.Duration, under driver.Tx, err error) (driver.Tx, error) {
	c.executed(ctx, beginStatement, start, nil, err, nil)
	if err != nil {
		return under, err
	}
	c.tx = &tx{under: under, c: c, ctx: ctx, start: start}
	return c.tx, nil
}

func (t *tx) unwrap() any { return t.under }

// Commit commits the transaction.
func (t *tx) Commit() error { return t.end(t.under.Commit, commitStatement) }

// Rollback rolls the transaction back.
func (t *tx) Rollback() error { return t.end(t.under.Rollback, rollbackStatement) }

func (t *tx) end(how func() error, st *Statement) error {
	q := t.c.q
	start := q.now()
	err := how()
	t.c.tx = nil
	t.c.executed(t.ctx, st, start, nil, err, nil)
	outcome := "commit"
	switch {
	case err != nil:
		outcome = "failed"
	case st == rollbackStatement:
		outcome = "rollback"
	}
	q.EndTx(t.ctx, q.now()-t.start, t.statements, outcome)
	return err
}
