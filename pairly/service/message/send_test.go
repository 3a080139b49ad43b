package message_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestPaidMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		res := w.mustSend(w.frame("c1"))
		m := res.Message
		if m.Content != "good evening" || m.CreditsCharged != 5 || m.ModerationStatus != pairly.ModerationPublished ||
			res.NewBalance != 95 || res.Replayed || !res.Deliver {
			t.Errorf("got %+v of %+v, want a delivered message for 5 credits", res, m)
		}
		sent := w.events.Find(t, "L:ws_message_sent")
		if sent.Logger != "websocket.messaging" {
			t.Errorf("logger of ws_message_sent: got %s", sent.Logger)
		}
		sent.WantFields(t, "user_id="+w.f.ID, "recipient_id="+w.c.ID, "connection_id=conn_abc123def456", "credits_charged=5", "message_length=12")
		row, err := w.st.TransactionByEntity(context.Background(), w.f.ID, "message", m.ID)
		if err != nil || row == nil || row.Type != pairly.TxMessage || row.Amount != -5 {
			t.Fatalf("F's row: got %+v, %v, want message -5", row, err)
		}
		w.events.Find(t, "L:ws_credits_charged").WantFields(t, "user_id="+w.f.ID, "recipient_id="+w.c.ID, "connection_id=conn_abc123def456",
			"credits_charged=5", "transaction_id="+row.ID, "balance_after=95")
		in, err := w.st.TransactionByEntity(context.Background(), w.c.ID, "message", m.ID)
		if err != nil || in == nil || in.Type != pairly.TxMessageEarning || in.Amount != 5 {
			t.Errorf("C's row: got %+v, %v, want message_earning 5", in, err)
		}
		rec := w.events.Find(t, "A:message_sent").Audit
		if rec.Target.UserID != w.c.ID || rec.Before["credits_balance"] != int64(100) || rec.After["credits_balance"] != int64(95) ||
			rec.Details["message_id"] != m.ID || rec.Details["credits"] != int64(5) {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.NeverSaid(t, "good evening")
		w.events.Want(t, "L:credits_spent", "L:credits_added", "L:ws_credits_charged", "L:ws_message_sent", "A:message_sent")
		w.wantBalance(w.f, 95)
		w.wantBalance(w.c, 5)
		if p, err := w.st.ProfileByUserID(context.Background(), w.c.ID); err != nil || p.TotalEarnings != 5 {
			t.Errorf("earnings: got %+v, %v, want 5", p, err)
		}
	})
}

func TestFreeMessage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.frame("c1")
		r.From, r.To = w.c.ID, w.f.ID // F has no profile
		if res := w.mustSend(r); res.Message.CreditsCharged != 0 || res.NewBalance != 0 || !res.Deliver {
			t.Errorf("got %+v, want a free message", res)
		}
		w.events.Want(t, "L:ws_message_sent")
		w.mustSend(r)
		w.events.Find(t, "L:idempotent_replay").WantFields(t, "user_id="+w.c.ID, "transaction_type=message", "transaction_id=<nil>")
		w.events.Take()

		all := w.service(func(c *message.Config) { c.AuditAllMessages = true })
		r.ClientMessageID = "c2"
		if _, err := all.Send(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		w.events.Want(t, "L:ws_message_sent", "A:message_sent")
	})
}

