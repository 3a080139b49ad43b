package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
)

// row is a valid row of u's ledger with every member set.
func row(u *pairly.User, key string) *pairly.CreditTransaction {
	return &pairly.CreditTransaction{
		ID: pairly.NewID(T0), UserID: u.ID, Amount: -30, Type: pairly.TxTip, Status: pairly.TxCompleted,
		BalanceBefore: 100, BalanceAfter: 70, Description: "d", IdempotencyKey: key, RequestHash: "h",
		RelatedUserID: pairly.NewID(T0), RelatedEntityType: "message", RelatedEntityID: pairly.NewID(T0),
		PaymentProvider: "stripe", PaymentID: "pi_" + key, PaymentAmount: 999, PaymentCurrency: "USD",
		CounterpartID: pairly.NewID(T0), CreatedAt: T0,
	}
}

func testLedger(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	r := row(u, "k")
	check(t, st.InsertTransaction(ctx, r))
	if r.Seq == 0 {
		t.Error("Seq after the insert: got 0")
	}
	finds := func(got *pairly.CreditTransaction, err error) {
		t.Helper()
		check(t, err)
		if got == nil || *got != *r {
			t.Errorf("got %+v, want %+v", got, r)
		}
	}
	finds(st.TransactionByID(ctx, r.ID))
	finds(st.TransactionByKey(ctx, u.ID, "k"))
	finds(st.TransactionByPayment(ctx, "stripe", "pi_k"))
	finds(st.TransactionByEntity(ctx, u.ID, "message", r.RelatedEntityID))
	for name, find := range map[string]func() (*pairly.CreditTransaction, error){
		"id":      func() (*pairly.CreditTransaction, error) { return st.TransactionByID(ctx, pairly.NewID(T0)) },
		"key":     func() (*pairly.CreditTransaction, error) { return st.TransactionByKey(ctx, u.ID, "other") },
		"user":    func() (*pairly.CreditTransaction, error) { return st.TransactionByKey(ctx, pairly.NewID(T0), "k") },
		"payment": func() (*pairly.CreditTransaction, error) { return st.TransactionByPayment(ctx, "razorpay", "pi_k") },
		"entity": func() (*pairly.CreditTransaction, error) {
			return st.TransactionByEntity(ctx, u.ID, "message", "other")
		},
		"reverse": func() (*pairly.CreditTransaction, error) { return st.TransactionByReversed(ctx, r.ID) },
	} {
		if got, err := find(); got != nil || err != nil {
			t.Errorf("by another %s: got %+v, %v, want nil", name, got, err)
		}
	}

	for _, want := range []bool{true, false} {
		if got, err := st.ReverseTransaction(ctx, r.ID); got != want || err != nil {
			t.Errorf("ReverseTransaction = %v, %v, want %v", got, err, want)
		}
	}
	r.Status = pairly.TxReversed
	finds(st.TransactionByID(ctx, r.ID))

	refund := &pairly.CreditTransaction{ID: pairly.NewID(T0), UserID: u.ID, Amount: 30, Type: pairly.TxRefund, Status: pairly.TxCompleted,
		BalanceBefore: 70, BalanceAfter: 100, ReversesID: r.ID, CreatedAt: T0}
	check(t, st.InsertTransaction(ctx, refund))
	if refund.Seq <= r.Seq {
		t.Errorf("Seq of the next row: got %d after %d", refund.Seq, r.Seq)
	}
	r = refund
	finds(st.TransactionByReversed(ctx, refund.ReversesID))
}

