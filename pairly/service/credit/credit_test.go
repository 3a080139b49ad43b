package credit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

var now = time.Date(2025, 1, 15, 10, 30, 45, 123_000_000, time.UTC)

// A world is a service on a database of its own.
type world struct {
	t      *testing.T
	st     *store.Store
	events *eventtest.Recorder
	credit *credit.Service
	users  int
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := &world{t: t, st: storetest.Open(t, url, store.Config{}), events: eventtest.New()}
		w.credit = w.service(w.st)
		test(t, w)
	})
}

func (w *world) service(st credit.Store) *credit.Service {
	return credit.New(credit.Config{
		Store: st, Log: w.events.Logger("service.credits"), APILog: w.events.Logger("api.credits"),
		Audit: w.events.Auditor(), Now: func() time.Time { return now },
	})
}

// user makes a user with a balance.
func (w *world) user(role pairly.Role, balance int64) string {
	w.t.Helper()
	w.users++
	u := &pairly.User{
		ID: pairly.NewID(now), Email: fmt.Sprintf("u%d@example.com", w.users), PasswordHash: "x", Name: "U", Role: role,
		CreatedAt: now, UpdatedAt: now,
	}
	if err := w.st.InsertUser(context.Background(), u); err != nil {
		w.t.Fatal(err)
	}
	if balance > 0 {
		if _, err := w.credit.Add(context.Background(), credit.AddRequest{UserID: u.ID, Amount: balance, Type: pairly.TxBonus}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.events.Take()
	return u.ID
}

func (w *world) wantBalance(userID string, want int64) {
	w.t.Helper()
	got, err := w.credit.Balance(context.Background(), userID)
	if err != nil || got != want {
		w.t.Errorf("balance: got %d, %v, want %d", got, err, want)
	}
	page, err := w.credit.History(context.Background(), credit.HistoryRequest{UserID: userID, Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(page.Transactions) > 0 && page.Transactions[0].BalanceAfter != want {
		w.t.Errorf("balance after the newest row: got %d, want %d", page.Transactions[0].BalanceAfter, want)
	}
}

func wantCode(t *testing.T, err error, kind pairly.Kind, code string) *pairly.Error {
	t.Helper()
	e := (*pairly.Error)(nil)
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code {
		t.Fatalf("got error %v, want %s %s", err, kind, code)
	}
	return e
}

func spend(userID string, n int64, key string) credit.SpendRequest {
	return credit.SpendRequest{UserID: userID, Amount: n, Type: pairly.TxUnlock, Description: "my private note", Key: key}
}

func TestSpend(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u := w.user(pairly.RoleFan, 100)
		res, err := w.credit.Spend(ctx, spend(u, 30, "k1"))
		if err != nil {
			t.Fatal(err)
		}
		row := res.Transaction
		if row.Amount != -30 || row.BalanceBefore != 100 || row.BalanceAfter != 70 || row.Status != pairly.TxCompleted || res.Replayed {
			t.Errorf("row: got %+v, want -30 from 100 to 70, completed", row)
		}
		w.events.Find(t, "L:credits_spent").WantFields(t, "user_id="+u, "amount=30", "transaction_type=unlock",
			"transaction_id="+row.ID, "balance_before=100", "balance_after=70", "related_user_id=<nil>")
		rec := w.events.Find(t, "A:credits_spent").Audit
		if rec.Action != "spend_credits" || rec.Severity != pairly.SeverityLow || rec.Target.UserID != u ||
			rec.Before["credits_balance"] != int64(100) || rec.After["credits_balance"] != int64(70) {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.NeverSaid(t, "my private note")
		w.events.Want(t, "L:credits_spent", "A:credits_spent")

		_, err = w.credit.Spend(ctx, spend(u, 71, "k2"))
		e := wantCode(t, err, pairly.EPayment, "insufficient_credits")
		if e.Details["required"] != int64(71) || e.Details["available"] != int64(70) {
			t.Errorf("details: got %v, want required 71 and available 70", e.Details)
		}
		w.events.Find(t, "L:insufficient_credits").WantFields(t, "user_id="+u, "required=71", "available=70", "transaction_type=unlock")
		w.events.Want(t, "L:insufficient_credits")
		w.wantBalance(u, 70)

		_, err = w.credit.Spend(ctx, spend(pairly.NewID(now), 1, "k"))
		wantCode(t, err, pairly.ENotFound, "user_not_found")
	})
}

func TestRequestsThatBreakRules(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 0)
		spendWith := func(change func(*credit.SpendRequest)) error {
			r := spend(u, 1, "k")
			change(&r)
			_, err := w.credit.Spend(ctx, r)
			return err
		}
		long := make([]byte, 201)
		for i := range long {
			long[i] = 'x'
		}
		adjust := func(n int64, reason, key string) error {
			_, err := w.credit.Adjust(ctx, credit.AdjustRequest{UserID: u, Amount: n, Reason: reason, Key: key})
			return err
		}
		tip := func(to string, n int64) error {
			_, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: to, Amount: n, Key: "k"})
			return err
		}
		for name, err := range map[string]error{
			"amount 0":         spendWith(func(r *credit.SpendRequest) { r.Amount = 0 }),
			"amount negative":  spendWith(func(r *credit.SpendRequest) { r.Amount = -5 }),
			"amount too large": spendWith(func(r *credit.SpendRequest) { r.Amount = credit.MaxAmount + 1 }),
			"type of a tip":    spendWith(func(r *credit.SpendRequest) { r.Type = pairly.TxTip }),
			"type of a grant":  spendWith(func(r *credit.SpendRequest) { r.Type = pairly.TxAdminGrant }),
			"no key":           spendWith(func(r *credit.SpendRequest) { r.Key = "" }),
			"key of a service": spendWith(func(r *credit.SpendRequest) { r.Key = "pairly:call_1_minute_1" }),
			"long description": spendWith(func(r *credit.SpendRequest) { r.Description = string(long) }),
			"NUL":              spendWith(func(r *credit.SpendRequest) { r.Description = "a\x00b" }),
			"adjust by 0":      adjust(0, "because", "k"),
			"adjust too much":  adjust(credit.MaxAdjust+1, "because", "k"),
			"no reason":        adjust(1, "", "k"),
			"adjust, no key":   adjust(1, "because", ""),
			"tip to oneself":   tip(u, 1),
			"tip of 0":         tip(c, 0),
			"tip to no id":     tip("nobody", 1),
		} {
			t.Run(name, func(t *testing.T) { wantCode(t, err, pairly.EInvalid, "validation_failed") })
		}
		w.events.Want(t)
		w.wantBalance(u, 100)
	})
}

func TestIdempotencyKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, other := w.user(pairly.RoleFan, 100), w.user(pairly.RoleFan, 100)
		first, err := w.credit.Spend(ctx, spend(u, 30, "k"))
		if err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		if _, err := w.credit.Spend(ctx, spend(u, 5, "k2")); err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		again, err := w.credit.Spend(ctx, spend(u, 30, "k"))
		if err != nil {
			t.Fatal(err)
		}
		if !again.Replayed || again.Transaction.ID != first.Transaction.ID || again.Transaction.BalanceAfter != 70 {
			t.Errorf("repetition: got %+v, want the first result", again)
		}
		w.events.Find(t, "L:idempotent_replay").WantFields(t, "user_id="+u, "transaction_type=unlock", "transaction_id="+first.Transaction.ID)
		w.events.Want(t, "L:idempotent_replay")

		_, err = w.credit.Spend(ctx, spend(u, 31, "k"))
		wantCode(t, err, pairly.EConflict, "duplicate_transaction")
		_, err = w.credit.Adjust(ctx, credit.AdjustRequest{UserID: u, Amount: 30, Reason: "because", Key: "k"})
		wantCode(t, err, pairly.EConflict, "duplicate_transaction")
		w.events.Want(t)
		w.wantBalance(u, 65)

		if res, err := w.credit.Spend(ctx, spend(other, 30, "k")); err != nil || res.Replayed {
			t.Errorf("the same key of another user: got %+v, %v, want a new spending", res, err)
		}
		charge := spend(u, 1, "k")
		charge.Type = pairly.TxCall
		if res, err := w.credit.Charge(ctx, charge); err != nil || res.Replayed {
			t.Errorf("the same key of a service: got %+v, %v, want a new charge", res, err)
		}
	})
}

