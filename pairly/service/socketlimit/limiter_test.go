package socketlimit_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/service/socketlimit"
)

// lines is a slog.Handler that keeps records.
type lines struct {
	mu  sync.Mutex
	all []slog.Record
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, r)
	return nil
}

func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *lines) WithGroup(string) slog.Handler { return l }

func attrs(r slog.Record) map[string]any {
	m := make(map[string]any)
	r.Attrs(func(a slog.Attr) bool {
		m[a.Key] = a.Value.Any()
		return true
	})
	return m
}

func limiter(c socketlimit.Config) (*socketlimit.Limiter, *lines, *time.Time) {
	log := new(lines)
	now := time.Date(2025, 1, 15, 10, 0, 0, 0, time.UTC)
	c.Log = slog.New(log)
	c.Now = func() time.Time { return now }
	return socketlimit.New(c), log, &now
}

func TestThirtyMessagesInFiveSeconds(t *testing.T) {
	l, log, now := limiter(socketlimit.Config{})
	ctx := context.Background()
	for i := range 30 {
		if v := l.Allow(ctx, "u1", "192.0.2.1"); !v.Allowed {
			t.Fatalf("message %d: refused, want allowed", i+1)
		}
	}
	*now = now.Add(4 * time.Second)
	want := socketlimit.Verdict{RetryAfter: 6, First: true}
	if got := l.Allow(ctx, "u1", "192.0.2.1"); got != want {
		t.Errorf("message 31: got %+v, want %+v", got, want)
	}
	want.First = false
	if got := l.Allow(ctx, "u1", "192.0.2.1"); got != want {
		t.Errorf("message 32: got %+v, want %+v", got, want)
	}
	if v := l.Allow(ctx, "u2", "192.0.2.2"); !v.Allowed {
		t.Error("another user: refused, want allowed")
	}
	*now = now.Add(time.Second)
	if v := l.Allow(ctx, "u1", "192.0.2.1"); !v.Allowed {
		t.Error("the next window: refused, want allowed")
	}
	if len(log.all) != 1 || log.all[0].Message != "ws_rate_limit_exceeded" || log.all[0].Level != slog.LevelWarn {
		t.Fatalf("got %d lines %v, want one ws_rate_limit_exceeded", len(log.all), log.all)
	}
	got := attrs(log.all[0])
	for key, want := range map[string]any{"user_id": "u1", "scope": "user", "count": int64(31), "limit": int64(30), "window_seconds": 5.0, "retry_after": int64(6)} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
}

func TestSixtyMessagesFromOneAddress(t *testing.T) {
	l, log, _ := limiter(socketlimit.Config{})
	ctx := context.Background()
	for i := range 60 {
		if v := l.Allow(ctx, string(rune('a'+i%3)), "192.0.2.1"); !v.Allowed {
			t.Fatalf("message %d: refused, want allowed", i+1)
		}
	}
	if v := l.Allow(ctx, "d", "192.0.2.1"); v.Allowed || v.RetryAfter != 10 || v.Abuse {
		t.Errorf("message 61 from the address: got %+v, want refused for 10 s", v)
	}
	if v := l.Allow(ctx, "d", ""); !v.Allowed {
		t.Error("without an address: refused, want allowed")
	}
	if len(log.all) != 1 || attrs(log.all[0])["scope"] != "ip" {
		t.Errorf("got %v, want one line of scope ip", log.all)
	}
}

func TestAbuseAfterTenRefusedWindows(t *testing.T) {
	l, log, now := limiter(socketlimit.Config{})
	ctx := context.Background()
	flood := func() (abuse bool) {
		for range 40 {
			abuse = abuse || l.Allow(ctx, "u1", "").Abuse
		}
		*now = now.Add(30 * time.Second)
		return abuse
	}
	for i := range 9 {
		if flood() {
			t.Fatalf("refused window %d: abuse, want not yet", i+1)
		}
	}
	if !flood() {
		t.Error("refused window 10: no abuse, want abuse")
	}
	if len(log.all) != 10 {
		t.Errorf("got %d lines, want one a window", len(log.all))
	}
	*now = now.Add(10 * time.Minute)
	if flood() {
		t.Error("ten minutes later: abuse, want a new count")
	}
}

type brokenCounter struct{}

func (brokenCounter) Hit(context.Context, string, time.Duration, time.Time) (int64, time.Duration, error) {
	return 0, 0, errors.New("connection refused")
}

func TestLimitHoldsWhileTheCounterIsDown(t *testing.T) {
	l, _, _ := limiter(socketlimit.Config{Counter: brokenCounter{}, PerUser: 2})
	ctx := context.Background()
	for i, want := range []bool{true, true, false} {
		if got := l.Allow(ctx, "u1", "").Allowed; got != want {
			t.Errorf("message %d: allowed %v, want %v", i+1, got, want)
		}
	}
}

func TestMemoryForgets(t *testing.T) {
	m := socketlimit.NewMemory()
	now := time.Unix(1_700_000_000, 0)
	for _, key := range []string{"a", "b", "c"} {
		m.Hit(context.Background(), key, 5*time.Second, now)
	}
	m.Hit(context.Background(), "d", 5*time.Second, now.Add(time.Hour))
	if got, want := m.Len(), 1; got != want {
		t.Errorf("windows an hour later: got %d, want %d", got, want)
	}
}

func TestAllowConcurrently(t *testing.T) {
	l, log, _ := limiter(socketlimit.Config{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 100 {
		wg.Go(func() {
			if l.Allow(context.Background(), "u1", "192.0.2.1").Allowed {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if allowed != 30 || len(log.all) != 1 {
		t.Errorf("of 100 at once: got %d allowed and %d lines, want 30 and 1", allowed, len(log.all))
	}
}
