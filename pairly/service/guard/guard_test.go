package guard_test

import (
	"context"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// bans keeps the bans that the guard asks for.
type bans struct{ all []pairly.IPBan }

func (b *bans) Ban(_ context.Context, ban pairly.IPBan) (bool, error) {
	b.all = append(b.all, ban)
	return true, nil
}

type world struct {
	t      *testing.T
	st     *store.Store
	bans   *bans
	events *eventtest.Recorder
	s      *guard.Service
	now    time.Time
}

func newWorld(t *testing.T, url string, c guard.Config) *world {
	t.Helper()
	w := &world{t: t, st: storetest.Open(t, url, store.Config{}), bans: new(bans), events: eventtest.New(), now: storetest.T0}
	c.Store, c.Bans, c.Audit, c.Log = w.st, w.bans, w.events.Auditor(), w.events.Logger("middleware.failed_login")
	c.Now = func() time.Time { return w.now }
	w.s = guard.New(c)
	return w
}

func (w *world) want(err error, code string) {
	w.t.Helper()
	if got := pairly.ErrorCode(err); got != code {
		w.t.Errorf("got %v, want code %q", err, code)
	}
}

var (
	ctx  = context.Background()
	fan  = guard.Attempt{IP: "203.0.113.7", Email: "fan@example.com", UserID: "507f1f77bcf86cd799439012"}
	gone = guard.Attempt{IP: "203.0.113.7", Email: "nobody@example.com"}
)

func TestAccountLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url, guard.Config{AccountLimit: 2, AccountLock: time.Minute})
		w.want(w.s.Check(ctx, fan), "")
		w.want(w.s.Failed(ctx, fan), "invalid_credentials")
		w.want(w.s.Check(ctx, fan), "")
		w.want(w.s.Failed(ctx, fan), "invalid_credentials")
		locked := w.events.Find(t, "A:account_locked").Audit
		if locked.Target.UserID != fan.UserID || locked.After["locked_until"] != storetest.T0.Add(time.Minute) {
			t.Errorf("account_locked: got %+v", locked)
		}
		w.events.Want(t, "L:login_attempt_failed", "A:login_failed", "L:login_attempt_failed", "A:login_failed", "A:account_locked")
		w.want(w.s.Check(ctx, fan), "account_locked")
		w.want(w.s.Check(ctx, gone), "") // others at the address go on
		w.events.Want(t, "L:login_blocked")
		w.now = w.now.Add(time.Minute)
		w.want(w.s.Check(ctx, fan), "")
	})
}

// Answers that were under way when the lock fell are the lock's.
func TestLockSetMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url, guard.Config{AccountLimit: 1})
		w.want(w.s.Check(ctx, fan), "")
		w.want(w.s.Failed(ctx, fan), "invalid_credentials")
		w.events.Take()
		w.want(w.s.Failed(ctx, fan), "account_locked")
		w.events.Want(t, "L:login_blocked")
		err := w.st.InTx(ctx, func(ctx context.Context) error { return w.s.Succeeded(ctx, fan) })
		w.want(err, "account_locked")
		w.events.Want(t, "L:login_blocked")
		if f, err := w.st.FailedLogin(ctx, "user", fan.UserID); err != nil || f.Count == 0 {
			t.Errorf("counter after a refused success: got %+v, %v, want it kept", f, err)
		}
	})
}

func TestUnknownAddress(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), guard.Config{AccountLimit: 1})
	w.want(w.s.Failed(ctx, gone), "invalid_credentials")
	w.events.Find(t, "L:login_attempt_failed").WantFields(t, "email="+gone.Email, "client_ip="+gone.IP, "reason=unknown_user", "attempts=1")
	if target := w.events.Find(t, "A:login_failed").Audit.Target; target != (pairly.Target{Email: gone.Email}) {
		t.Errorf("login_failed: got target %+v", target)
	}
	w.events.Want(t, "L:login_attempt_failed", "A:login_failed") // there is no account to lock
	w.want(w.s.Check(ctx, gone), "account_locked")               // but nobody can tell
}

func TestAddressLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url, guard.Config{IPLimit: 3, IPLock: time.Hour, AccountLimit: 100})
		for range 3 {
			w.want(w.s.Failed(ctx, fan), "invalid_credentials")
		}
		want := pairly.IPBan{IP: fan.IP, BannedAt: storetest.T0, BannedUntil: storetest.T0.Add(time.Hour), Source: pairly.BanFailedLogin}
		if len(w.bans.all) != 1 || w.bans.all[0] != want {
			t.Errorf("bans: got %+v, want %+v once", w.bans.all, want)
		}
		w.events.Take()
		for _, a := range []guard.Attempt{fan, gone} {
			w.want(w.s.Check(ctx, a), "ip_locked")
			w.want(w.s.Failed(ctx, a), "ip_locked")
		}
		w.events.Want(t, "L:login_blocked", "L:login_blocked", "L:login_blocked", "L:login_blocked")
		if len(w.bans.all) != 1 {
			t.Errorf("bans: got %d, want 1", len(w.bans.all))
		}
		w.now = w.now.Add(time.Hour)
		w.want(w.s.Check(ctx, fan), "")
	})
}

func TestSucceeded(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), guard.Config{})
	w.want(w.s.Failed(ctx, fan), "invalid_credentials")
	w.want(w.s.Failed(ctx, gone), "invalid_credentials")
	w.events.Take()
	w.want(w.st.InTx(ctx, func(ctx context.Context) error { return w.s.Succeeded(ctx, fan) }), "")
	for _, c := range []struct {
		scope, subject string
		want           int64
	}{{"user", fan.UserID, 0}, {"ip", fan.IP, 0}, {"user", gone.Email, 1}} {
		if f, err := w.st.FailedLogin(ctx, c.scope, c.subject); err != nil || f.Count != c.want {
			t.Errorf("counter of %s %s: got %d, %v, want %d", c.scope, c.subject, f.Count, err, c.want)
		}
	}
}

// Who hangs up while his password is looked at has guessed all the same.
func TestFailureOfClientWhoLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := newWorld(t, url, guard.Config{AccountLimit: 2})
		left, hangUp := context.WithCancel(ctx)
		hangUp()
		w.want(w.s.Failed(left, fan), "invalid_credentials")
		w.events.Want(t, "L:login_attempt_failed", "A:login_failed")
		w.want(w.s.Failed(left, fan), "invalid_credentials")
		w.want(w.s.Check(ctx, fan), "account_locked")
	})
}
