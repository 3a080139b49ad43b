package realtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/realtime"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
	"github.com/pairly/pairlog/pairly/service/token"
)

// patience bounds every wait for something that must happen.
const patience = 10 * time.Second

var (
	alice = strings.Repeat("a", 24)
	bob   = strings.Repeat("b", 24)
)

// A clock stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A journal keeps log lines and calls of presence in their order.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) note(event, userID string) {
	b, _ := json.Marshal(map[string]string{"msg": event, "user_id": userID})
	j.Write(append(b, '\n'))
}

func (j *journal) lines(t *testing.T) []map[string]any {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []map[string]any
	dec := json.NewDecoder(bytes.NewReader(j.b.Bytes()))
	for dec.More() {
		var m map[string]any
		if err := dec.Decode(&m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// find returns the lines of an event.
func (j *journal) find(t *testing.T, event string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, l := range j.lines(t) {
		if l["msg"] == event {
			out = append(out, l)
		}
	}
	return out
}

// await polls until an event was written n times and returns its lines.
func (j *journal) await(t *testing.T, event string, n int) []map[string]any {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if ls := j.find(t, event); len(ls) >= n {
			return ls
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("%s was written %d times, want %d:\n%s", event, len(j.find(t, event)), n, j.text())
	return nil
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// A world is a hub behind a server, with services that the test plays.
type world struct {
	t     *testing.T
	hub   *realtime.Hub
	url   string
	clock *clock
	*journal

	mu      sync.Mutex
	recheck error
	send    func(ctx context.Context, r message.SendRequest) (message.SendResult, error)
	verdict socketlimit.Verdict
	beat    func() // nil: nothing
}

func (w *world) Authenticate(_ context.Context, text string) (*pairly.User, *pairly.Claims, error) {
	refused := func(code, reason string) (*pairly.User, *pairly.Claims, error) {
		return nil, nil, pairly.Errorf(pairly.EUnauthorized, code, "refused").Wrap(&token.Failure{Reason: reason})
	}
	switch text {
	case "of alice":
		return &pairly.User{ID: alice, Role: pairly.RoleFan}, &pairly.Claims{UserID: alice, SessionID: "session of alice"}, nil
	case "of bob":
		return &pairly.User{ID: bob, Role: pairly.RoleCreator}, &pairly.Claims{UserID: bob, SessionID: "session of bob"}, nil
	case "old":
		return refused("token_expired", token.ReasonExpired)
	case "for refreshing":
		return refused("token_invalid", token.ReasonType)
	case "of a suspended user":
		return nil, nil, pairly.Errorf(pairly.EForbidden, "account_suspended", "suspended")
	case "of a logged out user":
		return refused("session_revoked", token.ReasonRevoked)
	case "while the database is down":
		return nil, nil, pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "down")
	}
	return refused("token_invalid", token.ReasonMalformed)
}

func (w *world) Recheck(context.Context, *pairly.Claims) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.recheck
}

func (w *world) failRecheck(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recheck = err
}

// Send delivers unless the test has set another way.
func (w *world) Send(ctx context.Context, r message.SendRequest) (message.SendResult, error) {
	if w.send != nil {
		return w.send(ctx, r)
	}
	if r.Invalid != nil {
		return message.SendResult{}, r.Invalid
	}
	return message.SendResult{
		Message: &pairly.Message{
			ID: strings.Repeat("c", 24), FromUserID: r.From, ToUserID: r.To, Content: r.Content,
			ClientMessageID: r.ClientMessageID, CreditsCharged: 5, CreatedAt: w.clock.Now(),
		},
		NewBalance: 95, Deliver: true,
	}, nil
}

func (w *world) Allow(context.Context, string, string) socketlimit.Verdict { return w.verdict }

func (w *world) SetOnline(_ context.Context, userID, _ string) { w.note("set_online", userID) }
func (w *world) Heartbeat(_ context.Context, userID, _ string) {
	if w.beat != nil {
		w.beat()
	}
	w.note("heartbeat", userID)
}
func (w *world) SetOffline(_ context.Context, userID, _ string) { w.note("set_offline", userID) }

// newWorld starts a hub whose keeper looks at the clock often.
func newWorld(t *testing.T, change func(*realtime.Config)) *world {
	t.Helper()
	w := &world{
		t: t, journal: &journal{}, verdict: socketlimit.Verdict{Allowed: true},
		clock: &clock{now: time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)},
	}
	c := realtime.Config{
		Auth: w, Messages: w, Presence: w, Limiter: w, Now: w.clock.Now, Tick: time.Millisecond,
		Log:     slog.New(slog.NewJSONHandler(w.journal, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Origins: []string{"https://pairly.example"},
	}
	if change != nil {
		change(&c)
	}
	w.hub = realtime.New(c)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := w.hub.CheckUpgrade(r); err != nil {
			http.Error(rw, pairly.ErrorCode(err), http.StatusBadRequest)
			return
		}
		ctx := pairly.WithRequest(r.Context(), pairly.Request{ClientIP: "203.0.113.7", UserAgent: r.UserAgent(), Endpoint: "/ws"})
		if err := w.hub.Chat(rw, r.WithContext(ctx), strings.TrimPrefix(r.URL.Path, "/")); err != nil {
			t.Errorf("Chat: %v", err)
		}
	}))
	w.url = "ws" + strings.TrimPrefix(server.URL, "http") + "/"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.hub.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		server.Close()
	})
	return w
}

