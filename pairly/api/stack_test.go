package api_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/api"
	"github.com/pairly/pairlog/pairly/cache"
	"github.com/pairly/pairlog/pairly/realtime"
	"github.com/pairly/pairlog/pairly/service/audit"
	"github.com/pairly/pairlog/pairly/service/auth"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/service/mute"
	"github.com/pairly/pairlog/pairly/service/presence"
	"github.com/pairly/pairlog/pairly/service/profile"
	"github.com/pairly/pairlog/pairly/service/ratelimit"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
	"github.com/pairly/pairlog/pairly/service/token"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// patience bounds every wait for something that must happen.
const patience = 10 * time.Second

// password is what every account of these tests logs in with.
const password = "correct-horse-7-battery"

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

// A stack is the API on real services and a database of its own.
type stack struct {
	t      *testing.T
	url    string
	clock  *clock
	logs   *logtest.Recorder
	store  *store.Store
	tokens *token.Service
	hub    *realtime.Hub

	database string // its URL
}

// options vary a stack.
type options struct {
	limits bool // of requests; off by default, most tests send more
	change func(*api.Config)
}

func newStack(t *testing.T, o options) *stack {
	t.Helper()
	s := &stack{
		t:     t,
		clock: &clock{now: time.Now().UTC().Truncate(time.Second)},
		logs:  logtest.NewWith(t, pairlog.Config{Level: -8, PIIMode: "full"}),
	}
	s.database = storetest.SQLite(t)
	s.store = storetest.Open(t, s.database, store.Config{Now: s.clock.Now})
	log := s.logs.Logger
	trail := audit.New(audit.Config{Store: s.store, Log: log("audit"), HealthLog: log("service.audit"), Now: s.clock.Now})
	memory, err := cache.Open(t.Context(), "", cache.Config{Log: log("core.redis"), Now: s.clock.Now})
	must(t, err)
	limits := ratelimit.New(ratelimit.Config{
		Store: s.store, Counts: memory, Audit: trail, Log: log("middleware.rate_limiter"),
		Disabled: !o.limits, Now: s.clock.Now,
	})
	s.tokens, err = token.New(token.Config{
		Store: s.store, Cache: memory, Log: log("service.token"), Secret: []byte(strings.Repeat("j", 32)), Now: s.clock.Now,
	})
	must(t, err)
	devices, err := fingerprint.New(fingerprint.Config{
		Store: s.store, Log: log("service.fingerprint"), Key: []byte(strings.Repeat("f", 32)), Now: s.clock.Now,
	})
	must(t, err)
	accounts := auth.New(auth.Config{
		Store: s.store, Tokens: s.tokens, Fingerprints: devices, Audit: trail, Log: log("api.auth"), Now: s.clock.Now,
		Guard: guard.New(guard.Config{Store: s.store, Bans: limits, Audit: trail, Log: log("middleware.failed_login"), Now: s.clock.Now}),
		Hash:  auth.HashParams{MemoryKiB: 64, Passes: 1, Lanes: 1},

		SessionEnded: func(userID, sessionID string, reason pairly.RevokeReason) {
			s.hub.SessionEnded(userID, sessionID, reason)
		},
	})
	credits := credit.New(credit.Config{
		Store: s.store, Log: log("service.credits"), APILog: log("api.credits"), Audit: trail, Now: s.clock.Now,
	})
	c := api.Config{
		Auth: accounts, Credits: credits, Limits: limits,
		Mutes: mute.New(mute.Config{Store: s.store, Log: log("service.ws_rate_limiter"), Audit: trail, Now: s.clock.Now}),
		Audit: trail, Logger: log, Now: s.clock.Now, Demo: true,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		CORSOrigins:    []string{"https://pairly.example"},
		Checks:         []api.Check{{Name: "database", Check: s.store.Ping}},
	}
	s.addSocial(&c)
	if o.change != nil {
		o.change(&c)
	}
	server := httptest.NewServer(api.New(c))
	s.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.hub.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		server.Close()
	})
	return s
}

// addSocial adds profiles, messages and the sockets to c.
func (s *stack) addSocial(c *api.Config) {
	log := s.logs.Logger
	online := presence.New(presence.Config{Profiles: s.store, Log: log("service.presence"), Now: s.clock.Now})
	frames := socketlimit.New(socketlimit.Config{Log: log("service.ws_rate_limiter"), Now: s.clock.Now})
	c.Messages = message.New(message.Config{
		Store: s.store, Credits: c.Credits, Limiter: frames, Mutes: c.Mutes, Classifier: moderation.NewText(), Audit: c.Audit,
		Log: log("websocket.messaging"), APILog: log("api.messaging"), CreditsLog: log("service.credits"),
		ModerationLog: log("middleware.content_moderation"), Now: s.clock.Now,
	})
	c.Profiles = profile.New(profile.Config{
		Store: s.store, Classifier: moderation.NewText(), Presence: online, Log: log("api.profiles"),
		ModerationLog: log("middleware.content_moderation"), Audit: c.Audit, Now: s.clock.Now,
	})
	s.hub = realtime.New(realtime.Config{
		Auth: c.Auth, Messages: c.Messages, Presence: online, Limiter: frames,
		Log: log("websocket.messaging"), Recover: log("app.recover"), Now: s.clock.Now, Tick: 2 * time.Millisecond,
	})
	c.Sockets = s.hub
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An account is a user with a session.
type account struct {
	id, token, refresh, session string
}

// An answer is what the API said.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any // nil where the body is no object
	list   []any          // nil where it is no array
}