// Each step breaks one more rule than the next, and the first in the order of
// the checks is the one that answers.
func TestChecksAreInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		blocking := storetest.User(t, w.st, "b@example.com", pairly.RoleCreator)
		storetest.Profile(t, w.st, blocking, 1000)
		suspended := storetest.User(t, w.st, "s@example.com", pairly.RoleCreator)
		if _, err := w.st.SuspendUser(ctx, suspended.ID, "", "because", storetest.T0); err != nil {
			t.Fatal(err)
		}
		for _, u := range []*pairly.User{blocking, suspended} {
			if _, err := w.st.Block(ctx, u.ID, w.f.ID, storetest.T0); err != nil {
				t.Fatal(err)
			}
		}
		w.events.Take()
		r := message.SendRequest{
			From: w.f.ID, To: "nobody", Content: "naked teen", ClientMessageID: "x", ConnectionID: "conn_1", ClientIP: "192.0.2.1",
			FrameType: "chat_message", Invalid: pairly.Errorf(pairly.EInvalid, "invalid_payload", "malformed"),
		}
		if _, err := w.mutes.Mute(ctx, w.f.ID, time.Minute, ""); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			_, err := w.send(r)
			w.wantCode(err, "muted")
		}
		w.events.Take()
		step := func(code string, events ...string) {
			t.Helper()
			_, err := w.send(r)
			if got := pairly.ErrorCode(err); got != code {
				t.Errorf("got error %v, want %s", err, code)
			}
			w.events.Want(t, events...)
		}
		step("rate_limited", "L:ws_rate_limit_exceeded", "L:ws_rate_limited")
		w.pass(6 * time.Second)
		step("muted", "L:ws_muted_rejected")
		w.pass(time.Minute)
		step("invalid_payload", "L:ws_message_rejected")
		r.Invalid = pairly.Errorf(pairly.EInvalid, "unknown_type", "what?")
		step("unknown_type", "L:ws_message_rejected")
		r.Invalid = nil
		step("invalid_payload", "L:ws_message_rejected")
		r.To = w.f.ID
		step("invalid_payload", "L:ws_message_rejected")
		r.To = pairly.NewID(storetest.T0)
		step("recipient_not_found", "L:ws_message_rejected")
		r.To = suspended.ID
		step("recipient_not_found", "L:ws_message_rejected")
		r.To = blocking.ID
		step("blocked", "L:ws_message_rejected")
		r.From, r.To = w.c.ID, w.f.ID // who has neither blocked
		storetest.Profile(t, w.st, w.f, 1000)
		step("content_policy_violation", "L:content_blocked")
		r.Content = "hello"
		step("insufficient_credits", "L:insufficient_credits", "L:ws_insufficient_credits")
		w.wantMessages(0)
	})
}

func TestErrorsSayEnough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		r := w.frame("c1")
		r.ClientMessageID = ""
		_, err := w.send(r)
		w.wantCode(err, "invalid_payload")
		w.events.Find(t, "L:ws_message_rejected").WantFields(t, "user_id="+w.f.ID, "connection_id=conn_abc123def456", "error_code=invalid_payload", "frame_type=chat_message")
		w.events.Take()

		for name, change := range map[string]func(*message.SendRequest){
			"only blanks":  func(r *message.SendRequest) { r.Content = " \n " },
			"too long":     func(r *message.SendRequest) { r.Content = strings.Repeat("ä", 2001) },
			"NUL":          func(r *message.SendRequest) { r.Content = "a\x00" },
			"id too long":  func(r *message.SendRequest) { r.ClientMessageID = strings.Repeat("x", 65) },
			"malformed id": func(r *message.SendRequest) { r.To = "abc" },
		} {
			r := w.frame("c1")
			change(&r)
			if _, err := w.send(r); pairly.ErrorCode(err) != "invalid_payload" {
				t.Errorf("%s: got %v, want invalid_payload", name, err)
			}
		}
		r = w.frame("long")
		r.Content = strings.Repeat("ä", 2000)
		w.mustSend(r)
		w.events.Take()

		r = w.frame("c1")
		r.FrameType, r.Invalid = "My Secret Text", pairly.Errorf(pairly.EInvalid, "unknown_type", "what?")
		_, err = w.send(r)
		w.wantCode(err, "unknown_type")
		w.events.NeverSaid(t, "Secret")

		w.take(w.f, 91)
		_, err = w.send(w.frame("c2"))
		e := w.wantCode(err, "insufficient_credits")
		if e.Kind != pairly.EPayment || e.Details["required"] != int64(5) || e.Details["available"] != int64(4) {
			t.Errorf("got %+v, want required 5, available 4", e)
		}
		w.events.Find(t, "L:ws_insufficient_credits").WantFields(t, "user_id="+w.f.ID, "recipient_id="+w.c.ID, "connection_id=conn_abc123def456", "required=5", "available=4")
		w.events.Find(t, "L:insufficient_credits").WantFields(t, "user_id="+w.f.ID, "required=5", "available=4", "transaction_type=message")
		if m, err := w.st.MessageByClientID(ctx, w.f.ID, "c2"); m != nil || err != nil {
			t.Errorf("message row: got %+v, %v, want none", m, err)
		}

		mutedUntil := storetest.T0.Add(time.Hour)
		if _, err := w.mutes.Mute(ctx, w.f.ID, time.Hour, ""); err != nil {
			t.Fatal(err)
		}
		w.events.Take()
		_, err = w.send(w.frame("c3"))
		e = w.wantCode(err, "muted")
		if e.Details["muted_until"] != "2025-01-15T11:30:45.123Z" {
			t.Errorf("muted_until: got %v", e.Details)
		}
		w.events.Find(t, "L:ws_muted_rejected").WantFields(t, "user_id="+w.f.ID, "connection_id=conn_abc123def456", fmt.Sprintf("muted_until=%v", mutedUntil))
	})
}

