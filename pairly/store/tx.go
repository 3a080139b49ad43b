package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// maxAttempts bounds how often a transaction that lost against another one
// (deadlock, serialization failure) is run.
const maxAttempts = 5

type txKey struct{}

// A txState is the transaction that a context carries. It belongs to the
// goroutine that runs the transaction.
type txState struct {
	tx         *sql.Tx
	store      *Store
	savepoints int
}

func (s *Store) txFrom(ctx context.Context) *txState {
	if t, ok := ctx.Value(txKey{}).(*txState); ok && t.store == s {
		return t
	}
	return nil
}

// InTx runs fn in a transaction, which the context given to fn carries: every
// method of the store called with it takes part. When fn returns nil the
// transaction commits and the hooks of [pairly.AfterCommit] run, in order;
// otherwise it rolls back, no hook runs, and fn's error is returned. Called
// within a transaction it joins that one.
//
// fn may run again, from the beginning, when the database ended the
// transaction in favour of another, so it sets what it computes rather than
// adding to it. It must not use the outer context for statements: on SQLite
// that waits for itself.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if s.txFrom(ctx) != nil {
		return fn(ctx)
	}
	for attempt := 1; ; attempt++ {
		err := s.runTx(ctx, fn)
		if err == nil || !s.d.retryable(err) || attempt == maxAttempts {
			return s.d.classify(err)
		}
		// Both losers would meet again without the jitter.
		pause := time.Duration(attempt) * time.Duration(2+rand.IntN(8)) * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (s *Store) runTx(ctx context.Context, fn func(ctx context.Context) error) error {
	release, err := s.acquireWriter(ctx)
	if err != nil {
		return err
	}
	runHooks, err := func() (func(), error) {
		// Before the hooks: they may write, in transactions of their own. And
		// also when fn panics.
		defer release()
		return s.attemptTx(ctx, fn)
	}()
	if err != nil {
		return err
	}
	runHooks()
	return nil
}

// commitWithin is how long a transaction may go on after its caller's context
// has ended. Only a commit that is under way needs it.
const commitWithin = 5 * time.Second

// attemptTx does not hand ctx to the transaction itself: a client who hangs up
// while the commit is on its way to the database would end the wait for the
// answer, and the change would stand without its lines. Statements have ctx,
// so until the commit the transaction ends with its caller.
func (s *Store) attemptTx(ctx context.Context, fn func(ctx context.Context) error) (runHooks func(), err error) {
	txCtx, cancel := outlive(ctx, commitWithin)
	defer cancel()
	tx, err := s.db.BeginTx(txCtx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	// Also when fn panics; after a commit it does nothing.
	defer tx.Rollback()
	hookCtx, runHooks := pairly.WithCommitHooks(ctx)
	if err := fn(context.WithValue(hookCtx, txKey{}, &txState{tx: tx, store: s})); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // nobody waits for the outcome
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("commit transaction: %w", err)
	}
	return runHooks, nil
}

// outlive returns a context with ctx's values that ends that long after ctx
// does, or when cancel is called.
func outlive(ctx context.Context, by time.Duration) (out context.Context, cancel func()) {
	out, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(by, end)
		context.AfterFunc(out, func() { late.Stop() })
	})
	return out, func() {
		stop()
		end()
	}
}

// Savepoint runs fn so that its failure undoes what fn did and nothing else:
// the transaction that ctx carries goes on. Where ctx carries none it is
// [Store.InTx].
func (s *Store) Savepoint(ctx context.Context, fn func(ctx context.Context) error) error {
	t := s.txFrom(ctx)
	if t == nil {
		return s.InTx(ctx, fn)
	}
	t.savepoints++
	name := fmt.Sprintf("sp%d", t.savepoints)
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT "+name); err != nil {
		return s.d.classify(fmt.Errorf("open savepoint: %w", err))
	}
	if err := fn(ctx); err != nil {
		if _, rerr := t.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+name); rerr != nil {
			return errors.Join(err, fmt.Errorf("roll back to savepoint: %w", rerr))
		}
		return err
	}
	if _, err := t.tx.ExecContext(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		return s.d.classify(fmt.Errorf("release savepoint: %w", err))
	}
	return nil
}

// acquireWriter waits for the right to write on SQLite; on PostgreSQL it
// returns at once. The caller calls release exactly once.
func (s *Store) acquireWriter(ctx context.Context) (release func(), err error) {
	if s.writer == nil {
		return func() {}, nil
	}
	select {
	case s.writer <- struct{}{}:
		return func() { <-s.writer }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
