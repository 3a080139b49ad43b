package credit

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
)

// Refund reverses a row of the ledger in the name of the admin in ctx, and
// with it the other row of a transfer: each becomes reversed and gets a
// refund row of the opposite amount. It writes credits_refunded for each, the
// named row first, and the audit record credits_refunded. Error codes:
// validation_failed, transaction_not_found, already_refunded, not_refundable
// (refunds and payout holds, which have ways of their own),
// refund_would_overdraw, duplicate_transaction, balance_limit.
func (s *Service) Refund(ctx context.Context, r RefundRequest) (RefundResult, error) {
	var rules pairly.Rules
	checkReason(&rules, r.Reason)
	if r.Key != "" {
		checkClientKey(&rules, r.Key)
	}
	if err := rules.Err(); err != nil {
		return RefundResult{}, err
	}
	body := r
	body.Key = ""
	sum := hash("refund", body)
	var res RefundResult
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		res = RefundResult{}
		legs, err := s.lockLegs(ctx, r.TransactionID)
		if err != nil {
			return err
		}
		if res, err = s.replayRefund(ctx, legs[0].UserID, r.Key, sum); err != nil || res.Replayed {
			return err
		}
		refunds, err := s.reverse(ctx, legs, r.Key, hashFor(r.Key, sum))
		if err != nil {
			return err
		}
		res = RefundResult{Original: legs[0], Refund: refunds[0]}
		return s.recordRefunded(ctx, refunds, r.Reason)
	})
	if err != nil {
		return RefundResult{}, err
	}
	return res, nil
}

// lockLegs returns the row with the id and, if it is one of a transfer, the
// other, with their users locked.
func (s *Service) lockLegs(ctx context.Context, id string) ([]*pairly.CreditTransaction, error) {
	var legs []*pairly.CreditTransaction
	var users []string
	for id != "" && len(legs) < 2 {
		t, err := s.store.TransactionByID(ctx, id)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, pairly.Errorf(pairly.ENotFound, "transaction_not_found", "There is no such transaction.")
		}
		legs, users = append(legs, t), append(users, t.UserID)
		id = t.CounterpartID
	}
	_, err := s.store.LockBalances(ctx, users...)
	return legs, err
}

func (s *Service) replayRefund(ctx context.Context, userID, key, sum string) (RefundResult, error) {
	t, err := s.replay(ctx, userID, key, sum)
	if err != nil || t == nil {
		return RefundResult{}, err
	}
	original, err := s.store.TransactionByID(ctx, t.ReversesID)
	if err != nil {
		return RefundResult{}, err
	}
	return RefundResult{Original: original, Refund: t, Replayed: true}, nil
}

// reverse marks the legs as reversed and posts a refund row for each; the key
// goes to the first. What was read of the legs before their users were locked
// may be old, so the change of the status decides.
func (s *Service) reverse(ctx context.Context, legs []*pairly.CreditTransaction, key, sum string) ([]*pairly.CreditTransaction, error) {
	now := s.now()
	refunds := make([]*pairly.CreditTransaction, len(legs))
	for i, leg := range legs {
		switch leg.Type {
		case pairly.TxRefund, pairly.TxPayoutHold, pairly.TxPayoutRelease:
			return nil, pairly.Errorf(pairly.EConflict, "not_refundable", "A transaction of this type cannot be refunded.")
		}
		ok, err := s.store.ReverseTransaction(ctx, leg.ID)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, pairly.Errorf(pairly.EConflict, "already_refunded", "The transaction was refunded before.")
		}
		leg.Status = pairly.TxReversed
		refunds[i] = &pairly.CreditTransaction{
			ID: pairly.NewID(now), UserID: leg.UserID, Amount: -leg.Amount, Type: pairly.TxRefund,
			Description: "Refund", RelatedUserID: leg.RelatedUserID,
			RelatedEntityType: "transaction", RelatedEntityID: leg.ID, ReversesID: leg.ID, CreatedAt: now,
		}
	}
	refunds[0].IdempotencyKey, refunds[0].RequestHash = key, sum
	if len(refunds) == 2 {
		refunds[0].CounterpartID, refunds[1].CounterpartID = refunds[1].ID, refunds[0].ID
	}
	for i, t := range refunds {
		if err := s.postRefund(ctx, legs[i], t); err != nil {
			return nil, err
		}
	}
	return refunds, nil
}

func (s *Service) postRefund(ctx context.Context, leg, t *pairly.CreditTransaction) error {
	balance, err := s.lock(ctx, t.UserID)
	if err != nil {
		return err
	}
	if balance+t.Amount < 0 {
		return pairly.Errorf(pairly.EConflict, "refund_would_overdraw", "The credits to take back have been spent.")
	}
	if err := checkRoom(balance, t.Amount); err != nil {
		return err
	}
	if err := s.post(ctx, t); err != nil {
		return err
	}
	if earned(leg.Type) {
		if err := s.store.AddEarnings(ctx, t.UserID, t.Amount); err != nil {
			return err
		}
	}
	pairly.AfterCommit(ctx, func() {
		s.log.LogAttrs(ctx, slog.LevelInfo, "credits_refunded",
			slog.String("user_id", t.UserID),
			slog.Int64("amount", t.Amount),
			slog.String("original_transaction_id", leg.ID),
			slog.String("transaction_id", t.ID),
			slog.Int64("balance_after", t.BalanceAfter))
	})
	return nil
}

func (s *Service) recordRefunded(ctx context.Context, refunds []*pairly.CreditTransaction, reason string) error {
	before := map[string]any{"status": pairly.TxCompleted, "credits_balance": refunds[0].BalanceBefore}
	after := map[string]any{"status": pairly.TxReversed, "credits_balance": refunds[0].BalanceAfter}
	if len(refunds) == 2 {
		before["counterpart_credits_balance"] = refunds[1].BalanceBefore
		after["counterpart_credits_balance"] = refunds[1].BalanceAfter
	}
	return s.audit.Record(ctx, pairly.AuditRecord{
		Event: "credits_refunded", Action: "refund_transaction", Severity: pairly.SeverityHigh,
		Target: pairly.Target{Type: "transaction", ID: refunds[0].ReversesID}, Reason: reason,
		Before: before, After: after,
		Details: map[string]any{"refund_transaction_id": refunds[0].ID, "amount": refunds[0].Amount},
	})
}
