package credit

import (
	"context"
	"errors"

	"github.com/pairly/pairlog/pairly"
)

// Spend takes credits for something that the user asked to buy himself: the
// type is unlock or subscription. Error codes: validation_failed,
// user_not_found, insufficient_credits (with required and available),
// duplicate_transaction. It writes credits_spent and the audit record
// credits_spent.
func (s *Service) Spend(ctx context.Context, r SpendRequest) (Result, error) {
	var rules pairly.Rules
	checkAmount(&rules, r.Amount, MaxAmount)
	rules.Check(spendable(r.Type), "transaction_type", "one_of", "must be unlock or subscription")
	checkDescription(&rules, "description", r.Description)
	checkClientKey(&rules, r.Key)
	if err := rules.Err(); err != nil {
		return Result{}, err
	}
	return s.debit(ctx, "spend", r, s.recordSpent)
}

// Charge takes credits on behalf of another service, which has decided the
// price and writes the audit record itself: a minute of a call, a payout's
// hold. The key is of its own space: no client can use the same. Errors are
// those of Spend.
func (s *Service) Charge(ctx context.Context, r SpendRequest) (Result, error) {
	var rules pairly.Rules
	rules.Check(r.Amount >= 1, "amount", "range", "must be at least 1")
	rules.Check(r.Type.Valid() && !r.Type.Positive(), "transaction_type", "one_of", "must be a type that takes credits")
	checkDescription(&rules, "description", r.Description)
	if err := rules.Err(); err != nil {
		return Result{}, err
	}
	r.Key = internal(r.Key)
	return s.debit(ctx, "charge", r, nil)
}

// debit takes credits once a key. record, if there is one, writes the audit
// record.
func (s *Service) debit(ctx context.Context, operation string, r SpendRequest, record func(context.Context, *pairly.CreditTransaction) error) (Result, error) {
	body := r
	body.Key = ""
	sum := hash(operation, body)
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
		if balance < r.Amount {
			return insufficient(r.Amount, balance)
		}
		now := s.now()
		t := &pairly.CreditTransaction{
			ID: pairly.NewID(now), UserID: r.UserID, Amount: -r.Amount, Type: r.Type,
			Description: r.Description, IdempotencyKey: r.Key, RequestHash: hashFor(r.Key, sum),
			RelatedUserID: r.RelatedUserID, RelatedEntityType: r.RelatedEntityType, RelatedEntityID: r.RelatedEntityID,
			CreatedAt: now,
		}
		if err := s.post(ctx, t); err != nil {
			return err
		}
		s.moved(ctx, t)
		res = Result{Transaction: t}
		if record == nil {
			return nil
		}
		return record(ctx, t)
	})
	if err != nil {
		return Result{}, s.refused(ctx, err, r.UserID, r.Type)
	}
	return res, nil
}

func (s *Service) recordSpent(ctx context.Context, t *pairly.CreditTransaction) error {
	return s.audit.Record(ctx, pairly.AuditRecord{
		Event: "credits_spent", Action: "spend_credits", Severity: pairly.SeverityLow,
		Target: pairly.Target{UserID: t.UserID},
		Before: balanceState(t.BalanceBefore), After: balanceState(t.BalanceAfter),
		Details: map[string]any{"transaction_id": t.ID, "transaction_type": string(t.Type)},
	})
}

// hashFor is the hash where there is a key to compare it under.
func hashFor(key, sum string) string {
	if key == "" {
		return ""
	}
	return sum
}

// shortage returns the insufficient_credits error in err's chain.
func shortage(err error) (*pairly.Error, bool) {
	e := (*pairly.Error)(nil)
	return e, errors.As(err, &e) && e.Code == "insufficient_credits"
}
