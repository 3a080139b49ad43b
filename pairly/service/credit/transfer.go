package credit

import (
	"context"

	"github.com/pairly/pairlog/pairly"
)

// Transfer moves credits between two users on behalf of another service, which
// writes the audit record itself: both rows, or nothing. What the receiver
// gets as a tip or for a message counts as his profile's earnings. It writes
// credits_spent and credits_added. Error codes: validation_failed,
// user_not_found, insufficient_credits, duplicate_transaction, balance_limit.
func (s *Service) Transfer(ctx context.Context, r TransferRequest) (TransferResult, error) {
	var rules pairly.Rules
	rules.Check(r.Amount >= 1, "amount", "range", "must be at least 1")
	rules.Check(r.From != r.To, "to", "not_self", "must be somebody else")
	rules.Check(r.TypeOut.Valid() && !r.TypeOut.Positive(), "type_out", "one_of", "must be a type that takes credits")
	rules.Check(r.TypeIn.Positive() && r.TypeIn != pairly.TxRefund, "type_in", "one_of", "must be a type that gives credits")
	checkDescription(&rules, "description", r.Description)
	if err := rules.Err(); err != nil {
		return TransferResult{}, err
	}
	r.Key = internal(r.Key)
	body := r
	body.Key = ""
	sum := hash("transfer", body)
	var res TransferResult
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		var err error
		var balances map[string]int64
		if balances, err = s.store.LockBalances(ctx, r.From, r.To); err != nil {
			return err
		}
		if res, err = s.replayTransfer(ctx, r.From, r.Key, sum); err != nil || res.Replayed {
			return err
		}
		if _, ok := balances[r.To]; !ok {
			return userNotFound()
		}
		res, err = s.move(ctx, r, balances, sum)
		return err
	})
	if err != nil {
		return TransferResult{}, s.refused(ctx, err, r.From, r.TypeOut)
	}
	return res, nil
}

// Tip moves credits from a user to a creator, who is neither himself nor
// suspended and whom no block keeps apart from him. It writes credits_spent,
// credits_added and the audit record credits_tipped. Error codes:
// validation_failed, creator_not_found, insufficient_credits,
// duplicate_transaction, balance_limit.
func (s *Service) Tip(ctx context.Context, r TipRequest) (TransferResult, error) {
	var rules pairly.Rules
	rules.Check(pairly.ValidID(r.CreatorID), "creator_id", "id", "must be the id of a user")
	rules.Check(r.CreatorID != r.From, "creator_id", "not_self", "must be somebody else")
	checkAmount(&rules, r.Amount, MaxAmount)
	checkDescription(&rules, "message", r.Message)
	checkClientKey(&rules, r.Key)
	if err := rules.Err(); err != nil {
		return TransferResult{}, err
	}
	body := r
	body.Key = ""
	sum := hash("tip", body)
	var res TransferResult
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		var err error
		var balances map[string]int64
		if balances, err = s.store.LockBalances(ctx, r.From, r.CreatorID); err != nil {
			return err
		}
		if res, err = s.replayTransfer(ctx, r.From, r.Key, sum); err != nil || res.Replayed {
			return err
		}
		if err := s.checkCreator(ctx, r); err != nil {
			return err
		}
		res, err = s.move(ctx, TransferRequest{
			From: r.From, To: r.CreatorID, Amount: r.Amount,
			TypeOut: pairly.TxTip, TypeIn: pairly.TxTipReceived,
			Description: r.Message, Key: r.Key,
		}, balances, sum)
		if err != nil {
			return err
		}
		return s.recordTipped(ctx, res)
	})
	if err != nil {
		return TransferResult{}, s.refused(ctx, err, r.From, pairly.TxTip)
	}
	return res, nil
}

// checkCreator answers everything that keeps the tip from its receiver in the
// same way: whom a user may not tell apart from nobody, he cannot.
func (s *Service) checkCreator(ctx context.Context, r TipRequest) error {
	notFound := pairly.Errorf(pairly.ENotFound, "creator_not_found", "There is no such creator.")
	u, err := s.store.User(ctx, r.CreatorID)
	if pairly.ErrorKind(err) == pairly.ENotFound {
		return notFound
	}
	if err != nil {
		return err
	}
	if u.Role != pairly.RoleCreator || u.IsSuspended {
		return notFound
	}
	blocked, err := s.store.Blocked(ctx, r.From, r.CreatorID)
	if err != nil {
		return err
	}
	if blocked {
		return notFound
	}
	return nil
}

// move posts both rows of a transfer. Both users are locked, balances are
// theirs.
func (s *Service) move(ctx context.Context, r TransferRequest, balances map[string]int64, sum string) (TransferResult, error) {
	balance, ok := balances[r.From]
	if !ok {
		return TransferResult{}, userNotFound()
	}
	if balance < r.Amount {
		return TransferResult{}, insufficient(r.Amount, balance)
	}
	if err := checkRoom(balances[r.To], r.Amount); err != nil {
		return TransferResult{}, err
	}
	now := s.now()
	out := &pairly.CreditTransaction{
		ID: pairly.NewID(now), UserID: r.From, Amount: -r.Amount, Type: r.TypeOut, Description: r.Description,
		IdempotencyKey: r.Key, RequestHash: hashFor(r.Key, sum), RelatedUserID: r.To,
		RelatedEntityType: r.RelatedEntityType, RelatedEntityID: r.RelatedEntityID, CreatedAt: now,
	}
	in := &pairly.CreditTransaction{
		ID: pairly.NewID(now), UserID: r.To, Amount: r.Amount, Type: r.TypeIn, Description: r.Description,
		RelatedUserID: r.From, RelatedEntityType: r.RelatedEntityType, RelatedEntityID: r.RelatedEntityID, CreatedAt: now,
	}
	out.CounterpartID, in.CounterpartID = in.ID, out.ID
	for _, t := range []*pairly.CreditTransaction{out, in} {
		if err := s.post(ctx, t); err != nil {
			return TransferResult{}, err
		}
	}
	if earned(in.Type) {
		if err := s.store.AddEarnings(ctx, r.To, r.Amount); err != nil {
			return TransferResult{}, err
		}
	}
	s.moved(ctx, out)
	s.moved(ctx, in)
	return TransferResult{Out: out, In: in}, nil
}

// earned reports whether rows of type t count as a profile's earnings.
func earned(t pairly.TransactionType) bool {
	return t == pairly.TxTipReceived || t == pairly.TxMessageEarning
}

func (s *Service) replayTransfer(ctx context.Context, from, key, sum string) (TransferResult, error) {
	out, err := s.replay(ctx, from, key, sum)
	if err != nil || out == nil {
		return TransferResult{}, err
	}
	in, err := s.store.TransactionByID(ctx, out.CounterpartID)
	if err != nil {
		return TransferResult{}, err
	}
	return TransferResult{Out: out, In: in, Replayed: true}, nil
}

func (s *Service) recordTipped(ctx context.Context, r TransferResult) error {
	state := func(sender, creator int64) map[string]any {
		return map[string]any{"sender_credits_balance": sender, "creator_credits_balance": creator}
	}
	return s.audit.Record(ctx, pairly.AuditRecord{
		Event: "credits_tipped", Action: "tip_creator", Severity: pairly.SeverityMedium,
		Target:  pairly.Target{UserID: r.In.UserID},
		Before:  state(r.Out.BalanceBefore, r.In.BalanceBefore),
		After:   state(r.Out.BalanceAfter, r.In.BalanceAfter),
		Details: map[string]any{"amount": r.In.Amount, "transaction_id": r.Out.ID},
	})
}
