package pairly

import "time"

// A TransactionType classes a ledger row; its sign must fit the type.
type TransactionType string

// The types of ledger rows. Positive: purchase, admin_grant, refund, bonus,
// tip_received, message_earning, payout_release. Negative: the others.
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
	ReversesID        string // the row that this one reverses
	CreatedAt         time.Time
}