func TestRepetition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.mustSend(w.frame("c1"))
		w.mustSend(w.frame("c2"))
		w.events.Take()
		again := w.mustSend(w.frame("c1"))
		if again.Message.ID != first.Message.ID || again.NewBalance != first.NewBalance || !again.Replayed || again.Deliver {
			t.Errorf("got %+v, want the first result, not delivered again", again)
		}
		row, err := w.st.TransactionByEntity(context.Background(), w.f.ID, "message", first.Message.ID)
		if err != nil {
			t.Fatal(err)
		}
		line := w.events.Find(t, "L:idempotent_replay")
		line.WantFields(t, "user_id="+w.f.ID, "transaction_type=message", "transaction_id="+row.ID)
		if line.Logger != "service.credits" {
			t.Errorf("logger: got %s, want service.credits", line.Logger)
		}
		w.events.Want(t, "L:idempotent_replay")
		w.wantBalance(w.f, 90)

		// The first result stands also when it could not be sent any more.
		w.take(w.f, 90)
		if again := w.mustSend(w.frame("c1")); again.NewBalance != 95 {
			t.Errorf("without credits: got %+v, want the first result", again)
		}
		w.events.Take()

		other := w.frame("c1")
		other.Content = "something else"
		_, err = w.send(other)
		w.wantCode(err, "invalid_payload")
		w.events.Want(t, "L:ws_message_rejected")
	})
}

func TestParallelRepetitionsChargeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		var fresh atomic.Int64
		ids := make(chan string, 8)
		for range 8 {
			wg.Go(func() {
				res, err := w.send(w.frame("c1"))
				if err != nil {
					t.Error(err)
					return
				}
				ids <- res.Message.ID
				if res.Deliver {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		close(ids)
		seen := make(map[string]bool)
		for id := range ids {
			seen[id] = true
		}
		if fresh.Load() != 1 || len(seen) != 1 {
			t.Errorf("eight equal frames: got %d deliveries of %d messages, want 1 of 1", fresh.Load(), len(seen))
		}
		w.wantBalance(w.f, 95)
		w.wantBalance(w.c, 5)
		w.wantMessages(1)
	})
}

func TestParallelMessagesInBothDirections(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.Profile(t, w.st, w.f, 5)
		w.give(w.c, 100)
		var wg sync.WaitGroup
		for i := range 12 {
			r := w.frame(fmt.Sprint(i))
			if i%2 == 1 {
				r.From, r.To = r.To, r.From
			}
			wg.Go(func() {
				if _, err := w.send(r); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.wantBalance(w.f, 100)
		w.wantBalance(w.c, 100)
		w.wantMessages(12)
	})
}

func TestModeration(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.frame("c1")
		r.Content = "naked, horny, orgasm"
		_, err := w.send(r)
		e := w.wantCode(err, "content_policy_violation")
		if fmt.Sprint(e.Details["categories"]) != "[sexual]" {
			t.Errorf("categories: got %v", e.Details)
		}
		w.events.Find(t, "L:content_blocked").WantFields(t, "user_id="+w.f.ID, "endpoint=/api/messages/ws/{user_id}", "score=0.9",
			"categories=[sexual]", "engine=keywords", "text_length=20")
		w.events.NeverSaid(t, "orgasm")
		w.events.Want(t, "L:content_blocked")
		w.wantBalance(w.f, 100)

		r.Content = "are you naked"
		res := w.mustSend(r)
		if res.Deliver || res.Message.ModerationStatus != pairly.ModerationQuarantined || res.Message.CreditsCharged != 5 {
			t.Errorf("suspicious: got %+v of %+v, want sent and hidden", res, res.Message)
		}
		w.events.Find(t, "L:content_quarantined").WantFields(t, "user_id="+w.f.ID, "content_id="+res.Message.ID, "content_type=message",
			"score=0.55", "categories=[sexual]")
		w.events.Want(t, "L:content_quarantined", "L:credits_spent", "L:credits_added", "L:ws_credits_charged", "L:ws_message_sent", "A:message_sent")
		page, err := w.chat.History(context.Background(), message.HistoryRequest{UserID: w.c.ID, OtherID: w.f.ID})
		if err != nil || len(page) != 0 {
			t.Errorf("what C sees: got %v, %v, want nothing", page, err)
		}
	})
}

type brokenClassifier struct{}

func (brokenClassifier) Classify(context.Context, string) (moderation.Verdict, error) {
	return moderation.Verdict{}, errors.New("connection refused")
}

func TestNothingIsSentUnjudged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service(func(c *message.Config) { c.Classifier = brokenClassifier{} })
		_, err := s.Send(context.Background(), w.frame("c1"))
		if e := w.wantCode(err, "moderation_unavailable"); e.Details["retry_after"] != 5 {
			t.Errorf("details: got %v, want retry_after 5", e.Details)
		}
		w.events.Want(t, "L:moderation_error")
		w.wantMessages(0)
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

func TestMessageWhoseChargeFailsIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service(func(c *message.Config) { c.Credits = w.credits(failingStore{w.st, pairly.TxMessageEarning}) })
		if _, err := s.Send(context.Background(), w.frame("c1")); !errors.Is(err, errDisk) {
			t.Errorf("got error %v, want the store's", err)
		}
		w.events.FailAudit(errDisk)
		if _, err := w.send(w.frame("c1")); !errors.Is(err, errDisk) {
			t.Errorf("with a failing auditor: got error %v, want the auditor's", err)
		}
		w.events.FailAudit(nil)
		w.events.Want(t)
		w.wantMessages(0)
		w.wantBalance(w.f, 100)
		w.wantBalance(w.c, 0)
		w.mustSend(w.frame("c1"))
		w.wantMessages(1)
	})
}

func TestRateLimitEndsInAbuse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.frame("c1")
		r.Invalid = pairly.Errorf(pairly.EInvalid, "invalid_payload", "malformed")
		var err error
		for window := range 10 {
			for range 30 {
				if _, err = w.send(r); message.Abusive(err) {
					t.Fatalf("window %d: abusive before its limit", window+1)
				}
			}
			_, err = w.send(r)
			if got, want := message.Abusive(err), window == 9; got != want {
				t.Errorf("refused window %d: abusive %v, want %v", window+1, got, want)
			}
			w.pass(10 * time.Second)
		}
		if e := w.wantCode(err, "rate_limited"); e.Kind != pairly.ETooMany || e.Details["retry_after"] != 10 {
			t.Errorf("got %+v, want retry_after 10", e)
		}
		n := 0
		for _, name := range w.events.Take() {
			if name == "L:ws_rate_limited" {
				n++
			}
		}
		if n != 10 {
			t.Errorf("lines of ws_rate_limited: got %d, want one a window", n)
		}
	})
}
