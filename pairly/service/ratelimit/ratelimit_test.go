package ratelimit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/cache"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/ratelimit"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// world is a limiter with its store and a clock that stands still.
type world struct {
	t      *testing.T
	st     *store.Store
	counts *cache.Cache
	events *eventtest.Recorder
	s      *ratelimit.Service

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, st: storetest.Open(t, storetest.SQLite(t), store.Config{}), events: eventtest.New(), now: storetest.T0}
	var err error
	if w.counts, err = cache.Open(context.Background(), "", cache.Config{Now: w.clock}); err != nil {
		t.Fatal(err)
	}
	w.s = w.instance(w.st)
	return w
}

// instance is one more process of the same service.
func (w *world) instance(st ratelimit.Store) *ratelimit.Service {
	return ratelimit.New(ratelimit.Config{
		Store: st, Counts: w.counts, Audit: w.events.Auditor(), Log: w.events.Logger("middleware.rate_limiter"), Now: w.clock,
	})
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) wait(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

const x, y = "203.0.113.7", "198.51.100.2"

func request(ip string) context.Context {
	return pairly.WithRequest(context.Background(), pairly.Request{ClientIP: ip, Endpoint: "/api/discover"})
}

// ask makes n requests and checks that each gets that code, "" for allowed,
// and that retry_after.
func (w *world) ask(ip string, class ratelimit.Class, n int, code string, retryAfter time.Duration) {
	w.t.Helper()
	for i := range n {
		d := w.s.Allow(request(ip), ip, class)
		if d.Code != code || d.RetryAfter != retryAfter || d.Allowed != (code == "") {
			w.t.Fatalf("request %d of %d: got %+v, want code %q, retry after %v", i+1, n, d, code, retryAfter)
		}
	}
}

// The course of scenario S-04.
func TestLimitBanUnban(t *testing.T) {
	w := newWorld(t)
	w.ask(x, "", 60, "", 0)
	w.events.Want(t)
	w.ask(x, "", 1, "rate_limited", time.Minute)
	w.events.Find(t, "L:rate_limit_hit").WantFields(t, "client_ip="+x, "count=61", "limit=60", "window_seconds=60", "endpoint=/api/discover")
	w.ask(x, "", 49, "rate_limited", time.Minute)
	w.events.Want(t, "L:rate_limit_hit")
	w.wait(10 * time.Second)
	w.ask(x, "", 40, "rate_limited", time.Minute)
	w.events.Find(t, "L:rate_limit_hit").WantFields(t, "client_ip="+x, "count=111", "limit=60", "window_seconds=60", "endpoint=/api/discover")
	w.events.Want(t, "L:rate_limit_hit")

	w.ask(x, "", 1, "rate_limit_exceeded", time.Hour)
	w.events.Find(t, "L:ip_ban_applied").WantFields(t, "client_ip="+x, "count=151", "threshold=150", "ban_seconds=3600", "source=rate_limit")
	banned := w.events.Find(t, "A:ip_banned").Audit
	if banned.Target != (pairly.Target{Type: "ip", ID: x}) || banned.Before["banned"] != false || banned.After["banned"] != true || banned.Actor.UserID != "" {
		t.Errorf("ip_banned: got %+v", banned)
	}
	w.events.Want(t, "L:ip_ban_applied", "A:ip_banned")

	w.ask(x, "", 3, "ip_banned", time.Hour)
	w.events.Find(t, "L:banned_request_refused").WantFields(t, "client_ip="+x, "retry_after=3600")
	w.events.Want(t, "L:banned_request_refused")
	w.wait(90 * time.Second)
	w.ask(x, "", 1, "ip_banned", time.Hour-90*time.Second)
	w.events.Want(t, "L:banned_request_refused")
	w.ask(x, ratelimit.ClassExempt, 200, "", 0)
	w.ask(y, "", 60, "", 0) // others are not affected

	bans, err := w.s.ListBans(context.Background())
	if err != nil || len(bans) != 1 || bans[0].IP != x || bans[0].Source != pairly.BanRateLimit {
		t.Errorf("ListBans: got %+v, %v", bans, err)
	}
	if err := w.s.Unban(request(y), x); err != nil {
		t.Fatal(err)
	}
	w.events.Find(t, "L:ip_unbanned").WantFields(t, "client_ip="+x, "source=rate_limit")
	w.events.Want(t, "L:ip_unbanned", "A:ip_unbanned")
	w.ask(x, "", 60, "", 0)
	if err := w.s.Unban(request(y), x); pairly.ErrorCode(err) != "ip_not_banned" || pairly.ErrorKind(err) != pairly.ENotFound {
		t.Errorf("second Unban: got %v, want ip_not_banned", err)
	}
}

func TestWindowSlides(t *testing.T) {
	w := newWorld(t)
	w.ask(x, "", 30, "", 0)
	w.wait(30 * time.Second)
	w.ask(x, "", 30, "", 0)
	w.wait(30 * time.Second)
	w.ask(x, "", 30, "", 0) // the first thirty have left
	w.ask(x, "", 1, "rate_limited", time.Minute)
	w.wait(61 * time.Second)
	w.ask(x, "", 60, "", 0)
}

func TestBanEnds(t *testing.T) {
	w := newWorld(t)
	w.ask(x, "", 60, "", 0)
	w.ask(x, "", 90, "rate_limited", time.Minute)
	w.ask(x, "", 1, "rate_limit_exceeded", time.Hour)
	w.wait(time.Hour - time.Second)
	w.ask(x, "", 1, "ip_banned", time.Second)
	w.wait(time.Second)
	w.ask(x, "", 60, "", 0)
	if bans, err := w.s.ListBans(context.Background()); err != nil || len(bans) != 0 {
		t.Errorf("ListBans after the end: got %+v, %v, want none", bans, err)
	}
}

func TestTightClasses(t *testing.T) {
	w := newWorld(t)
	for _, class := range []ratelimit.Class{ratelimit.ClassLogin, ratelimit.ClassTwoFA, ratelimit.ClassSignUp, ratelimit.ClassRefresh} {
		w.ask(x, class, 5, "", 0)
		w.ask(x, class, 1, "rate_limited", time.Minute)
		w.events.Find(t, "L:rate_limit_hit").WantFields(t, "client_ip="+x, "count=6", "limit=5", "window_seconds=60", "endpoint=/api/discover")
		w.events.Take()
	}
	w.ask(y, ratelimit.ClassLogin, 5, "", 0)
	w.ask(x, "", 36, "", 0) // 24 of the 60 were made above
	w.ask(x, "", 1, "rate_limited", time.Minute)
	w.wait(time.Minute)
	w.ask(x, ratelimit.ClassLogin, 5, "", 0)
}

func TestSpellingsOfOneAddress(t *testing.T) {
	w := newWorld(t)
	w.ask(x, "", 60, "", 0)
	w.ask("::ffff:"+x, "", 1, "rate_limited", time.Minute)
	w.ask("2001:db8::1", "", 60, "", 0)
	w.ask("2001:0DB8:0:0::1", "", 1, "rate_limited", time.Minute)
}

// A burst bans once, however many of its requests pass the threshold.
func TestBurstBansOnce(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := make(map[string]int)
	for range 8 {
		wg.Go(func() {
			for range 40 {
				d := w.s.Allow(request(x), x, "")
				mu.Lock()
				codes[d.Code]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if codes[""] != 60 || codes["rate_limited"] != 90 || codes["rate_limit_exceeded"] != 1 || codes["ip_banned"] != 169 {
		t.Errorf("answers: got %v, want 60 allowed, 90 limited, 1 that bans, 169 banned", codes)
	}
	got := make(map[string]int)
	for _, name := range w.events.Take() {
		got[name]++
	}
	if got["A:ip_banned"] != 1 || got["L:ip_ban_applied"] != 1 || got["L:rate_limit_hit"] != 1 {
		t.Errorf("events: got %v, want each once", got)
	}
}

// Bans and their end reach other processes within five seconds.
func TestOtherInstance(t *testing.T) {
	w := newWorld(t)
	other := w.instance(w.st)
	free := func(want bool, when string) {
		t.Helper()
		if got := other.Allow(request(x), x, "").Allowed; got != want {
			t.Errorf("%s: allowed by the other instance: got %t, want %t", when, got, want)
		}
	}
	free(true, "before the ban")
	ban := pairly.IPBan{IP: x, BannedAt: w.clock(), BannedUntil: w.clock().Add(time.Hour), Source: pairly.BanAdmin}
	if first, err := w.s.Ban(request(y), ban); err != nil || !first {
		t.Fatalf("Ban: got %t, %v, want true", first, err)
	}
	w.ask(x, "", 1, "ip_banned", time.Hour)
	w.wait(5 * time.Second)
	free(false, "five seconds after the ban")
	if err := w.s.Unban(request(y), x); err != nil {
		t.Fatal(err)
	}
	w.ask(x, "", 1, "", 0)
	w.wait(5 * time.Second)
	free(true, "five seconds after its end")
}

func TestBanIsOnlyMadeLonger(t *testing.T) {
	w := newWorld(t)
	ban := func(source pairly.BanSource, d time.Duration) bool {
		t.Helper()
		first, err := w.s.Ban(request(y), pairly.IPBan{IP: x, BannedAt: w.clock(), BannedUntil: w.clock().Add(d), Source: source})
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	if !ban(pairly.BanFailedLogin, time.Hour) {
		t.Error("first ban: got false, want true")
	}
	w.events.Want(t, "A:ip_banned") // the guard has a line of its own
	if ban(pairly.BanFraud, time.Minute) {
		t.Error("shorter ban: got true, want false")
	}
	w.events.Want(t)
	if ban(pairly.BanFraud, 24*time.Hour) {
		t.Error("longer ban: got true, want false: the address was not free")
	}
	w.events.Find(t, "L:ip_ban_applied").WantFields(t, "client_ip="+x, "count=0", "threshold=0", "ban_seconds=86400", "source=fraud")
	w.events.Want(t, "L:ip_ban_applied", "A:ip_banned")
	w.ask(x, "", 1, "ip_banned", 24*time.Hour)
}

// away is a store whose database does not answer, until it is back.
type away struct {
	*store.Store
	back *bool
}

var errAway = errors.New("database is away")

func (a away) InTx(ctx context.Context, fn func(context.Context) error) error {
	if *a.back {
		return a.Store.InTx(ctx, fn)
	}
	return errAway
}

func (a away) Ban(ctx context.Context, ip string, now time.Time) (pairly.IPBan, bool, error) {
	if *a.back {
		return a.Store.Ban(ctx, ip, now)
	}
	return pairly.IPBan{}, false, errAway
}

func TestWithoutDatabase(t *testing.T) {
	w := newWorld(t)
	back := false
	w.s = w.instance(away{w.st, &back})
	w.ask(x, "", 60, "", 0)
	w.ask(x, "", 90, "rate_limited", time.Minute)
	w.ask(x, "", 1, "rate_limit_exceeded", time.Hour)
	w.events.Want(t, "L:rate_limit_hit", "L:ip_ban_applied", "A:ip_banned")
	w.ask(x, "", 1, "ip_banned", time.Hour)
	w.events.Want(t, "L:banned_request_refused")

	// Nobody but this process knows of the ban; it can be lifted all the same.
	back = true
	if err := w.s.Unban(request(y), x); err != nil {
		t.Fatal(err)
	}
	w.events.Want(t, "L:ip_unbanned", "A:ip_unbanned")
	w.ask(x, "", 1, "", 0)
	if err := w.s.Unban(request(y), x); pairly.ErrorCode(err) != "ip_not_banned" {
		t.Errorf("second Unban: got %v, want ip_not_banned", err)
	}
}

// A client who hangs up on each answer gets his ban, and others learn of it.
func TestBanOfClientWhoLeft(t *testing.T) {
	w := newWorld(t)
	left, hangUp := context.WithCancel(request(x))
	hangUp()
	for range 151 {
		w.s.Allow(left, x, "")
	}
	if _, ok, err := w.st.Ban(request(y), x, w.clock()); err != nil || !ok {
		t.Errorf("Ban: got %t, %v, want it in the database", ok, err)
	}
}

func TestDisabled(t *testing.T) {
	w := newWorld(t)
	w.s = ratelimit.New(ratelimit.Config{Store: w.st, Counts: w.counts, Audit: w.events.Auditor(), Disabled: true, Now: w.clock})
	w.ask(x, ratelimit.ClassLogin, 500, "", 0)
}

func TestDecisionErr(t *testing.T) {
	if err := (ratelimit.Decision{Allowed: true}).Err(); err != nil {
		t.Errorf("Err of an allowed request: got %v, want nil", err)
	}
	err := ratelimit.Decision{Code: "rate_limited", RetryAfter: time.Minute}.Err()
	var e *pairly.Error
	if !errors.As(err, &e) || e.Kind != pairly.ETooMany || e.Code != "rate_limited" || e.Details["retry_after"] != int64(60) {
		t.Errorf("Err: got %+v", err)
	}
}
