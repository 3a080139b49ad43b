package credit

import (
	"context"

	"github.com/pairly/pairlog/pairly"
)

// Add gives credits on behalf of another service: a purchase that a provider
// confirmed, a bonus, a payout's release. A payment is granted once, whatever
// key it comes with. It writes credits_added; a purchase adds the audit record
// credits_purchased, the other types are audited by their callers. Error
// codes: validation_failed, user_not_found, duplicate_transaction,
// balance_limit.
func (s *Service) Add(ctx context.Context, r AddRequest) (Result, error) {
	var rules pairly.Rules
	rules.Check(r.Amount >= 1, "amount", "range", "must be at least 1")
	switch r.Type {
	case pairly.TxPurchase, pairly.TxBonus, pairly.TxAdminGrant, pairly.TxPayoutRelease:
	default:
		rules.Check(false, "transaction_type", "one_of", "must be a type that gives credits")
	}
	rules.Check((r.PaymentProvider == "") == (r.PaymentID == ""), "payment_id", "with", "must come with the provider")
	checkDescription(&rules, "description", r.Description)
	if err := rules.Err(); err != nil {
		return Result{}, err
	}
	r.Key = internal(r.Key)
	body := r
	body.Key = ""
	sum := hash("add", body)
	var res Result
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		res = Result{}
		balance, err := s.lock(ctx, r.UserID)
		if err != nil {
			return err
		}
		old, err := s.replayAdd(ctx, r, sum)
		if err != nil || old != nil {
			res = Result{Transaction: old, Replayed: true}
			return err
		}
		if err := checkRoom(balance, r.Amount); err != nil {
			return err
		}
		now := s.now()
		t := &pairly.CreditTransaction{
			ID: pairly.NewID(now), UserID: r.UserID, Amount: r.Amount, Type: r.Type,
			Description: r.Description, IdempotencyKey: r.Key, RequestHash: hashFor(r.Key, sum),
			RelatedEntityType: r.RelatedEntityType, RelatedEntityID: r.RelatedEntityID,
			PaymentProvider: r.PaymentProvider, PaymentID: r.PaymentID,
			PaymentAmount: r.PaymentAmount, PaymentCurrency: r.PaymentCurrency,
			CreatedAt: now,
		}
		if err := s.post(ctx, t); err != nil {
			return err
		}
		s.moved(ctx, t)
		res = Result{Transaction: t}
		if t.Type != pairly.TxPurchase {
			return nil
		}
		return s.recordPurchased(ctx, t)
	})
	if err != nil {
		return Result{}, err
	}
	return res, nil
}

// replayAdd is replay, by the payment too.
func (s *Service) replayAdd(ctx context.Context, r AddRequest, sum string) (*pairly.CreditTransaction, error) {
	old, err := s.replay(ctx, r.UserID, r.Key, sum)
	if err != nil || old != nil || r.PaymentID == "" {
		return old, err
	}
	old, err = s.store.TransactionByPayment(ctx, r.PaymentProvider, r.PaymentID)
	if err != nil || old == nil {
		return nil, err
	}
	if old.UserID != r.UserID || old.Amount != r.Amount {
		return nil, duplicate()
	}
	s.replayed(ctx, old)
	return old, nil
}

func (s *Service) recordPurchased(ctx context.Context, t *pairly.CreditTransaction) error {
	return s.audit.Record(ctx, pairly.AuditRecord{
		Event: "credits_purchased", Action: "purchase_credits", Severity: pairly.SeverityMedium,
		Target: pairly.Target{UserID: t.UserID},
		Before: balanceState(t.BalanceBefore), After: balanceState(t.BalanceAfter),
		Details: map[string]any{"transaction_id": t.ID, "payment_provider": t.PaymentProvider},
	})
}

// Adjust grants or deducts credits in the name of the admin in ctx. It writes
// credits_added or credits_spent and the audit record credits_adjusted. Error
// codes: validation_failed, user_not_found, insufficient_credits,
// duplicate_transaction, balance_limit.
func (s *Service) Adjust(ctx context.Context, r AdjustRequest) (Result, error) {
	var rules pairly.Rules
	rules.Check(r.Amount != 0 && r.Amount >= -MaxAdjust && r.Amount <= MaxAdjust, "amount", "range", "must be -1000000 to 1000000 and not 0")
	checkReason(&rules, r.Reason)
	checkClientKey(&rules, r.Key)
	if err := rules.Err(); err != nil {
		return Result{}, err
	}
	kind, text := pairly.TxAdminGrant, "Granted by Pairly"
	if r.Amount < 0 {
		kind, text = pairly.TxAdminDeduct, "Deducted by Pairly"
	}
	body := r
	body.Key = ""
	sum := hash("adjust", body)
	var res Result
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		res = Result{}
		balance, err := s.lock(ctx, r.UserID)
		if err != nil {
			return err
		}
		old, err := s.replay(ctx, r.UserID, r.Key, sum)
		if err != nil || old != nil {
			res = Result{Transaction: old, Replayed: true}
			return err
		}
		if balance < -r.Amount {
			return insufficient(-r.Amount, balance)
		}
		if err := checkRoom(balance, r.Amount); err != nil {
			return err
		}
		now := s.now()
		t := &pairly.CreditTransaction{
			ID: pairly.NewID(now), UserID: r.UserID, Amount: r.Amount, Type: kind, Description: text,
			IdempotencyKey: r.Key, RequestHash: sum, CreatedAt: now,
		}
		if err := s.post(ctx, t); err != nil {
			return err
		}
		s.moved(ctx, t)
		res = Result{Transaction: t}
		return s.recordAdjusted(ctx, t, r.Reason)
	})
	if err != nil {
		return Result{}, s.refused(ctx, err, r.UserID, kind)
	}
	return res, nil
}

func (s *Service) recordAdjusted(ctx context.Context, t *pairly.CreditTransaction, reason string) error {
	u, err := s.store.User(ctx, t.UserID)
	if err != nil {
		return err
	}
	return s.audit.Record(ctx, pairly.AuditRecord{
		Event: "credits_adjusted", Action: "adjust_credits", Severity: pairly.SeverityHigh,
		Target: pairly.Target{UserID: u.ID, Email: u.Email}, Reason: reason,
		Before: balanceState(t.BalanceBefore), After: balanceState(t.BalanceAfter),
		Details: map[string]any{"transaction_id": t.ID, "amount": t.Amount},
	})
}
