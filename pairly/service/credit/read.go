package credit

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// Balance returns the user's balance in credits. The error code is
// user_not_found.
func (s *Service) Balance(ctx context.Context, userID string) (int64, error) {
	balance, ok, err := s.store.CreditsBalance(ctx, userID)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, userNotFound()
	}
	step.Log(ctx, s.apiLog, "balance_read", slog.String("user_id", userID))
	return balance, nil
}

// History returns a page of the user's ledger. The error code is
// validation_failed.
func (s *Service) History(ctx context.Context, r HistoryRequest) (HistoryPage, error) {
	if r.Limit == 0 {
		r.Limit = DefaultPage
	}
	var rules pairly.Rules
	rules.Check(r.Limit >= 1 && r.Limit <= MaxPage, "limit", "range", "must be 1 to 100")
	rules.Check(r.Skip >= 0, "skip", "range", "must not be negative")
	rules.Check(r.Type == "" || r.Type.Valid(), "transaction_type", "one_of", "must be a type of transaction")
	if err := rules.Err(); err != nil {
		return HistoryPage{}, err
	}
	rows, total, err := s.store.Transactions(ctx, r.UserID, r.Type, r.Limit, r.Skip)
	if err != nil {
		return HistoryPage{}, err
	}
	step.Log(ctx, s.apiLog, "credit_history_read",
		slog.String("user_id", r.UserID),
		slog.Int("count", len(rows)),
		slog.Int64("total", total))
	return HistoryPage{Transactions: rows, Total: total, Limit: r.Limit, Skip: r.Skip}, nil
}
