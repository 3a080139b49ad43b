package message_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/service/mute"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// A world is the services of chat on a database of its own, with fan F and
// creator C, who asks 5 credits for a message.
type world struct {
	t      *testing.T
	st     *store.Store
	events *eventtest.Recorder
	credit *credit.Service
	mutes  *mute.Service
	chat   *message.Service
	f, c   *pairly.User

	mu  sync.Mutex
	now time.Time // guarded by mu
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := &world{t: t, st: storetest.Open(t, url, store.Config{}), events: eventtest.New(), now: storetest.T0}
		w.credit = w.credits(w.st)
		w.mutes = mute.New(mute.Config{Store: w.st, Log: w.events.Logger("service.ws_rate_limiter"), Audit: w.events.Auditor(), Now: w.clock})
		w.chat = w.service(func(*message.Config) {})
		w.f = storetest.User(t, w.st, "f@example.com", pairly.RoleFan)
		w.c = storetest.User(t, w.st, "c@example.com", pairly.RoleCreator)
		storetest.Profile(t, w.st, w.c, 5)
		w.give(w.f, 100)
		test(t, w)
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) credits(st credit.Store) *credit.Service {
	return credit.New(credit.Config{
		Store: st, Log: w.events.Logger("service.credits"), APILog: w.events.Logger("api.credits"), Audit: w.events.Auditor(), Now: w.clock,
	})
}

func (w *world) service(change func(*message.Config)) *message.Service {
	c := message.Config{
		Store: w.st, Credits: w.credit, Mutes: w.mutes, Classifier: moderation.NewText(), Audit: w.events.Auditor(),
		Limiter:       socketlimit.New(socketlimit.Config{Log: w.events.Logger("service.ws_rate_limiter"), Now: w.clock}),
		Log:           w.events.Logger("websocket.messaging"),
		APILog:        w.events.Logger("api.messaging"),
		CreditsLog:    w.events.Logger("service.credits"),
		ModerationLog: w.events.Logger("middleware.content_moderation"),
		Now:           w.clock,
	}
	change(&c)
	return message.New(c)
}

func (w *world) give(u *pairly.User, n int64) {
	w.t.Helper()
	if _, err := w.credit.Add(context.Background(), credit.AddRequest{UserID: u.ID, Amount: n, Type: pairly.TxBonus}); err != nil {
		w.t.Fatal(err)
	}
	w.events.Take()
}

func (w *world) take(u *pairly.User, n int64) {
	w.t.Helper()
	if _, err := w.credit.Charge(context.Background(), credit.SpendRequest{UserID: u.ID, Amount: n, Type: pairly.TxCall}); err != nil {
		w.t.Fatal(err)
	}
	w.events.Take()
}

// frame is a valid chat frame from F to C.
func (w *world) frame(clientID string) message.SendRequest {
	return message.SendRequest{
		From: w.f.ID, To: w.c.ID, Content: "  good evening  ", ClientMessageID: clientID, ConnectionID: "conn_abc123def456", ClientIP: "192.0.2.1",
	}
}

func (w *world) send(r message.SendRequest) (message.SendResult, error) {
	ctx := pairly.WithRequest(context.Background(), pairly.Request{Endpoint: "/api/messages/ws/{user_id}"})
	return w.chat.Send(ctx, r)
}

func (w *world) mustSend(r message.SendRequest) message.SendResult {
	w.t.Helper()
	res, err := w.send(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

func (w *world) wantCode(err error, code string) *pairly.Error {
	w.t.Helper()
	e := (*pairly.Error)(nil)
	if !errors.As(err, &e) || e.Code != code {
		w.t.Fatalf("got error %v, want %s", err, code)
	}
	return e
}

func (w *world) wantBalance(u *pairly.User, want int64) {
	w.t.Helper()
	got, _, err := w.st.CreditsBalance(context.Background(), u.ID)
	if err != nil || got != want {
		w.t.Errorf("balance of %s: got %d, %v, want %d", u.Email, got, err, want)
	}
}

func (w *world) wantMessages(want int) {
	w.t.Helper()
	page, _, err := w.st.Messages(context.Background(), w.f.ID, w.c.ID, "", 200)
	if err != nil || len(page) != want {
		w.t.Errorf("messages of F and C: got %d, %v, want %d", len(page), err, want)
	}
}
