package credit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
)

func TestRefund(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u := w.user(pairly.RoleFan, 100)
		spent, err := w.credit.Spend(ctx, spend(u, 30, "k"))
		if err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		r := credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "did not work", Key: "r"}
		res, err := w.credit.Refund(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if res.Original.ID != spent.Transaction.ID || res.Original.Status != pairly.TxReversed ||
			res.Refund.Amount != 30 || res.Refund.BalanceAfter != 100 || res.Refund.ReversesID != spent.Transaction.ID {
			t.Errorf("got %+v and %+v, want 30 back", res.Original, res.Refund)
		}
		w.events.Find(t, "L:credits_refunded").WantFields(t, "user_id="+u, "amount=30",
			"original_transaction_id="+spent.Transaction.ID, "transaction_id="+res.Refund.ID, "balance_after=100")
		rec := w.events.Find(t, "A:credits_refunded").Audit
		if rec.Target.Type != "transaction" || rec.Target.ID != spent.Transaction.ID || rec.Reason != "did not work" ||
			rec.Before["status"] != "completed" || rec.After["status"] != "reversed" || rec.After["credits_balance"] != int64(100) {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.Want(t, "L:credits_refunded", "A:credits_refunded")

		if again, err := w.credit.Refund(ctx, r); err != nil || !again.Replayed || again.Refund.ID != res.Refund.ID || again.Original.ID != res.Original.ID {
			t.Errorf("repetition: got %+v, %v, want the first result", again, err)
		}
		w.events.Want(t, "L:idempotent_replay")

		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "again"})
		wantCode(t, err, pairly.EConflict, "already_refunded")
		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: res.Refund.ID, Reason: "refund of a refund"})
		wantCode(t, err, pairly.EConflict, "not_refundable")
		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: pairly.NewID(now), Reason: "nothing"})
		wantCode(t, err, pairly.ENotFound, "transaction_not_found")
		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "no"})
		wantCode(t, err, pairly.EInvalid, "validation_failed")
		w.events.Want(t)
		w.wantBalance(u, 100)
	})
}

func TestRefundOfATransferReversesBothRows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 0)
		tip, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: c, Amount: 40, Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.credit.Spend(ctx, spend(c, 10, "s")); err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		r := credit.RefundRequest{TransactionID: tip.In.ID, Reason: "by mistake"}
		_, err = w.credit.Refund(ctx, r)
		wantCode(t, err, pairly.EConflict, "refund_would_overdraw")
		w.events.Want(t)
		w.wantBalance(u, 60)
		w.wantBalance(c, 30)

		if _, err := w.credit.Add(ctx, credit.AddRequest{UserID: c, Amount: 10, Type: pairly.TxBonus}); err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		res, err := w.credit.Refund(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if res.Refund.UserID != c || res.Refund.Amount != -40 {
			t.Errorf("got %+v, want -40 of the creator", res.Refund)
		}
		w.events.Want(t, "L:credits_refunded", "L:credits_refunded", "A:credits_refunded")
		w.wantBalance(u, 100)
		w.wantBalance(c, 0)
		_, err = w.credit.Refund(ctx, credit.RefundRequest{TransactionID: tip.Out.ID, Reason: "the other row"})
		wantCode(t, err, pairly.EConflict, "already_refunded")
	})
}

func TestRefundTakesEarningsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u, c := w.user(pairly.RoleFan, 100), w.user(pairly.RoleCreator, 0)
		p := &pairly.Profile{ID: pairly.NewID(now), UserID: c, DisplayName: "C", Age: 30, LastSeen: now, Visibility: pairly.VisibilityPublic, CreatedAt: now, UpdatedAt: now}
		if _, err := w.st.InsertProfile(ctx, p); err != nil {
			t.Fatal(err)
		}
		tip, err := w.credit.Tip(ctx, credit.TipRequest{From: u, CreatorID: c, Amount: 40, Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.credit.Refund(ctx, credit.RefundRequest{TransactionID: tip.Out.ID, Reason: "by mistake"}); err != nil {
			t.Fatal(err)
		}
		if p, err := w.st.ProfileByUserID(ctx, c); err != nil || p.TotalEarnings != 0 {
			t.Errorf("earnings: got %+v, %v, want 0", p, err)
		}
	})
}

func TestParallelRefunds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u := w.user(pairly.RoleFan, 100)
		spent, err := w.credit.Spend(ctx, spend(u, 30, "k"))
		if err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		var wg sync.WaitGroup
		var ok, refused atomic.Int64
		for range 6 {
			wg.Go(func() {
				_, err := w.credit.Refund(ctx, credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "did not work"})
				switch pairly.ErrorCode(err) {
				case "":
					ok.Add(1)
				case "already_refunded":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if ok.Load() != 1 || refused.Load() != 5 {
			t.Errorf("six refunds: got %d done and %d refused, want 1 and 5", ok.Load(), refused.Load())
		}
		w.events.Want(t, "L:credits_refunded", "A:credits_refunded")
		w.wantBalance(u, 100)
	})
}

func TestRefundThatFailsChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		u := w.user(pairly.RoleFan, 100)
		spent, err := w.credit.Spend(ctx, spend(u, 30, "k"))
		if err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		r := credit.RefundRequest{TransactionID: spent.Transaction.ID, Reason: "did not work"}
		if _, err := w.service(failingStore{w.st, pairly.TxRefund}).Refund(ctx, r); !errors.Is(err, errDisk) {
			t.Errorf("got error %v, want the store's", err)
		}
		w.events.Want(t)
		w.wantBalance(u, 70)
		if _, err := w.credit.Refund(ctx, r); err != nil {
			t.Errorf("after the failure: got %v, want a refund", err)
		}
	})
}