func (a answer) text(key string) string { s, _ := a.body[key].(string); return s }

// do sends a request; a string body goes as it is, anything else as JSON.
func (s *stack) do(method, path, token string, body any, header ...string) answer {
	s.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		must(s.t, err)
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, r)
	must(s.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	must(s.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(s.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	switch {
	case strings.HasPrefix(a.raw, "{"):
		must(s.t, json.Unmarshal(raw, &a.body))
	case strings.HasPrefix(a.raw, "["):
		must(s.t, json.Unmarshal(raw, &a.list))
	}
	return a
}

// want sends a request and checks the status, and the error code if there is
// one to have.
func (s *stack) want(status int, code, method, path, token string, body any, header ...string) answer {
	s.t.Helper()
	a := s.do(method, path, token, body, header...)
	if a.status != status || a.text("error_code") != code {
		s.t.Fatalf("%s %s = %d %s, want %d %q", method, path, a.status, a.raw, status, code)
	}
	if code != "" {
		s.wantErrorBody(a)
	}
	return a
}

// wantErrorBody checks what every error body has.
func (s *stack) wantErrorBody(a answer) {
	s.t.Helper()
	if a.text("detail") == "" || a.text("request_id") == "" || a.text("request_id") != a.header.Get("X-Request-Id") {
		s.t.Errorf("error body = %s, want a detail and the request_id %q of the header", a.raw, a.header.Get("X-Request-Id"))
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		s.t.Errorf("Content-Type = %q, want application/json", got)
	}
}

// signUp makes an account through the API.
func (s *stack) signUp(name, role string) account {
	s.t.Helper()
	a := s.want(200, "", "POST", "/api/auth/signup", "", map[string]any{
		"email": name + "@pairly.test", "password": password, "name": name, "role": role,
	})
	user, _ := a.body["user"].(map[string]any)
	id, _ := user["id"].(string)
	return account{id: id, token: a.text("access_token"), refresh: a.text("refresh_token"), session: a.text("session_id")}
}

// admin makes an administrator, which no request can.
func (s *stack) admin() account {
	s.t.Helper()
	u := storetest.User(s.t, s.store, "admin@pairly.test", pairly.RoleAdmin)
	se := storetest.Session(s.t, s.store, u, s.clock.Now())
	access, _, err := s.tokens.CreateAccess(s.t.Context(), u, se.ID, se.RefreshTokenID)
	must(s.t, err)
	return account{id: u.ID, token: access, session: se.ID}
}

// breakTable makes every statement on a table fail.
func (s *stack) breakTable(name string) {
	s.t.Helper()
	file, _, _ := strings.Cut(strings.TrimPrefix(s.database, "sqlite://"), "?")
	db, err := sql.Open("sqlite", file)
	must(s.t, err)
	defer db.Close()
	_, err = db.Exec("ALTER TABLE " + name + " RENAME TO " + name + "_gone")
	must(s.t, err)
}

// suspend does what no route of this slice does.
func (s *stack) suspend(u account) {
	s.t.Helper()
	_, err := s.store.SuspendUser(s.t.Context(), u.id, "", "for the test", s.clock.Now())
	must(s.t, err)
}

// grant gives credits in the name of the administrator.
func (s *stack) grant(admin account, to account, amount int) answer {
	s.t.Helper()
	return s.want(200, "", "POST", "/api/credits/admin/adjust", admin.token, map[string]any{
		"user_id": to.id, "amount": amount, "reason": "for the test", "idempotency_key": pairly.NewUUID(),
	})
}

// await polls until an event was logged n times and returns its records.
func (s *stack) await(event string, n int) []logtest.Record {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		if recs := s.logs.Event(event); len(recs) >= n {
			return recs
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.t.Fatalf("%s was logged %d times, want %d", event, len(s.logs.Event(event)), n)
	return nil
}

// eventsOf returns the events of a request, in order, but for those at DEBUG.
func (s *stack) eventsOf(requestID string) []string {
	s.t.Helper()
	var out []string
	for _, r := range s.logs.Records() {
		if r.RequestID() == requestID && r.Level() != "DEBUG" {
			out = append(out, r.Event())
		}
	}
	return out
}
