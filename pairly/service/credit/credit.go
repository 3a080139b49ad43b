package credit

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// Store is what the service needs of the database. Every method uses the
// transaction in ctx if there is one.
type Store interface {
	// InTx runs fn in a transaction; it joins the one in ctx. It may run fn
	// again after a serialization failure.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error

	// User returns a user, or an error of kind ENotFound.
	User(ctx context.Context, id string) (*pairly.User, error)
	// CreditsBalance returns a user's balance; ok is false where there is no
	// such user.
	CreditsBalance(ctx context.Context, userID string) (balance int64, ok bool, err error)
	// LockBalances locks the users until the transaction ends, in the order
	// of their ids, and returns their balances in credits. Unknown ids are
	// missing from the map.
	LockBalances(ctx context.Context, ids ...string) (map[string]int64, error)
	// AddCredits adds delta to a balance, unless it would fall below zero,
	// and returns the new balance. ok is false when nothing was changed.
	AddCredits(ctx context.Context, userID string, delta int64, now time.Time) (after int64, ok bool, err error)
	// AddEarnings adds delta to the total earnings of a user's profile, if
	// there is one; the total does not fall below zero.
	AddEarnings(ctx context.Context, userID string, delta int64) error
	// Blocked reports whether one of the two users has blocked the other.
	Blocked(ctx context.Context, a, b string) (bool, error)

	// InsertTransaction appends a row to the ledger and sets its Seq.
	InsertTransaction(ctx context.Context, t *pairly.CreditTransaction) error
	// The look-ups return nil without an error where there is no such row.
	TransactionByID(ctx context.Context, id string) (*pairly.CreditTransaction, error)
	TransactionByKey(ctx context.Context, userID, key string) (*pairly.CreditTransaction, error)
	TransactionByPayment(ctx context.Context, provider, paymentID string) (*pairly.CreditTransaction, error)
	TransactionByReversed(ctx context.Context, id string) (*pairly.CreditTransaction, error)
	// ReverseTransaction moves a row from completed to reversed and reports
	// whether it was completed.
	ReverseTransaction(ctx context.Context, id string) (bool, error)
	// Transactions returns a page of a user's rows, newest first, and how
	// many there are in all; kind "" means every type.
	Transactions(ctx context.Context, userID string, kind pairly.TransactionType, limit, skip int) ([]*pairly.CreditTransaction, int64, error)
}

// Config is what a [Service] is made of. Every field is required but Now.
type Config struct {
	Store  Store
	Log    *slog.Logger // service.credits
	APILog *slog.Logger // api.credits: the reads
	Audit  pairly.Auditor
	Now    func() time.Time // default time.Now
}

// Service keeps balances and the ledger. It is safe for concurrent use.
type Service struct {
	store  Store
	log    *slog.Logger
	apiLog *slog.Logger
	audit  pairly.Auditor
	now    func() time.Time
}

// New returns a service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{store: c.Store, log: c.Log, apiLog: c.APILog, audit: c.Audit, now: c.Now}
}

// A Result is one row of the ledger; the user's new balance is its
// BalanceAfter. Replayed is true when an earlier request with the same
// idempotency key wrote it and this one changed nothing.
type Result struct {
	Transaction *pairly.CreditTransaction
	Replayed    bool
}

// A TransferResult is the two rows of a transfer.
type TransferResult struct {
	Out      *pairly.CreditTransaction // the sender's, negative
	In       *pairly.CreditTransaction // the receiver's, positive
	Replayed bool
}

// A SpendRequest asks to take credits from a user.
type SpendRequest struct {
	UserID            string
	Amount            int64 // in credits, 1 to MaxAmount
	Type              pairly.TransactionType
	Description       string // at most 200 characters; never logged
	RelatedUserID     string
	RelatedEntityType string
	RelatedEntityID   string
	Key               string // idempotency key, 1 to 128 characters
}

// An AddRequest asks to give credits to a user.
type AddRequest struct {
	UserID            string
	Amount            int64                  // in credits, at least 1
	Type              pairly.TransactionType // positive, and not part of a transfer or refund
	Description       string
	RelatedEntityType string
	RelatedEntityID   string
	PaymentProvider   string // with PaymentID: grants each payment once
	PaymentID         string
	PaymentAmount     int64 // in minor units of PaymentCurrency
	PaymentCurrency   string
	Key               string // idempotency key; may be empty
}

// A TransferRequest asks to move credits between two users.
type TransferRequest struct {
	From, To          string
	Amount            int64                  // in credits, at least 1
	TypeOut           pairly.TransactionType // of the sender's row
	TypeIn            pairly.TransactionType // of the receiver's row
	Description       string
	RelatedEntityType string
	RelatedEntityID   string
	Key               string // of the sender; may be empty
}

// A TipRequest asks to tip a creator.
type TipRequest struct {
	From      string
	CreatorID string // a user id
	Amount    int64  // in credits, 1 to MaxAmount
	Message   string // at most 200 characters; never logged
	Key       string // idempotency key, 1 to 128 characters
}

// An AdjustRequest asks to grant (positive) or deduct (negative) credits in
// the name of the admin in the context.
type AdjustRequest struct {
	UserID string
	Amount int64  // in credits, not zero, at most MaxAdjust either way
	Reason string // 3 to 200 characters; goes to the audit record
	Key    string // idempotency key, 1 to 128 characters
}

// A RefundRequest asks to reverse a row of the ledger, and the other row too
// when it is one of a transfer.
type RefundRequest struct {
	TransactionID string
	Reason        string // 3 to 200 characters; goes to the audit record
	Key           string // idempotency key; may be empty
}

// A RefundResult is the row that was reversed and the row that reverses it.
type RefundResult struct {
	Original *pairly.CreditTransaction
	Refund   *pairly.CreditTransaction
	Replayed bool
}

// A HistoryRequest selects a page of a user's ledger, newest first.
type HistoryRequest struct {
	UserID string
	Type   pairly.TransactionType // "" for all
	Limit  int                    // 1 to 100, default 50
	Skip   int
}

// A HistoryPage is a page of a user's ledger, newest first.
type HistoryPage struct {
	Transactions []*pairly.CreditTransaction
	Total        int64 // of all pages
	Limit, Skip  int   // as used
}
