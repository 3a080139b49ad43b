package credit

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
)

// post moves t.Amount and appends t to the ledger. The user is locked, and
// the caller has seen that the balance suffices.
func (s *Service) post(ctx context.Context, t *pairly.CreditTransaction) error {
	after, ok, err := s.store.AddCredits(ctx, t.UserID, t.Amount, t.CreatedAt)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("post %s of user %s: balance changed under its lock", t.Type, t.UserID)
	}
	t.Status = pairly.TxCompleted
	t.BalanceBefore, t.BalanceAfter = after-t.Amount, after
	return s.store.InsertTransaction(ctx, t)
}

// lock locks one user and returns his balance.
func (s *Service) lock(ctx context.Context, userID string) (int64, error) {
	balances, err := s.store.LockBalances(ctx, userID)
	if err != nil {
		return 0, err
	}
	balance, ok := balances[userID]
	if !ok {
		return 0, userNotFound()
	}
	return balance, nil
}

// replay returns the row that a user's key stands for, nil when the key is
// new or empty. The user is locked, so that a parallel request with the same
// key has either committed or not begun.
func (s *Service) replay(ctx context.Context, userID, key, hash string) (*pairly.CreditTransaction, error) {
	if key == "" {
		return nil, nil
	}
	t, err := s.store.TransactionByKey(ctx, userID, key)
	if err != nil || t == nil {
		return nil, err
	}
	if t.RequestHash != hash {
		return nil, duplicate()
	}
	s.replayed(ctx, t)
	return t, nil
}

func userNotFound() *pairly.Error {
	return pairly.Errorf(pairly.ENotFound, "user_not_found", "There is no such user.")
}

func duplicate() *pairly.Error {
	return pairly.Errorf(pairly.EConflict, "duplicate_transaction", "The idempotency key was used for another request.")
}

func insufficient(required, available int64) *pairly.Error {
	return pairly.Errorf(pairly.EPayment, "insufficient_credits", "There are not enough credits.").
		With("required", required).With("available", available)
}

// checkRoom refuses credits that would take a balance beyond MaxBalance.
func checkRoom(balance, amount int64) error {
	if amount > 0 && balance > MaxBalance-amount {
		return pairly.Errorf(pairly.EConflict, "balance_limit", "The account cannot hold that many credits.")
	}
	return nil
}

// refused logs a lack of credits and returns err. The transaction has failed,
// so nothing waits for a commit.
func (s *Service) refused(ctx context.Context, err error, userID string, t pairly.TransactionType) error {
	if e, ok := shortage(err); ok {
		s.log.LogAttrs(ctx, slog.LevelWarn, "insufficient_credits",
			slog.String("user_id", userID),
			slog.Any("required", e.Details["required"]),
			slog.Any("available", e.Details["available"]),
			slog.String("transaction_type", string(t)))
	}
	return err
}

// moved logs a row that took or gave credits, after the commit.
func (s *Service) moved(ctx context.Context, t *pairly.CreditTransaction) {
	event, amount := "credits_added", t.Amount
	if amount < 0 {
		event, amount = "credits_spent", -amount
	}
	pairly.AfterCommit(ctx, func() {
		s.log.LogAttrs(ctx, slog.LevelInfo, event,
			slog.String("user_id", t.UserID),
			slog.Int64("amount", amount),
			slog.String("transaction_type", string(t.Type)),
			slog.String("transaction_id", t.ID),
			slog.Int64("balance_before", t.BalanceBefore),
			slog.Int64("balance_after", t.BalanceAfter),
			stringOrNull("related_user_id", t.RelatedUserID))
	})
}

// replayed logs that a request changed nothing because t answers it.
func (s *Service) replayed(ctx context.Context, t *pairly.CreditTransaction) {
	pairly.AfterCommit(ctx, func() {
		s.log.LogAttrs(ctx, slog.LevelInfo, "idempotent_replay",
			slog.String("user_id", t.UserID),
			slog.String("transaction_type", string(t.Type)),
			slog.String("transaction_id", t.ID))
	})
}

func stringOrNull(key, s string) slog.Attr {
	if s == "" {
		return slog.Any(key, nil)
	}
	return slog.String(key, s)
}

func balanceState(n int64) map[string]any { return map[string]any{"credits_balance": n} }
