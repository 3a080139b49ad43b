package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pairly/pairlog/logtest"
)

// A socket is the client's end of a chat socket.
type socket struct {
	s         *stack
	conn      *websocket.Conn
	requestID string
}

func (s *stack) dial(userID string) socket {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.url, "http")+"/api/messages/ws/"+userID, nil)
	must(s.t, err)
	s.t.Cleanup(func() { conn.CloseNow() })
	return socket{s, conn, resp.Header.Get("X-Request-ID")}
}

// chat opens the socket of an account and logs in.
func (s *stack) chat(u account) socket {
	s.t.Helper()
	k := s.dial(u.id)
	k.say(map[string]any{"token": u.token})
	k.hear("connected")
	return k
}

func chat(to, content, id string) map[string]any {
	return map[string]any{"type": "chat_message", "recipient_id": to, "content": content, "client_message_id": id}
}

func (k socket) say(v any) {
	k.s.t.Helper()
	b, err := json.Marshal(v)
	must(k.s.t, err)
	ctx, cancel := context.WithTimeout(k.s.t.Context(), patience)
	defer cancel()
	must(k.s.t, k.conn.Write(ctx, websocket.MessageText, b))
}

// hear reads a frame and wants the type, and for errors the code.
func (k socket) hear(want string) map[string]any {
	k.s.t.Helper()
	ctx, cancel := context.WithTimeout(k.s.t.Context(), patience)
	defer cancel()
	_, b, err := k.conn.Read(ctx)
	must(k.s.t, err)
	var f map[string]any
	must(k.s.t, json.Unmarshal(b, &f))
	if f["type"] != want && f["code"] != want {
		k.s.t.Fatalf("frame = %s, want %s", b, want)
	}
	return f
}

func (k socket) closed(want int) {
	k.s.t.Helper()
	ctx, cancel := context.WithTimeout(k.s.t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := k.conn.Read(ctx); err != nil {
			if got := int(websocket.CloseStatus(err)); got != want {
				k.s.t.Errorf("closed with %d (%v), want %d", got, err, want)
			}
			return
		}
	}
}

func (s *stack) wantEvents(requestID string, want ...string) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for len(s.eventsOf(requestID)) < len(want) && time.Now().Before(deadline) {
		time.Sleep(2 * time.Millisecond)
	}
	if got := s.eventsOf(requestID); !slices.Equal(got, want) {
		s.t.Errorf("events = %q,\nwant %q", got, want)
	}
}

func TestPaidMessage(t *testing.T) {
	s := newStack(t, options{})
	admin, fan, c := s.admin(), s.signUp("fan", "fan"), s.signUp("creator", "creator")
	s.grant(admin, fan, 12)
	s.want(201, "", "POST", "/api/profiles", c.token, map[string]any{"display_name": "C", "age": 30, "price_per_message": 5})
	to, second := s.chat(c), s.chat(c)
	from := s.chat(fan)
	from.say(chat(c.id, "how are you?", "m1"))
	sent := from.hear("message_sent")
	if sent["credits_charged"] != 5.0 || sent["new_balance"] != 7.0 {
		t.Errorf("answer = %v, want 5 charged and 7 left", sent)
	}
	for _, k := range []socket{to, second} {
		if f := k.hear("new_message"); f["content"] != "how are you?" || f["sender_id"] != fan.id || f["message_id"] != sent["message_id"] {
			t.Errorf("delivery = %v, want the message of the fan", f)
		}
	}
	from.say(chat(c.id, "how are you?", "m1"))
	if again := from.hear("message_sent"); again["message_id"] != sent["message_id"] || again["new_balance"] != 7.0 {
		t.Errorf("repetition answered %v, want %v without a charge", again, sent)
	}
	from.say(chat(c.id, "and now?", "m2"))
	from.hear("message_sent")
	from.say(chat(c.id, "and now?", "m3"))
	if f := from.hear("insufficient_credits"); f["required"] != 5.0 || f["available"] != 2.0 {
		t.Errorf("error frame = %v, want required 5, available 2", f)
	}
	s.wantEvents(from.requestID,
		"http_request", "ws_connected", "ws_auth_success", "presence_online",
		"credits_spent", "credits_added", "ws_credits_charged", "ws_message_sent", "message_sent",
		"idempotent_replay",
		"credits_spent", "credits_added", "ws_credits_charged", "ws_message_sent", "message_sent",
		"insufficient_credits", "ws_insufficient_credits")
	if handshake := s.logs.Event("http_request"); !slices.ContainsFunc(handshake, func(r logtest.Record) bool {
		return r.RequestID() == from.requestID && r.Int("status_code") == 101
	}) {
		t.Error("the upgrade has no http_request with status 101")
	}
	if strings.Contains(s.logs.Text(), "how are you") {
		t.Error("the log holds the text of a message")
	}
}