func TestParallelRepetitionsHaveOneEffect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 0)
		var wg sync.WaitGroup
		var fresh atomic.Int64
		for range 8 {
			wg.Go(func() {
				res, err := w.credit.Tip(context.Background(), credit.TipRequest{From: u, CreatorID: c, Amount: 10, Key: "k"})
				if err != nil {
					t.Error(err)
				}
				if !res.Replayed {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if got := fresh.Load(); got != 1 {
			t.Errorf("effects of eight equal requests: got %d, want 1", got)
		}
		w.wantBalance(u, 90)
		w.wantBalance(c, 10)
	})
}

func TestParallelSpending(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.user(pairly.RoleFan, 100)
		var wg sync.WaitGroup
		var ok, refused atomic.Int64
		for i := range 10 {
			wg.Go(func() {
				_, err := w.credit.Spend(context.Background(), spend(u, 20, fmt.Sprint(i)))
				switch pairly.ErrorCode(err) {
				case "":
					ok.Add(1)
				case "insufficient_credits":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if ok.Load() != 5 || refused.Load() != 5 {
			t.Errorf("ten spendings of 20 from 100: got %d done and %d refused, want 5 and 5", ok.Load(), refused.Load())
		}
		w.wantBalance(u, 0)
		var want []string
		for range 5 {
			want = append(want, "L:credits_spent", "A:credits_spent", "L:insufficient_credits")
		}
		w.events.WantAnyOrder(t, want...)
	})
}

func TestTip(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 7)
		p := &pairly.Profile{ID: pairly.NewID(now), UserID: c, DisplayName: "C", Age: 30, LastSeen: now, Visibility: pairly.VisibilityPublic, CreatedAt: now, UpdatedAt: now}
		if _, err := w.st.InsertProfile(ctx, p); err != nil {
			t.Fatal(err)
		}
		res, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: c, Amount: 25, Message: "for your lovely smile", Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		if res.Out.Amount != -25 || res.Out.Type != pairly.TxTip || res.Out.BalanceAfter != 75 || res.Out.CounterpartID != res.In.ID ||
			res.In.Amount != 25 || res.In.Type != pairly.TxTipReceived || res.In.BalanceAfter != 32 || res.In.CounterpartID != res.Out.ID {
			t.Errorf("rows: got %+v and %+v", res.Out, res.In)
		}
		rec := w.events.Find(t, "A:credits_tipped").Audit
		if rec.Target.UserID != c || rec.Severity != pairly.SeverityMedium ||
			fmt.Sprint(rec.Before) != "map[creator_credits_balance:7 sender_credits_balance:100]" ||
			fmt.Sprint(rec.After) != "map[creator_credits_balance:32 sender_credits_balance:75]" {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.Find(t, "L:credits_added").WantFields(t, "user_id="+c, "amount=25", "transaction_type=tip_received",
			"transaction_id="+res.In.ID, "balance_before=7", "balance_after=32", "related_user_id="+u)
		w.events.NeverSaid(t, "lovely smile")
		w.events.Want(t, "L:credits_spent", "L:credits_added", "A:credits_tipped")
		if p, err := w.st.ProfileByUserID(ctx, c); err != nil || p.TotalEarnings != 25 {
			t.Errorf("earnings: got %+v, %v, want 25", p, err)
		}

		again, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: c, Amount: 25, Message: "for your lovely smile", Key: "k"})
		if err != nil || !again.Replayed || again.Out.ID != res.Out.ID || again.In.ID != res.In.ID {
			t.Errorf("repetition: got %+v, %v, want the first result", again, err)
		}
		w.events.Want(t, "L:idempotent_replay")

		_, err = w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: c, Amount: 76, Key: "k2"})
		wantCode(t, err, pairly.EPayment, "insufficient_credits")
		w.events.Find(t, "L:insufficient_credits").WantFields(t, "user_id="+u, "required=76", "available=75", "transaction_type=tip")
		w.events.Want(t, "L:insufficient_credits")
	})
}