// A peer is the client's end of a socket.
type peer struct {
	t *testing.T
	*websocket.Conn
}

func (w *world) dial(userID string) peer {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, w.url+userID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	w.t.Cleanup(func() { conn.CloseNow() })
	return peer{w.t, conn}
}

// chat opens a socket and authenticates.
func (w *world) chat(userID, token string) peer {
	w.t.Helper()
	p := w.dial(userID)
	p.say(`{"token":"` + token + `"}`)
	if f := p.hear(); f["type"] != "connected" || f["user_id"] != userID {
		w.t.Fatalf("first frame = %v, want connected as %s", f, userID)
	}
	return p
}

func (p peer) say(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p peer) hear() map[string]any {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, b, err := p.Read(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(b, &f); err != nil {
		p.t.Fatalf("frame %q: %v", b, err)
	}
	return f
}

// closed reads until the hub closes, and wants the code.
func (p peer) closed(want int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if _, _, err := p.Read(ctx); err != nil {
			if got := int(websocket.CloseStatus(err)); got != want {
				p.t.Errorf("closed with %d (%v), want %d", got, err, want)
			}
			return
		}
	}
}

const toBob = `{"type":"chat_message","recipient_id":"bbbbbbbbbbbbbbbbbbbbbbbb","content":"the text","client_message_id":"m1"}`

func TestAuthentication(t *testing.T) {
	for _, tc := range []struct {
		name, first string
		code        int
		reason      string
		user        any
	}{
		{"no JSON", "hello", 4401, "missing", nil},
		{"no token", `{"type":"ping"}`, 4401, "missing", nil},
		{"garbage", `{"token":"garbage"}`, 4401, "invalid", nil},
		{"expired", `{"token":"old"}`, 4401, "expired", nil},
		{"of another type", `{"token":"for refreshing"}`, 4401, "type", nil},
		{"revoked", `{"token":"of a logged out user"}`, 4401, "revoked", nil},
		{"suspended", `{"token":"of a suspended user"}`, 4403, "suspended", nil},
		{"of another user", `{"token":"of bob"}`, 4403, "mismatch", bob},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			p := w.dial(alice)
			p.say(tc.first)
			p.closed(tc.code)
			end := w.await(t, "ws_disconnected", 1)[0]
			failed := w.find(t, "ws_auth_failed")
			if len(failed) != 1 {
				t.Fatalf("ws_auth_failed was written %d times, want once:\n%s", len(failed), w.text())
			}
			f := failed[0]
			if f["reason"] != tc.reason || f["close_code"] != float64(tc.code) || f["claimed_user_id"] != alice || f["user_id"] != tc.user {
				t.Errorf("ws_auth_failed = %v, want reason %s, code %d, claimed %s, user %v", f, tc.reason, tc.code, alice, tc.user)
			}
			if end["close_code"] != float64(tc.code) || end["user_id"] != nil {
				t.Errorf("ws_disconnected = %v, want code %d and no user", end, tc.code)
			}
			if n := len(w.find(t, "set_online")) + len(w.find(t, "set_offline")); n != 0 {
				t.Errorf("presence was told %d times of a socket without a user, want 0", n)
			}
		})
	}
}

func TestAuthenticationTakesTooLong(t *testing.T) {
	w := newWorld(t, nil)
	p := w.dial(alice)
	w.await(t, "ws_connected", 1)
	w.clock.advance(10 * time.Second)
	p.closed(realtime.CloseAuthTimeout)
	if got := w.await(t, "ws_disconnected", 1)[0]["close_code"]; got != float64(4408) {
		t.Errorf("close_code = %v, want 4408", got)
	}
	if f := w.find(t, "ws_auth_failed"); len(f) != 1 || f[0]["reason"] != "timeout" {
		t.Errorf("ws_auth_failed = %v, want one with reason timeout", f)
	}
}

func TestAuthenticationWhileDatabaseIsDown(t *testing.T) {
	w := newWorld(t, nil)
	p := w.dial(alice)
	p.say(`{"token":"while the database is down"}`)
	p.closed(1011)
	w.await(t, "ws_disconnected", 1)
	if n := len(w.find(t, "ws_error")); n != 1 {
		t.Errorf("ws_error was written %d times, want once", n)
	}
	if n := len(w.find(t, "ws_auth_failed")); n != 0 {
		t.Errorf("ws_auth_failed was written %d times for a fault of ours, want 0", n)
	}
}

