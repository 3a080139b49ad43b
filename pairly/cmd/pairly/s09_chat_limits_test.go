package main_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// secretText is what users say to each other: no sink may show it.
const secretText = "see you at the old lighthouse"

// S-09, steps 1 and 2: thirty messages in five seconds, then silence; a muted
// user is heard again when the mute ends.
func TestS09RateAndMute(t *testing.T) {
	app := start(t, pairlytest.Options{})
	app.Plant(secretText)
	admin := app.Admin("198.51.100.1")
	f := app.Client("203.0.113.11")
	f.SignUp("f@pairly.test", "Fay", "fan")
	c := app.Client("203.0.113.12")
	c.SignUp("c@pairly.test", "Cleo", "creator")
	s := f.Chat()
	opened := []string{"http_request", "ws_connected", "ws_auth_success", "presence_online"}
	app.ExpectSocket(t, s.RequestID, 0, opened...)
	seen := len(opened)

	t.Log("step 1: the 31st message is refused")
	for n := 1; n <= 30; n++ {
		wantFrame(t, s.Say(c.UserID, secretText, fmt.Sprint("rate-", n)), "message_sent", "")
	}
	app.ExpectSocket(t, s.RequestID, seen, repeat("ws_message_sent", 30)...)
	seen += 30
	wantFrame(t, s.Say(c.UserID, secretText, "rate-31"), "error", "rate_limited")
	rs := app.ExpectSocket(t, s.RequestID, seen, "ws_rate_limit_exceeded", "ws_rate_limited")
	wantMember(t, rs[0], "user", "scope")
	wantMember(t, rs[0], "30", "limit")
	seen += 2

	t.Log("step 2: muted for a minute")
	app.Clock.Advance(10 * time.Second) // a new window
	a := admin.Post("/api/admin/security/mute", map[string]any{"user_id": f.UserID, "seconds": 60, "reason": "too loud"})
	wantStatus(t, a, http.StatusOK, "")
	rs = app.Expect(t, a.RequestID, "A:authorization_granted", "user_muted", "A:user_muted", "http_request")
	wantMember(t, rs[1], "60", "seconds")
	wantMember(t, rs[2], f.UserID, "target", "user_id")
	wantFrame(t, s.Say(c.UserID, secretText, "muted-1"), "error", "muted")
	app.ExpectSocket(t, s.RequestID, seen, "ws_muted_rejected")
	seen++
	app.Clock.Advance(61 * time.Second)
	wantFrame(t, s.Say(c.UserID, secretText, "muted-2"), "message_sent", "")
	app.ExpectSocket(t, s.RequestID, seen, "ws_message_sent")
}

// S-09, step 3: who cannot pay does not send.
func TestS09NotEnoughCredits(t *testing.T) {
	app := start(t, pairlytest.Options{})
	app.Plant(secretText)
	admin := app.Admin("198.51.100.1")
	f, c := chatters(t, app)
	publish(t, c, 5)
	adjust(t, admin, f.UserID, 4)
	s := f.Chat()
	wantFrame(t, s.Say(c.UserID, secretText, "poor-1"), "error", "insufficient_credits")
	rs := app.ExpectSocket(t, s.RequestID, 4, "insufficient_credits", "ws_insufficient_credits")
	wantMember(t, rs[1], "5", "required")
	wantMember(t, rs[1], "4", "available")
	if n := app.Count("SELECT count(*) FROM messages"); n != 0 {
		t.Errorf("%d messages stored, want none", n)
	}
}

// S-09, step 4: each refusal leaves the socket open.
func TestS09Rejections(t *testing.T) {
	app := start(t, pairlytest.Options{})
	app.Plant(secretText)
	f, c := chatters(t, app)
	app.Block(c.UserID, f.UserID)
	s := f.Chat()
	seen := 4
	rejected := func(code string, frame pairlytest.Record) {
		t.Helper()
		wantFrame(t, frame, "error", code)
		rs := app.ExpectSocket(t, s.RequestID, seen, "ws_message_rejected")
		wantMember(t, rs[0], code, "error_code")
		seen++
	}
	rejected("recipient_not_found", s.Say("0123456789abcdef01234567", secretText, "r-1"))
	rejected("invalid_payload", s.Say(f.UserID, secretText, "r-2"))
	rejected("blocked", s.Say(c.UserID, secretText, "r-3"))
	s.SendText(`{"type":"chat_message",`)
	rejected("invalid_payload", s.Read())
	s.Send(map[string]any{"type": "telepathy"})
	rejected("unknown_type", s.Read())
	s.Send(map[string]any{"type": "ping"})
	wantFrame(t, s.Read(), "pong", "")
}