func TestTipFindsNoCreator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, fan := w.user(pairly.RoleFan, 100), w.user(pairly.RoleFan, 0)
		suspended, blocking := w.user(pairly.RoleCreator, 0), w.user(pairly.RoleCreator, 0)
		if _, err := w.st.SuspendUser(ctx, suspended, "", "because", now); err != nil {
			t.Fatal(err)
		}
		if _, err := w.st.Block(ctx, blocking, u, now); err != nil {
			t.Fatal(err)
		}
		for name, id := range map[string]string{"nobody": pairly.NewID(now), "fan": fan, "suspended": suspended, "blocked": blocking} {
			_, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: id, Amount: 1, Key: name})
			t.Run(name, func(t *testing.T) { wantCode(t, err, pairly.ENotFound, "creator_not_found") })
		}
		w.wantBalance(u, 100)
	})
}

func TestTipsInBothDirectionsDoNotDeadlock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.user(pairly.RoleCreator, 100), w.user(pairly.RoleCreator, 100)
		var wg sync.WaitGroup
		for i := range 10 {
			from, to := a, b
			if i%2 == 1 {
				from, to = b, a
			}
			wg.Go(func() {
				_, err := w.credit.Tip(context.Background(), credit.TipRequest{From: from, CreatorID: to, Amount: 3, Key: fmt.Sprint(i)})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.wantBalance(a, 100)
		w.wantBalance(b, 100)
	})
}

// failingStore fails the ledger row of one type.
type failingStore struct {
	*store.Store
	on pairly.TransactionType
}

var errDisk = errors.New("disk I/O error")

func (f failingStore) InsertTransaction(ctx context.Context, t *pairly.CreditTransaction) error {
	if t.Type == f.on {
		return errDisk
	}
	return f.Store.InsertTransaction(ctx, t)
}

func TestTipWhoseSecondLegFailsChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 7)
		r := credit.TipRequest{From: u, CreatorID: c, Amount: 25, Key: "k"}
		if _, err := w.service(failingStore{w.st, pairly.TxTipReceived}).Tip(ctx, r); !errors.Is(err, errDisk) {
			t.Errorf("got error %v, want the store's", err)
		}
		w.events.FailAudit(errDisk)
		if _, err := w.credit.Tip(ctx, r); !errors.Is(err, errDisk) {
			t.Errorf("with a failing auditor: got error %v, want the auditor's", err)
		}
		w.events.FailAudit(nil)
		w.events.Want(t)
		w.wantBalance(u, 100)
		w.wantBalance(c, 7)
		if res, err := w.credit.Tip(ctx, r); err != nil || res.Replayed {
			t.Errorf("the same key after the failures: got %+v, %v, want a new tip", res, err)
		}
		w.wantBalance(u, 75)
		w.wantBalance(c, 32)
	})
}

func TestHistory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u := w.user(pairly.RoleFan, 100)
		for i := range 5 {
			if _, err := w.credit.Spend(ctx, spend(u, int64(i+1), fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		w.events.Take()
		page, err := w.credit.History(ctx, credit.HistoryRequest{UserID: u, Limit: 2, Skip: 1})
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != 6 || page.Limit != 2 || page.Skip != 1 || len(page.Transactions) != 2 ||
			page.Transactions[0].Amount != -4 || page.Transactions[1].Amount != -3 {
			t.Errorf("page: got %+v, want -4 and -3 of 6", page)
		}
		page, err = w.credit.History(ctx, credit.HistoryRequest{UserID: u, Type: pairly.TxBonus})
		if err != nil || page.Total != 1 || page.Limit != 50 || len(page.Transactions) != 1 || page.Transactions[0].Amount != 100 {
			t.Errorf("bonuses: got %+v, %v, want one", page, err)
		}
		for _, r := range []credit.HistoryRequest{{UserID: u, Limit: 101}, {UserID: u, Limit: -1}, {UserID: u, Skip: -1}, {UserID: u, Type: "gift"}} {
			_, err := w.credit.History(ctx, r)
			wantCode(t, err, pairly.EInvalid, "validation_failed")
		}
		if lines := w.events.Lines(); len(lines) != 2 || lines[0].Name != "L:credit_history_read" || lines[0].Logger != "api.credits" {
			t.Errorf("lines: got %v, want two of credit_history_read", lines)
		}
	})
}