func TestMessageReachesEverySocket(t *testing.T) {
	w := newWorld(t, nil)
	sender := w.chat(alice, "of alice")
	first, second := w.chat(bob, "of bob"), w.chat(bob, "of bob")
	sender.say(toBob)
	if f := sender.hear(); f["type"] != "message_sent" || f["client_message_id"] != "m1" || f["credits_charged"] != 5.0 || f["new_balance"] != 95.0 {
		t.Errorf("answer = %v, want message_sent of m1, 5 charged, balance 95", f)
	}
	for _, p := range []peer{first, second} {
		if f := p.hear(); f["type"] != "new_message" || f["content"] != "the text" || f["sender_id"] != alice || f["sent_at"] != "2026-01-15T10:30:00.000Z" {
			t.Errorf("delivery = %v, want the text of alice", f)
		}
	}
	if err := first.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	w.await(t, "ws_disconnected", 1)
	sender.say(toBob)
	sender.hear()
	if f := second.hear(); f["type"] != "new_message" {
		t.Errorf("second socket heard %v after the first closed, want new_message", f)
	}
	if n := len(w.await(t, "ws_message_delivered", 3)); n != 3 {
		t.Errorf("ws_message_delivered was written %d times, want 3", n)
	}
	if strings.Contains(w.text(), "the text") {
		t.Error("the log holds the text of a message")
	}
	end := w.find(t, "ws_disconnected")
	if len(end) != 1 || end[0]["close_code"] != 1000.0 || end[0]["messages_out"] != 2.0 || end[0]["user_id"] != bob {
		t.Errorf("ws_disconnected = %v, want one of bob with code 1000 and 2 frames out", end)
	}
}

func TestFrames(t *testing.T) {
	w := newWorld(t, nil)
	p := w.chat(alice, "of alice")
	f := func(frame, code string) {
		t.Helper()
		p.say(frame)
		if got := p.hear(); got["type"] != "error" || got["code"] != code {
			t.Errorf("%s answered %v, want error %s", frame, got, code)
		}
	}
	f(`{`, "invalid_payload")
	f(``, "invalid_payload")
	f(`null`, "invalid_payload")
	f(`[1]`, "invalid_payload")
	f(`"chat_message"`, "invalid_payload")
	f(`{"content":"x"}`, "invalid_payload")
	f(`{"type":7}`, "invalid_payload")
	f(`{"type":"chat_message","content":7}`, "invalid_payload")
	f(`{"type":"chat_message","price":0}`, "invalid_payload")
	f(`{"type":"chat_message"} {}`, "invalid_payload")
	f("{\"type\":\"chat_message\",\"content\":\"\xff\"}", "invalid_payload")
	f(`{"type":"typing"}`, "unknown_type")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Write(ctx, websocket.MessageBinary, []byte(toBob)); err != nil {
		t.Fatal(err)
	}
	if got := p.hear(); got["code"] != "invalid_payload" {
		t.Errorf("binary frame answered %v, want invalid_payload", got)
	}
	p.say(`{"type":"ping"}`)
	if got := p.hear(); got["type"] != "pong" {
		t.Errorf("ping answered %v, want pong", got)
	}
	if n := len(w.find(t, "heartbeat")); n != 1 {
		t.Errorf("presence beat %d times for one ping, want once", n)
	}
}

func TestPingsAreLimited(t *testing.T) {
	w := newWorld(t, nil)
	w.verdict = socketlimit.Verdict{RetryAfter: 5, First: true}
	p := w.chat(alice, "of alice")
	p.say(`{"type":"ping"}`)
	if got := p.hear(); got["code"] != "rate_limited" || got["retry_after"] != 5.0 {
		t.Errorf("ping answered %v, want rate_limited for 5 s", got)
	}
	if n := len(w.find(t, "ws_rate_limited")); n != 1 {
		t.Errorf("ws_rate_limited was written %d times, want once", n)
	}
}

func TestFrameOf16KiBPassesAndOneByteMoreDoesNot(t *testing.T) {
	w := newWorld(t, nil)
	p := w.chat(alice, "of alice")
	frame := func(n int) string {
		const head, tail = `{"type":"typing","x":"`, `"}`
		return head + strings.Repeat("x", n-len(head)-len(tail)) + tail
	}
	p.say(frame(16 << 10))
	if got := p.hear(); got["code"] != "unknown_type" {
		t.Errorf("frame of 16 KiB answered %v, want unknown_type", got)
	}
	p.say(frame(16<<10 + 1))
	p.closed(1009)
	if got := w.await(t, "ws_disconnected", 1)[0]["close_code"]; got != 1009.0 {
		t.Errorf("close_code = %v, want 1009", got)
	}
}
