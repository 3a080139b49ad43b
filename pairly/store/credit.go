package store

import (
	"context"
	"slices"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// rowLock is the suffix of a SELECT that locks rows which the transaction is
// going to update. On PostgreSQL it lets other transactions insert rows that
// refer to them: FOR UPDATE would not, and two senders who have each inserted
// a message would wait for each other. On SQLite the transaction is the lock.
func (s *Store) rowLock() string {
	if s.d == postgresDialect {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// LockBalances locks the users until the transaction ends, in the order of
// their ids, and returns their balances in credits. Unknown ids are missing
// from the map.
func (s *Store) LockBalances(ctx context.Context, ids ...string) (map[string]int64, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	type balance struct {
		id      string
		credits int64
	}
	scan := func(r scanner) (b balance, err error) {
		err = r.Scan(&b.id, &b.credits)
		return b, err
	}
	out := make(map[string]int64, len(ids))
	for _, id := range ids {
		b, ok, err := get(ctx, s, scan, `SELECT id, credits_balance FROM users WHERE id = ?`+s.rowLock(), id)
		if err != nil {
			return nil, wrap(err, "lock balance")
		}
		if ok {
			out[b.id] = b.credits
		}
	}
	return out, nil
}

// CreditsBalance returns a user's balance in credits; ok is false where there
// is no such user.
func (s *Store) CreditsBalance(ctx context.Context, userID string) (balance int64, ok bool, err error) {
	balance, ok, err = get(ctx, s, scanOne[int64], `SELECT credits_balance FROM users WHERE id = ?`, userID)
	return balance, ok, wrap(err, "read balance")
}

// AddCredits adds delta, in credits, to a balance, unless it would fall below
// zero, and returns the new balance. ok is false when nothing was changed:
// the user does not exist or has too little.
func (s *Store) AddCredits(ctx context.Context, userID string, delta int64, now time.Time) (after int64, ok bool, err error) {
	after, ok, err = getWriting(ctx, s, scanOne[int64], `
		UPDATE users SET credits_balance = credits_balance + ?, updated_at = ?
		WHERE id = ? AND credits_balance + ? >= 0
		RETURNING credits_balance`, delta, millis(now), userID, delta)
	return after, ok, wrap(err, "change balance")
}

// AddEarnings adds delta, in credits, to the total earnings of a user's
// profile, if there is one. The total does not fall below zero: a refund may
// reverse what was earned before the profile existed.
func (s *Store) AddEarnings(ctx context.Context, userID string, delta int64) error {
	_, err := s.exec(ctx, `
		UPDATE profiles SET total_earnings = CASE WHEN total_earnings + ? < 0 THEN 0 ELSE total_earnings + ? END
		WHERE user_id = ?`, delta, delta, userID)
	return wrap(err, "change earnings")
}

// InsertTransaction appends a row to the ledger and sets its Seq.
func (s *Store) InsertTransaction(ctx context.Context, t *pairly.CreditTransaction) error {
	seq, _, err := getWriting(ctx, s, scanOne[int64], `
		INSERT INTO credits_transactions (id, user_id, amount, transaction_type, status,
			balance_before, balance_after, description, idempotency_key, request_hash,
			related_user_id, related_entity_type, related_entity_id,
			payment_provider, payment_id, payment_amount_minor, payment_currency,
			counterpart_id, reverses_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING seq`,
		t.ID, t.UserID, t.Amount, string(t.Type), t.Status,
		t.BalanceBefore, t.BalanceAfter, t.Description, nullText(t.IdempotencyKey), nullText(t.RequestHash),
		nullText(t.RelatedUserID), nullText(t.RelatedEntityType), nullText(t.RelatedEntityID),
		nullText(t.PaymentProvider), nullText(t.PaymentID), nullInt(t.PaymentAmount, t.PaymentCurrency != ""), nullText(t.PaymentCurrency),
		nullText(t.CounterpartID), nullText(t.ReversesID), millis(t.CreatedAt))
	if err != nil {
		return wrap(err, "insert transaction")
	}
	t.Seq = seq
	return nil
}

// nullInt is v, or NULL where there is none.
func nullInt(v int64, present bool) any {
	if !present {
		return nil
	}
	return v
}

const transactionColumns = `seq, id, user_id, amount, transaction_type, status,
	balance_before, balance_after, description, idempotency_key, request_hash,
	related_user_id, related_entity_type, related_entity_id,
	payment_provider, payment_id, COALESCE(payment_amount_minor, 0), payment_currency,
	counterpart_id, reverses_id, created_at`

func scanTransaction(r scanner) (*pairly.CreditTransaction, error) {
	t := new(pairly.CreditTransaction)
	err := r.Scan(&t.Seq, &t.ID, &t.UserID, &t.Amount, &t.Type, &t.Status,
		&t.BalanceBefore, &t.BalanceAfter, &t.Description, textOrNull[string]{&t.IdempotencyKey}, textOrNull[string]{&t.RequestHash},
		textOrNull[string]{&t.RelatedUserID}, textOrNull[string]{&t.RelatedEntityType}, textOrNull[string]{&t.RelatedEntityID},
		textOrNull[string]{&t.PaymentProvider}, textOrNull[string]{&t.PaymentID}, &t.PaymentAmount, textOrNull[string]{&t.PaymentCurrency},
		textOrNull[string]{&t.CounterpartID}, textOrNull[string]{&t.ReversesID}, stamp{&t.CreatedAt})
	return t, err
}

// transaction returns the one row of the ledger that the condition selects,
// nil where there is none.
func (s *Store) transaction(ctx context.Context, where string, args ...any) (*pairly.CreditTransaction, error) {
	t, _, err := get(ctx, s, scanTransaction, `SELECT `+transactionColumns+` FROM credits_transactions WHERE `+where, args...)
	return t, wrap(err, "read transaction")
}

// TransactionByID returns a row of the ledger, nil where there is none.
func (s *Store) TransactionByID(ctx context.Context, id string) (*pairly.CreditTransaction, error) {
	return s.transaction(ctx, `id = ?`, id)
}

// TransactionByKey returns the row that a user's idempotency key stands for,
// nil where there is none.
func (s *Store) TransactionByKey(ctx context.Context, userID, key string) (*pairly.CreditTransaction, error) {
	return s.transaction(ctx, `user_id = ? AND idempotency_key = ?`, userID, key)
}

// TransactionByPayment returns the row that a provider's payment was granted
// with, nil where there is none.
func (s *Store) TransactionByPayment(ctx context.Context, provider, paymentID string) (*pairly.CreditTransaction, error) {
	return s.transaction(ctx, `payment_provider = ? AND payment_id = ?`, provider, paymentID)
}

// TransactionByEntity returns the newest row of a user that is about an
// entity, nil where there is none.
func (s *Store) TransactionByEntity(ctx context.Context, userID, entityType, entityID string) (*pairly.CreditTransaction, error) {
	return s.transaction(ctx, `user_id = ? AND related_entity_type = ? AND related_entity_id = ? ORDER BY seq DESC LIMIT 1`,
		userID, entityType, entityID)
}

// TransactionByReversed returns the row that reverses the one with the id,
// nil where there is none.
func (s *Store) TransactionByReversed(ctx context.Context, id string) (*pairly.CreditTransaction, error) {
	return s.transaction(ctx, `reverses_id = ?`, id)
}

// ReverseTransaction moves a row from completed to reversed and reports
// whether it was completed.
func (s *Store) ReverseTransaction(ctx context.Context, id string) (bool, error) {
	n, err := s.exec(ctx, `UPDATE credits_transactions SET status = 'reversed' WHERE id = ? AND status = 'completed'`, id)
	return n == 1, wrap(err, "reverse transaction")
}

// Transactions returns a page of a user's ledger, newest first, and how many
// rows there are in all; kind "" means every type.
func (s *Store) Transactions(ctx context.Context, userID string, kind pairly.TransactionType, limit, skip int) ([]*pairly.CreditTransaction, int64, error) {
	where, args := `user_id = ?`, []any{userID}
	if kind != "" {
		where, args = where+` AND transaction_type = ?`, append(args, string(kind))
	}
	total, _, err := get(ctx, s, scanOne[int64], `SELECT COUNT(*) FROM credits_transactions WHERE `+where, args...)
	if err != nil {
		return nil, 0, wrap(err, "count transactions")
	}
	page, err := list(ctx, s, scanTransaction,
		`SELECT `+transactionColumns+` FROM credits_transactions WHERE `+where+` ORDER BY seq DESC LIMIT ? OFFSET ?`,
		append(args, limit, skip)...)
	return page, total, wrap(err, "list transactions")
}

// LedgerMismatches returns the users whose balance is not that of the newest
// row of their ledger, in the order of their ids: those with ids greater than
// after, limit at most.
func (s *Store) LedgerMismatches(ctx context.Context, after string, limit int) ([]pairly.LedgerMismatch, error) {
	all, err := list(ctx, s, func(r scanner) (m pairly.LedgerMismatch, err error) {
		err = r.Scan(&m.UserID, &m.Balance, &m.LedgerBalance)
		return m, err
	}, `
		SELECT id, credits_balance, ledger_balance FROM (
			SELECT u.id, u.credits_balance, COALESCE((
				SELECT t.balance_after FROM credits_transactions t
				WHERE t.user_id = u.id ORDER BY t.seq DESC LIMIT 1), 0) AS ledger_balance
			FROM users u WHERE u.id > ?
		) AS b
		WHERE credits_balance <> ledger_balance ORDER BY id LIMIT ?`, after, limit)
	return all, wrap(err, "compare balances with the ledger")
}