func testLedgerChecks(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	check(t, st.InsertTransaction(ctx, row(u, "taken")))
	reversed := row(u, "reversed")
	check(t, st.InsertTransaction(ctx, reversed))
	reverse := func(r *pairly.CreditTransaction) {
		r.Type, r.ReversesID = pairly.TxRefund, reversed.ID
	}
	first := row(u, "first")
	reverse(first)
	check(t, st.InsertTransaction(ctx, first)) // a refund may be negative
	for name, change := range map[string]func(*pairly.CreditTransaction){
		"amount 0":               func(r *pairly.CreditTransaction) { r.Amount, r.BalanceAfter = 0, 100 },
		"sign of a debit":        func(r *pairly.CreditTransaction) { r.Amount, r.BalanceAfter = 30, 130 },
		"sign of a credit":       func(r *pairly.CreditTransaction) { r.Type = pairly.TxPurchase },
		"negative refund of nil": func(r *pairly.CreditTransaction) { r.Type = pairly.TxRefund },
		"sum":                    func(r *pairly.CreditTransaction) { r.BalanceAfter = 71 },
		"balance below 0":        func(r *pairly.CreditTransaction) { r.BalanceBefore, r.BalanceAfter = 10, -20 },
		"type":                   func(r *pairly.CreditTransaction) { r.Type = "gift" },
		"status":                 func(r *pairly.CreditTransaction) { r.Status = "done" },
		"key without a hash":     func(r *pairly.CreditTransaction) { r.RequestHash = "" },
		"same key":               func(r *pairly.CreditTransaction) { r.IdempotencyKey = "taken" },
		"same payment":           func(r *pairly.CreditTransaction) { r.PaymentID = "pi_taken" },
		"reversed twice":         reverse,
		"reverses nothing":       func(r *pairly.CreditTransaction) { r.Type, r.ReversesID = pairly.TxRefund, pairly.NewID(T0) },
		"unknown user":           func(r *pairly.CreditTransaction) { r.UserID = pairly.NewID(T0) },
	} {
		r := row(u, "fresh")
		change(r)
		if err := st.InsertTransaction(ctx, r); err == nil {
			t.Errorf("%s: inserted, want an error", name)
		}
	}
	check(t, st.InsertTransaction(ctx, row(u, "fresh")))
	check(t, st.InsertTransaction(ctx, func() *pairly.CreditTransaction {
		r := row(User(t, st, "b@example.com", pairly.RoleFan), "taken") // keys are each user's own
		r.PaymentID = "pi_b"
		return r
	}()))
}

func testLedgerPages(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	for n := int64(1); n <= 5; n++ {
		r := &pairly.CreditTransaction{ID: pairly.NewID(T0), UserID: u.ID, Amount: n, Type: pairly.TxBonus, Status: pairly.TxCompleted, BalanceAfter: n, CreatedAt: T0}
		if n == 3 {
			r.Type = pairly.TxAdminGrant
		}
		check(t, st.InsertTransaction(ctx, r))
	}
	page := func(kind pairly.TransactionType, limit, skip int, total int64, want ...int64) {
		t.Helper()
		rows, n, err := st.Transactions(ctx, u.ID, kind, limit, skip)
		check(t, err)
		if n != total || len(rows) != len(want) {
			t.Fatalf("got %d of %d rows, want %d of %d", len(rows), n, len(want), total)
		}
		for i, r := range rows {
			if r.Amount != want[i] {
				t.Errorf("row %d: got %d, want %d", i, r.Amount, want[i])
			}
		}
	}
	page("", 2, 0, 5, 5, 4)
	page("", 2, 4, 5, 1)
	page("", 10, 5, 5)
	page(pairly.TxBonus, 10, 1, 4, 4, 2, 1)
	page(pairly.TxTip, 10, 0, 0)
}

func testLedgerMismatches(t *testing.T, st *store.Store) {
	ctx := context.Background()
	want := func(when string, want ...pairly.LedgerMismatch) {
		t.Helper()
		got, err := st.LedgerMismatches(ctx, "", 10)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("mismatches %s: got %v, %v, want %v", when, got, err, want)
		}
	}
	a, b := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	if a.ID > b.ID {
		a, b = b, a
	}
	want("of new users")
	add := func(u *pairly.User, n int64) {
		t.Helper()
		after, ok, err := st.AddCredits(ctx, u.ID, n, T0)
		check(t, err)
		if !ok {
			t.Fatalf("AddCredits(%d): not changed", n)
		}
		check(t, st.InsertTransaction(ctx, &pairly.CreditTransaction{
			ID: pairly.NewID(T0), UserID: u.ID, Amount: n, Type: pairly.TxBonus, Status: pairly.TxCompleted,
			BalanceBefore: after - n, BalanceAfter: after, CreatedAt: T0,
		}))
	}
	add(a, 5)
	add(a, 2)
	add(b, 3)
	want("of a whole ledger")
	for _, u := range []*pairly.User{b, a} { // without a row
		_, _, err := st.AddCredits(ctx, u.ID, 10, T0)
		check(t, err)
	}
	bad := []pairly.LedgerMismatch{{UserID: a.ID, Balance: 17, LedgerBalance: 7}, {UserID: b.ID, Balance: 13, LedgerBalance: 3}}
	want("after two changes without a row", bad...)
	if got, err := st.LedgerMismatches(ctx, "", 1); err != nil || !slices.Equal(got, bad[:1]) {
		t.Errorf("first: got %v, %v, want %v", got, err, bad[:1])
	}
	if got, err := st.LedgerMismatches(ctx, a.ID, 10); err != nil || !slices.Equal(got, bad[1:]) {
		t.Errorf("after the first: got %v, %v, want %v", got, err, bad[1:])
	}
}
