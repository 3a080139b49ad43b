package credit

import (
	"context"
	"errors"
)

var errNotBuilt = errors.New("credit: under construction")

// Spend takes credits for something that the user bought himself.
func (s *Service) Spend(ctx context.Context, r SpendRequest) (Result, error) {
	return Result{}, errNotBuilt
}

// Charge takes credits for the service's own reasons, such as a call.
func (s *Service) Charge(ctx context.Context, r SpendRequest) (Result, error) {
	return Result{}, errNotBuilt
}

// Add gives credits.
func (s *Service) Add(ctx context.Context, r AddRequest) (Result, error) {
	return Result{}, errNotBuilt
}

// Transfer moves credits.
func (s *Service) Transfer(ctx context.Context, r TransferRequest) (TransferResult, error) {
	return TransferResult{}, errNotBuilt
}

// Tip tips a creator.
func (s *Service) Tip(ctx context.Context, r TipRequest) (TransferResult, error) {
	return TransferResult{}, errNotBuilt
}

// Adjust grants or deducts.
func (s *Service) Adjust(ctx context.Context, r AdjustRequest) (Result, error) {
	return Result{}, errNotBuilt
}

// Refund reverses.
func (s *Service) Refund(ctx context.Context, r RefundRequest) (RefundResult, error) {
	return RefundResult{}, errNotBuilt
}

// Balance returns the balance in credits.
func (s *Service) Balance(ctx context.Context, userID string) (int64, error) { return 0, errNotBuilt }

// History returns a page of the ledger.
func (s *Service) History(ctx context.Context, r HistoryRequest) (HistoryPage, error) {
	return HistoryPage{}, errNotBuilt
}
