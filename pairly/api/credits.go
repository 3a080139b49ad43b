package api

import (
	"math"
	"net/http"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
)

// maxLedger is how many rows of the ledger a page may have.
const maxLedger = 100

// The rules of the texts that come with a movement of credits.
var (
	ruleKey         = textRule{Min: 1, Max: 128, Keep: true}
	ruleDescription = textRule{Max: 200, Optional: true}
	ruleReason      = textRule{Min: 3, Max: 200}
	ruleEntity      = textRule{Max: 64, Optional: true}
)

func (s *server) balance(w http.ResponseWriter, r *http.Request) error {
	id := principalOf(r.Context()).user.ID
	n, err := s.Credits.Balance(r.Context(), id)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"user_id": id, "credits_balance": n})
	return nil
}

// ledgerTypes are the types that the history can be narrowed to.
var ledgerTypes = []string{
	string(pairly.TxPurchase), string(pairly.TxAdminGrant), string(pairly.TxRefund), string(pairly.TxBonus),
	string(pairly.TxMessage), string(pairly.TxCall), string(pairly.TxTip), string(pairly.TxUnlock),
	string(pairly.TxSubscription), string(pairly.TxAdminDeduct), string(pairly.TxExpired),
	string(pairly.TxTipReceived), string(pairly.TxMessageEarning),
	string(pairly.TxPayoutHold), string(pairly.TxPayoutRelease),
}

func (s *server) creditHistory(w http.ResponseWriter, r *http.Request) error {
	type rowAnswer struct {
		ID              string                 `json:"id"`
		Amount          int64                  `json:"amount"`
		TransactionType pairly.TransactionType `json:"transaction_type"`
		Status          string                 `json:"status"`
		BalanceBefore   int64                  `json:"balance_before"`
		BalanceAfter    int64                  `json:"balance_after"`
		Description     string                 `json:"description"`
		RelatedUserID   *string                `json:"related_user_id"`
		CreatedAt       stamp                  `json:"created_at"`
	}
	f, none := readQuery(r), int64(0)
	in := credit.HistoryRequest{
		UserID: principalOf(r.Context()).user.ID,
		Type:   pairly.TransactionType(f.oneOf("transaction_type", true, ledgerTypes...)),
		Limit:  f.page("limit", maxLedger),
		Skip:   int(f.integer("skip", 0, math.MaxInt32, &none)),
	}
	if err := f.err(); err != nil {
		return err
	}
	page, err := s.Credits.History(r.Context(), in)
	if err != nil {
		return err
	}
	rows := make([]rowAnswer, 0, len(page.Transactions))
	for _, t := range page.Transactions {
		rows = append(rows, rowAnswer{
			ID: t.ID, Amount: t.Amount, TransactionType: t.Type, Status: t.Status,
			BalanceBefore: t.BalanceBefore, BalanceAfter: t.BalanceAfter, Description: t.Description,
			RelatedUserID: orNull(t.RelatedUserID), CreatedAt: stamp(t.CreatedAt),
		})
	}
	respond(w, http.StatusOK, map[string]any{
		"transactions": rows, "total": page.Total, "limit": page.Limit, "skip": page.Skip,
	})
	return nil
}

func (s *server) spend(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	in := credit.SpendRequest{
		UserID: principalOf(r.Context()).user.ID,
		Amount: f.integer("amount", 1, credit.MaxAmount, nil),
		Type: pairly.TransactionType(f.oneOf("transaction_type", false,
			string(pairly.TxUnlock), string(pairly.TxSubscription))),
		Description:       f.text("description", ruleDescription),
		RelatedUserID:     f.id("related_user_id", true),
		RelatedEntityType: f.text("related_entity_type", ruleEntity),
		RelatedEntityID:   f.text("related_entity_id", ruleEntity),
		Key:               f.text("idempotency_key", ruleKey),
	}
	if err := f.err(); err != nil {
		return err
	}
	res, err := s.Credits.Spend(r.Context(), in)
	if err != nil {
		return err
	}
	t := res.Transaction
	respond(w, http.StatusOK, map[string]any{
		"success": true, "credits_spent": -t.Amount, "new_balance": t.BalanceAfter, "transaction_id": t.ID,
	})
	return nil
}

func (s *server) tip(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	in := credit.TipRequest{
		From:      principalOf(r.Context()).user.ID,
		CreatorID: f.id("creator_id", false),
		Amount:    f.integer("amount", 1, credit.MaxAmount, nil),
		Message:   f.text("message", textRule{Max: 200, Lines: true, Optional: true}),
		Key:       f.text("idempotency_key", ruleKey),
	}
	if err := f.err(); err != nil {
		return err
	}
	res, err := s.Credits.Tip(r.Context(), in)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{
		"success": true, "amount": -res.Out.Amount, "new_balance": res.Out.BalanceAfter, "creator_id": in.CreatorID,
	})
	return nil
}

func (s *server) adjustCredits(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	in := credit.AdjustRequest{
		UserID: f.id("user_id", false),
		Amount: f.integer("amount", -credit.MaxAdjust, credit.MaxAdjust, nil),
		Reason: f.text("reason", ruleReason),
		Key:    f.text("idempotency_key", ruleKey),
	}
	if err := f.err(); err != nil {
		return err
	}
	res, err := s.Credits.Adjust(r.Context(), in)
	if err != nil {
		return err
	}
	t := res.Transaction
	respond(w, http.StatusOK, map[string]any{
		"success": true, "user_id": in.UserID, "amount_adjusted": t.Amount,
		"new_balance": t.BalanceAfter, "transaction_id": t.ID,
	})
	return nil
}

func (s *server) refundCredits(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	optionalKey := ruleKey
	optionalKey.Optional = true
	in := credit.RefundRequest{
		TransactionID: f.id("transaction_id", false),
		Reason:        f.text("reason", ruleReason),
		Key:           f.text("idempotency_key", optionalKey),
	}
	if err := f.err(); err != nil {
		return err
	}
	res, err := s.Credits.Refund(r.Context(), in)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{
		"success": true, "original_transaction_id": res.Original.ID, "refund_amount": res.Refund.Amount,
		"new_balance": res.Refund.BalanceAfter, "refund_transaction_id": res.Refund.ID,
	})
	return nil
}