// S-09, step 5: what the policy forbids is refused, and what only looks like it
// is sent, but hidden until somebody has looked.
func TestS09ContentPolicy(t *testing.T) {
	app := start(t, pairlytest.Options{})
	f, c := chatters(t, app)
	s, other := f.Chat(), c.Chat()
	const explicit, suspicious, harmless = "horny, naked, orgasm", "i will strangle you", "good morning from the train"
	for _, text := range []string{explicit, suspicious, harmless} {
		app.Plant(text)
	}
	wantFrame(t, s.Say(c.UserID, explicit, "p-1"), "error", "content_policy_violation")
	rs := app.ExpectSocket(t, s.RequestID, 4, "content_blocked")
	wantMember(t, rs[0], f.UserID, "user_id")
	wantMember(t, rs[0], fmt.Sprint(len(explicit)), "text_length")
	wantFrame(t, s.Say(c.UserID, suspicious, "p-2"), "message_sent", "")
	app.ExpectSocket(t, s.RequestID, 5, "content_quarantined", "ws_message_sent")
	sent := s.Say(c.UserID, harmless, "p-3")
	wantFrame(t, sent, "message_sent", "")
	if got := other.Read(); got.Text("message_id") != sent.Text("message_id") {
		t.Errorf("first frame of the recipient = %s, want the harmless message", got.Raw)
	}
}

// S-09, step 6: a repeated message is answered as the first was, and charged
// once.
func TestS09SameMessageTwice(t *testing.T) {
	app := start(t, pairlytest.Options{})
	app.Plant(secretText)
	admin := app.Admin("198.51.100.1")
	f, c := chatters(t, app)
	publish(t, c, 5)
	adjust(t, admin, f.UserID, 20)
	s := f.Chat()
	first := s.Say(c.UserID, secretText, "twice")
	wantFrame(t, first, "message_sent", "")
	rs := app.ExpectSocket(t, s.RequestID, 4, "credits_spent", "credits_added", "ws_credits_charged",
		"ws_message_sent", "A:message_sent")
	wantMember(t, rs[3], "5", "credits_charged")
	wantMember(t, rs[3], fmt.Sprint(len(secretText)), "message_length")
	wantMember(t, rs[4], c.UserID, "target", "user_id")
	second := s.Say(c.UserID, secretText, "twice")
	wantFrame(t, second, "message_sent", "")
	if got, want := second.Text("message_id"), first.Text("message_id"); got != want {
		t.Errorf("message_id = %q the second time, want %q", got, want)
	}
	app.ExpectSocket(t, s.RequestID, 9, "idempotent_replay")
	wantBalance(t, f, 15)
	wantBalance(t, c, 5)
}

// chatters signs a fan and a creator up.
func chatters(t *testing.T, app *pairlytest.App) (fan, creator *pairlytest.Client) {
	t.Helper()
	fan, creator = app.Client("203.0.113.11"), app.Client("203.0.113.12")
	fan.SignUp("f@pairly.test", "Fay", "fan")
	creator.SignUp("c@pairly.test", "Cleo", "creator")
	return fan, creator
}

// publish makes a profile that asks price credits a message.
func publish(t *testing.T, c *pairlytest.Client, price int) {
	t.Helper()
	a := c.Post("/api/profiles/", map[string]any{
		"display_name": "Cleo", "age": 30, "price_per_message": price,
		"location": map[string]any{"lat": 48.137, "lng": 11.575},
	})
	wantStatus(t, a, http.StatusCreated, "")
}

// adjust gives a user credits.
func adjust(t *testing.T, admin *pairlytest.Client, userID string, amount int) {
	t.Helper()
	a := admin.Post("/api/credits/admin/adjust", map[string]any{
		"user_id": userID, "amount": amount, "reason": "for the test",
		"idempotency_key": fmt.Sprintf("adjust-%s-%d", userID, amount),
	})
	wantStatus(t, a, http.StatusOK, "")
}

func wantBalance(t *testing.T, c *pairlytest.Client, want int64) {
	t.Helper()
	a := c.Get("/api/credits/balance")
	wantStatus(t, a, http.StatusOK, "")
	if got := a.Body.Int("credits_balance"); got != want {
		t.Errorf("balance = %d, want %d", got, want)
	}
}

func wantFrame(t *testing.T, f pairlytest.Record, kind, code string) {
	t.Helper()
	if f.Text("type") != kind || f.Text("code") != code {
		t.Fatalf("frame = %s, want type %q and code %q", f.Raw, kind, code)
	}
}

func repeat(event string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = event
	}
	return names
}