func TestSocketImpersonation(t *testing.T) {
	s := newStack(t, options{})
	fan, victim := s.signUp("fan", "fan"), s.signUp("victim", "creator")
	f := func(first any, code int, reason string) {
		t.Helper()
		s.logs.Reset()
		k := s.dial(victim.id)
		k.say(first)
		k.closed(code)
		s.wantEvents(k.requestID, "http_request", "ws_connected", "ws_auth_failed", "ws_disconnected")
		rec := s.logs.One("ws_auth_failed")
		if rec.String("reason") != reason || rec.String("claimed_user_id") != victim.id || rec.Int("close_code") != int64(code) {
			t.Errorf("ws_auth_failed = %s, want %s of %s, code %d", rec.Line, reason, victim.id, code)
		}
	}
	f(map[string]any{"token": fan.token}, 4403, "mismatch")
	f(map[string]any{"token": "any text"}, 4401, "invalid")
	f(map[string]any{"token": victim.refresh}, 4401, "type")
	f("hello", 4401, "missing")
	s.want(200, "", "POST", "/api/auth/logout", victim.token, map[string]any{})
	f(map[string]any{"token": victim.token}, 4401, "revoked")
	s.clock.advance(31 * time.Minute)
	f(map[string]any{"token": fan.token}, 4401, "expired")

	s.logs.Reset()
	k := s.dial(victim.id)
	s.await("ws_connected", 1)
	s.clock.advance(10 * time.Second)
	k.closed(4408)
	s.wantEvents(k.requestID, "http_request", "ws_connected", "ws_auth_failed", "ws_disconnected")
}

func TestTwoSocketsOfOneUser(t *testing.T) {
	s := newStack(t, options{})
	fan, c := s.signUp("fan", "fan"), s.signUp("creator", "creator")
	first, second, from := s.chat(fan), s.chat(fan), s.chat(c)
	must(t, first.conn.Close(websocket.StatusNormalClosure, ""))
	s.await("ws_disconnected", 1)
	from.say(chat(fan.id, "hello", "m1"))
	from.hear("message_sent")
	second.hear("new_message")
	s.logs.None("presence_offline")
	must(t, second.conn.Close(websocket.StatusNormalClosure, ""))
	s.await("presence_offline", 1)
	s.wantEvents(second.requestID, "http_request", "ws_connected", "ws_auth_success", "ws_disconnected", "presence_offline")
}

func TestChatLimits(t *testing.T) {
	s := newStack(t, options{})
	admin, fan, c := s.admin(), s.signUp("fan", "fan"), s.signUp("creator", "creator")
	k := s.chat(fan)
	for i := range 30 {
		k.say(chat(c.id, "hello", fmt.Sprintf("m%d", i)))
		k.hear("message_sent")
	}
	k.say(chat(c.id, "hello", "m30"))
	if f := k.hear("rate_limited"); f["retry_after"].(float64) < 5 {
		t.Errorf("error frame = %v, want retry_after of 5 or more", f)
	}
	s.logs.One("ws_rate_limit_exceeded")
	s.logs.One("ws_rate_limited")
	s.clock.advance(10 * time.Second)

	s.want(200, "", "POST", "/api/admin/security/mute", admin.token, map[string]any{"user_id": fan.id, "seconds": 60})
	k.say(chat(c.id, "hello", "m31"))
	k.hear("muted")
	k.say(map[string]any{"type": "ping"})
	k.hear("pong")
	s.clock.advance(61 * time.Second)
	k.say(chat(c.id, "hello", "m32"))
	k.hear("message_sent")

	k.say(chat(strings.Repeat("0", 24), "hello", "m33"))
	k.hear("recipient_not_found")
	k.say(chat(fan.id, "hello", "m34"))
	k.hear("invalid_payload")
	k.say(chat(c.id, "  ", "m35"))
	k.hear("invalid_payload")
	k.say(chat(c.id, strings.Repeat("x", 2001), "m36"))
	k.hear("invalid_payload")
	k.say(chat(c.id, "no id", ""))
	k.hear("invalid_payload")
	k.say([]int{1})
	k.hear("invalid_payload")
	k.say(map[string]any{"type": "typing"})
	k.hear("unknown_type")
	if got, want := len(s.logs.Event("ws_message_rejected")), 7; got != want {
		t.Errorf("ws_message_rejected was logged %d times, want %d", got, want)
	}
}

func TestLogoutClosesTheSocket(t *testing.T) {
	s := newStack(t, options{})
	fan := s.signUp("fan", "fan")
	k := s.chat(fan)
	s.want(200, "", "POST", "/api/auth/logout", fan.token, nil)
	k.closed(4401)
}

func TestSuspensionClosesTheSocket(t *testing.T) {
	s := newStack(t, options{})
	fan := s.signUp("fan", "fan")
	k := s.chat(fan)
	s.suspend(fan)
	s.clock.advance(6 * time.Second) // older than what is taken for granted
	k.say(map[string]any{"type": "ping"})
	k.closed(4403)
	s.want(403, "account_suspended", "GET", "/api/auth/me", fan.token, nil)
}

func TestUpgradeIsRefused(t *testing.T) {
	s := newStack(t, options{})
	fan := s.signUp("fan", "fan")
	path := "/api/messages/ws/" + fan.id
	a := s.want(426, "upgrade_required", "GET", path, "", nil)
	if got := a.header.Get("Upgrade"); got != "websocket" {
		t.Errorf("Upgrade = %q, want websocket", got)
	}
	s.want(404, "user_not_found", "GET", "/api/messages/ws/me", "", nil)
	_, resp, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.url, "http")+path, &websocket.DialOptions{
		HTTPHeader: http.Header{"Origin": {"https://evil.example"}},
	})
	if err == nil || resp == nil || resp.StatusCode != 403 {
		t.Errorf("upgrade from another site = %v, %v, want 403", resp, err)
	}
	s.logs.None("ws_connected")
}
