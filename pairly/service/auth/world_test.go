package auth_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/cache"
	"github.com/pairly/pairlog/pairly/service/audit"
	"github.com/pairly/pairlog/pairly/service/auth"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/ratelimit"
	"github.com/pairly/pairlog/pairly/service/token"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// broken is a store that can be told to fail.
type broken struct {
	*store.Store
	fingerprint error // of RegisterFingerprint
}

func (b *broken) RegisterFingerprint(ctx context.Context, f *pairly.Fingerprint, ip string) (*pairly.Fingerprint, error) {
	if b.fingerprint != nil {
		return nil, b.fingerprint
	}
	return b.Store.RegisterFingerprint(ctx, f, ip)
}

// world is the identity services wired as the program does, on a database of
// its own, with a clock that moves only when told.
type world struct {
	t      *testing.T
	st     *broken
	events *eventtest.Recorder
	auth   *auth.Service
	limit  *ratelimit.Service

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, url string) *world {
	t.Helper()
	w := &world{t: t, st: &broken{Store: storetest.Open(t, url, store.Config{})}, events: eventtest.New(), now: storetest.T0}
	counts, err := cache.Open(context.Background(), "", cache.Config{Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	trail := audit.New(audit.Config{Store: w.st, Log: w.events.Logger("audit"), HealthLog: w.events.Logger("service.audit"), Now: w.clock})
	w.limit = ratelimit.New(ratelimit.Config{Store: w.st, Counts: counts, Audit: trail, Log: w.events.Logger("middleware.rate_limiter"), Now: w.clock})
	tokens, err := token.New(token.Config{Store: w.st, Cache: counts, Log: w.events.Logger("service.token"), Secret: []byte(strings.Repeat("s", 32)), Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	devices, err := fingerprint.New(fingerprint.Config{Store: w.st, Log: w.events.Logger("service.fingerprint"), Key: []byte(strings.Repeat("f", 32)), Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.auth = auth.New(auth.Config{
		Store: w.st, Tokens: tokens, Fingerprints: devices, Audit: trail, Hash: auth.CheapHash,
		Guard: guard.New(guard.Config{Store: w.st, Bans: w.limit, Audit: trail, Log: w.events.Logger("middleware.failed_login"), Now: w.clock}),
		Log:   w.events.Logger("api.auth"), Now: w.clock,
	})
	return w
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) wait(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

const (
	home     = "203.0.113.7"
	email    = "fan@example.com"
	password = "a rather good one"
)

// from returns the context of a request from ip.
func from(ip string) context.Context {
	return pairly.WithRequest(context.Background(), pairly.Request{
		ID: pairly.NewUUID(), ClientIP: ip, UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", AcceptLanguage: "en",
	})
}

func (w *world) signUp(email string) *pairly.TokenPair {
	w.t.Helper()
	pair, err := w.auth.SignUp(from(home), auth.SignUpInput{Email: email, Password: password, Name: "Fan", Role: pairly.RoleFan})
	if err != nil {
		w.t.Fatal(err)
	}
	w.events.Take()
	return pair
}

func (w *world) login(device string) *pairly.TokenPair {
	w.t.Helper()
	res, err := w.auth.Login(from(home), auth.LoginInput{Email: email, Password: password, DeviceInfo: device})
	if err != nil {
		w.t.Fatal(err)
	}
	w.events.Take()
	return res.Pair
}

// try logs in and checks the code of the answer, "" for a session.
func (w *world) try(ip, email, password, code string) {
	w.t.Helper()
	_, err := w.auth.Login(from(ip), auth.LoginInput{Email: email, Password: password})
	if got := pairly.ErrorCode(err); got != code {
		w.t.Fatalf("login of %s: got %v, want code %q", email, err, code)
	}
}

// authenticate checks the code that the access token gets, "" for good.
func (w *world) authenticate(pair *pairly.TokenPair, code string) {
	w.t.Helper()
	_, _, err := w.auth.Authenticate(from(home), pair.AccessToken)
	if got := pairly.ErrorCode(err); got != code {
		w.t.Errorf("Authenticate: got %v, want code %q", err, code)
	}
}

func (w *world) claims(pair *pairly.TokenPair) *pairly.Claims {
	w.t.Helper()
	_, cl, err := w.auth.Authenticate(from(home), pair.AccessToken)
	if err != nil {
		w.t.Fatal(err)
	}
	return cl
}

// rows returns the records of that event in the database, in order.
func (w *world) rows(event string) []pairly.AuditRecord {
	w.t.Helper()
	all, _, err := w.st.AuditRecords(context.Background(), 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []pairly.AuditRecord
	for _, r := range all {
		if r.Event == event {
			out = append(out, r)
		}
	}
	return out
}

// level checks level and severity of the only audit line of that name.
func (w *world) level(name string, level slog.Level, severity pairly.Severity) eventtest.Line {
	w.t.Helper()
	l := w.events.Find(w.t, name)
	if l.Level != level || l.Text("severity") != string(severity) {
		w.t.Errorf("%s: got %v %s, want %v %s", name, l.Level, l.Text("severity"), level, severity)
	}
	return l
}

func both(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) { test(t, newWorld(t, url)) })
}