func TestAdd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, other := w.user(pairly.RoleFan, 0), w.user(pairly.RoleFan, 0)
		r := credit.AddRequest{UserID: u, Amount: 130, Type: pairly.TxPurchase, PaymentProvider: "stripe", PaymentID: "pi_1", PaymentAmount: 999, PaymentCurrency: "USD"}
		res, err := w.credit.Add(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		w.events.Want(t, "L:credits_added", "A:credits_purchased")
		if again, err := w.credit.Add(ctx, r); err != nil || !again.Replayed || again.Transaction.ID != res.Transaction.ID ||
			again.Transaction.PaymentAmount != 999 || again.Transaction.PaymentCurrency != "USD" {
			t.Errorf("the same payment: got %+v, %v, want the first result", again.Transaction, err)
		}
		w.events.Want(t, "L:idempotent_replay")
		w.wantBalance(u, 130)
		r.UserID = other
		_, err = w.credit.Add(ctx, r)
		wantCode(t, err, pairly.EConflict, "duplicate_transaction")
		_, err = w.credit.Add(ctx, credit.AddRequest{UserID: u, Amount: 1, Type: pairly.TxRefund})
		wantCode(t, err, pairly.EInvalid, "validation_failed")
		_, err = w.credit.Add(ctx, credit.AddRequest{UserID: pairly.NewID(now), Amount: 1, Type: pairly.TxBonus})
		wantCode(t, err, pairly.ENotFound, "user_not_found")
	})
}

func TestAdjust(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, admin := w.user(pairly.RoleFan, 10), w.user(pairly.RoleAdmin, 0)
		ctx := pairly.WithActor(context.Background(), pairly.Actor{UserID: admin, Role: pairly.RoleAdmin})
		grant := credit.AdjustRequest{UserID: u, Amount: 90, Reason: "goodwill", Key: "k1"}
		if _, err := w.credit.Adjust(ctx, grant); err != nil {
			t.Fatal(err)
		}
		rec := w.events.Find(t, "A:credits_adjusted").Audit
		if rec.Actor.UserID != admin || rec.Target.UserID != u || rec.Target.Email != "u1@example.com" || rec.Reason != "goodwill" ||
			rec.Severity != pairly.SeverityHigh || rec.After["credits_balance"] != int64(100) {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.Want(t, "L:credits_added", "A:credits_adjusted")
		if res, err := w.credit.Adjust(ctx, grant); err != nil || !res.Replayed {
			t.Errorf("repetition: got %+v, %v, want the first result", res, err)
		}
		w.events.Take()
		if _, err := w.credit.Adjust(ctx, credit.AdjustRequest{UserID: u, Amount: -40, Reason: "mistake", Key: "k2"}); err != nil {
			t.Fatal(err)
		}
		w.events.Want(t, "L:credits_spent", "A:credits_adjusted")
		_, err := w.credit.Adjust(ctx, credit.AdjustRequest{UserID: u, Amount: -61, Reason: "mistake", Key: "k3"})
		wantCode(t, err, pairly.EPayment, "insufficient_credits")
		w.events.Want(t, "L:insufficient_credits")
		w.wantBalance(u, 60)
	})
}

// Balances stay within what clients read exactly: no way of giving credits
// goes further, and none mistakes too much for too little.
func TestBalanceLimit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		rich, poor := w.user(pairly.RoleCreator, credit.MaxBalance-5), w.user(pairly.RoleFan, 50)
		_, err := w.credit.Adjust(ctx, credit.AdjustRequest{UserID: rich, Amount: 6, Reason: "a test", Key: "a"})
		wantCode(t, err, pairly.EConflict, "balance_limit")
		_, err = w.credit.Tip(ctx, credit.TipRequest{From: poor, CreatorID: rich, Amount: 6, Key: "t"})
		wantCode(t, err, pairly.EConflict, "balance_limit")
		_, err = w.credit.Add(ctx, credit.AddRequest{UserID: rich, Amount: math.MaxInt64, Type: pairly.TxBonus})
		wantCode(t, err, pairly.EConflict, "balance_limit")
		spent, err := w.credit.Spend(ctx, spend(rich, 10, "s"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.credit.Adjust(ctx, credit.AdjustRequest{UserID: rich, Amount: 15, Reason: "a test", Key: "b"}); err != nil {
			t.Fatal(err)
		}
		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "a test"})
		wantCode(t, err, pairly.EConflict, "balance_limit")
		w.wantBalance(rich, credit.MaxBalance)
		w.wantBalance(poor, 50)
		w.events.Want(t, "L:credits_spent", "A:credits_spent", "L:credits_added", "A:credits_adjusted")
	})
}
