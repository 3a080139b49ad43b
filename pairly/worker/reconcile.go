package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/pairly"
)

// ReconcileEvery is the time between two comparisons of all balances.
const ReconcileEvery = 24 * time.Hour

// maxMismatches bounds the lines of one run: a fault that is everywhere needs
// no line for each user.
const maxMismatches = 100

// A Ledger finds balances that are not what their ledger says; see
// [store.Store.LedgerMismatches].
type Ledger interface {
	LedgerMismatches(ctx context.Context, after string, limit int) ([]pairly.LedgerMismatch, error)
}

// Reconcile returns the worker that compares every balance with its ledger,
// when the service starts and every day. It writes ledger_mismatch to log for
// each that differs, a hundred at most, and changes nothing: which of the two
// is right is for people to find out.
func Reconcile(l Ledger, log *slog.Logger) Worker {
	job := Job{"reconcile", func(ctx context.Context) error {
		found, err := l.LedgerMismatches(ctx, "", maxMismatches)
		if err != nil {
			return err
		}
		for _, m := range found {
			pairlog.Log(ctx, log, pairlog.LevelCritical, "ledger_mismatch",
				slog.String("user_id", m.UserID),
				slog.Int64("balance", m.Balance),
				slog.Int64("ledger_balance", m.LedgerBalance))
		}
		joblog.Metric(ctx, slog.Int("mismatches", len(found)))
		return nil
	}}
	return Worker{Name: "reconcile", Every: ReconcileEvery, First: []Job{job}, Job: job}
}
