package main_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// S-08, step 1: a valid token opens its owner's socket and no other.
func TestS08SocketOfSomebodyElse(t *testing.T) {
	app := start(t, pairlytest.Options{})
	f := app.Client("203.0.113.8")
	f.SignUp("f@pairly.test", "Fay", "fan")
	v := app.Client("203.0.113.9")
	v.SignUp("v@pairly.test", "Vic", "fan")

	s := f.Dial(v.UserID)
	s.Send(map[string]any{"token": f.Access})
	if got, want := s.AwaitClose(), 4403; got != want {
		t.Errorf("close code = %d, want %d", got, want)
	}
	rs := app.ExpectSocket(t, s.RequestID, 0, "http_request", "ws_connected", "ws_auth_failed", "ws_disconnected")
	wantMember(t, rs[0], "101", "status_code")
	wantNull(t, rs[1], "user_id")
	wantMember(t, rs[2], "mismatch", "reason")
	wantMember(t, rs[2], v.UserID, "claimed_user_id")
	wantMember(t, rs[2], "4403", "close_code")
	wantMember(t, rs[3], rs[1].Text("connection_id"), "connection_id")
}

// S-08, step 2: whatever is not a live access token is refused.
func TestS08BadTokens(t *testing.T) {
	app := start(t, pairlytest.Options{})
	f := app.Client("203.0.113.8")
	f.SignUp("f@pairly.test", "Fay", "fan")
	expired := app.Client("203.0.113.10")
	expired.SignUp("e@pairly.test", "Eve", "fan")

	refused := func(c *pairlytest.Client, token, reason string, code int) {
		t.Helper()
		s := c.Dial(c.UserID)
		s.Send(map[string]any{"token": token})
		if got := s.AwaitClose(); got != code {
			t.Errorf("%s: close code = %d, want %d", reason, got, code)
		}
		rs := app.ExpectSocket(t, s.RequestID, 0, "http_request", "ws_connected",
			"ws_auth_failed", "ws_disconnected")
		wantMember(t, rs[2], reason, "reason")
		wantMember(t, rs[2], "4401", "close_code")
	}
	refused(f, "any text", "invalid", 4401)
	refused(f, f.Refresh, "type", 4401)

	silent := f.Dial(f.UserID)
	app.Clock.Advance(11 * time.Second)
	if got, want := silent.AwaitClose(), 4408; got != want {
		t.Errorf("silence: close code = %d, want %d", got, want)
	}
	rs := app.ExpectSocket(t, silent.RequestID, 0, "http_request", "ws_connected", "ws_auth_failed", "ws_disconnected")
	wantMember(t, rs[2], "timeout", "reason")
	wantMember(t, rs[2], "4408", "close_code")

	app.Clock.Advance(31 * time.Minute)
	refused(expired, expired.Access, "expired", 4401)
}

// S-08, step 3: a user is online until the last of their sockets closes.
func TestS08TwoSocketsOfOneUser(t *testing.T) {
	app := start(t, pairlytest.Options{})
	f := app.Client("203.0.113.8")
	f.SignUp("f@pairly.test", "Fay", "fan")
	v := app.Client("203.0.113.9")
	v.SignUp("v@pairly.test", "Vic", "fan")
	first, second, other := f.Chat(), f.Chat(), v.Chat()

	first.Close()
	app.ExpectSocket(t, first.RequestID, 0, "http_request", "ws_connected", "ws_auth_success",
		"presence_online", "ws_disconnected")
	sent := other.Say(f.UserID, "are you there?", "m-1")
	if got, want := sent.Text("type"), "message_sent"; got != want {
		t.Fatalf("answer = %s, want type %q", sent.Raw, want)
	}
	got := second.Read()
	if got.Text("type") != "new_message" || got.Text("message_id") != sent.Text("message_id") {
		t.Errorf("second socket received %s, want the new message", got.Raw)
	}
	for _, r := range app.Records() {
		if r.Event() == "presence_offline" && r.Text("user_id") == f.UserID {
			t.Errorf("offline although a socket is open: %s", r.Raw)
		}
	}

	second.Close()
	rs := app.Await("presence_offline", func(rs []pairlytest.Record) bool {
		return slices.Contains(pairlytest.Events(rs), "presence_offline")
	})
	wantMember(t, find(t, rs, "presence_offline"), f.UserID, "user_id")
	wantMember(t, find(t, rs, "presence_offline"), "close", "reason")
}
