package pairly

import "time"

// A TransactionType classes a ledger row; its sign must fit the type.
type TransactionType string

// The types of ledger rows. Positive: purchase, admin_grant, bonus,
// tip_received, message_earning, payout_release. Either: refund, whose sign
// is the opposite of the row's that it reverses. Negative: the others.
const (
	TxPurchase       TransactionType = "purchase"
	TxAdminGrant     TransactionType = "admin_grant"
	TxRefund         TransactionType = "refund"
	TxBonus          TransactionType = "bonus"
	TxMessage        TransactionType = "message"
	TxCall           TransactionType = "call"
	TxTip            TransactionType = "tip"
	TxUnlock         TransactionType = "unlock"
	TxSubscription   TransactionType = "subscription"
	TxAdminDeduct    TransactionType = "admin_deduct"
	TxExpired        TransactionType = "expired"
	TxTipReceived    TransactionType = "tip_received"
	TxMessageEarning TransactionType = "message_earning"
	TxPayoutHold     TransactionType = "payout_hold"
	TxPayoutRelease  TransactionType = "payout_release"
)

// The states of a ledger row.
const (
	TxPending   = "pending"
	TxCompleted = "completed"
	TxFailed    = "failed"
	TxReversed  = "reversed"
)

// A CreditTransaction is one row of the append-only ledger. A user's balance
// is the BalanceAfter of the newest row.
type CreditTransaction struct {
	ID                string
	Seq               int64 // place in the ledger, set by the store; grows
	UserID            string
	Amount            int64 // in credits; positive is a credit, never zero
	Type              TransactionType
	Status            string
	BalanceBefore     int64
	BalanceAfter      int64
	Description       string
	IdempotencyKey    string // unique per user, empty when there is none
	RequestHash       string // of the body that the key came with
	RelatedUserID     string
	RelatedEntityType string
	RelatedEntityID   string
	PaymentProvider   string
	PaymentID         string
	PaymentAmount     int64  // in minor units of PaymentCurrency
	PaymentCurrency   string // ISO 4217, such as "USD"
	CounterpartID     string // the other row of a transfer
	ReversesID        string // the row that this one reverses
	CreatedAt         time.Time
}

// A LedgerMismatch is a balance that is not what its ledger says. There should
// be none.
type LedgerMismatch struct {
	UserID        string
	Balance       int64 // in credits
	LedgerBalance int64 // BalanceAfter of the newest row, 0 where there is none
}

// Positive reports whether rows of type t add credits. A refund's sign
// depends on the row that it reverses; for it Positive reports true.
func (t TransactionType) Positive() bool {
	switch t {
	case TxPurchase, TxAdminGrant, TxRefund, TxBonus, TxTipReceived, TxMessageEarning, TxPayoutRelease:
		return true
	}
	return false
}

// Valid reports whether t is one of the types above.
func (t TransactionType) Valid() bool {
	switch t {
	case TxMessage, TxCall, TxTip, TxUnlock, TxSubscription, TxAdminDeduct, TxExpired, TxPayoutHold:
		return true
	}
	return t.Positive()
}
