package main_test

import (
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// S-06: refresh tokens rotate, a reused one ends its session, logout ends
// another, and all of that is decided by the database.
func TestS06RefreshRotationReuseLogout(t *testing.T) {
	refreshScenario(t, start(t, pairlytest.Options{}))
}

// S-06, step 5: the same where Redis cannot be reached from the start.
func TestS06WithoutTheConfiguredRedis(t *testing.T) {
	dead := pairlytest.NewProxy(t, "127.0.0.1:1")
	dead.Cut()
	app := start(t, pairlytest.Options{Env: map[string]string{"REDIS_URL": "redis://" + dead.Addr}})
	refreshScenario(t, app)
	wantRedisTrouble(t, app)
}

// S-06, step 5: the same with a Redis that stops while the program runs.
func TestS06RedisStopped(t *testing.T) {
	url := os.Getenv(pairlytest.RedisEnv)
	if url == "" {
		t.Skipf("%s is not set: no Redis to stop", pairlytest.RedisEnv)
	}
	proxy := pairlytest.NewProxy(t, pairlytest.RedisAddr(t, url))
	app := start(t, pairlytest.Options{Env: map[string]string{"REDIS_URL": "redis://" + proxy.Addr}})
	refreshScenario(t, app)
	app.Ignore()
	app.Await("redis_connected", func(rs []pairlytest.Record) bool {
		return slices.Contains(pairlytest.Events(rs), "redis_connected")
	})
	proxy.Cut()
	refreshScenario(t, app)
	wantRedisTrouble(t, app)
}

func wantRedisTrouble(t *testing.T, app *pairlytest.App) {
	t.Helper()
	app.Ignore()
	for _, event := range []string{"redis_unavailable", "redis_degraded_operation"} {
		app.Await(event, func(rs []pairlytest.Record) bool {
			return slices.Contains(pairlytest.Events(rs), event)
		})
	}
}

// refreshScenario is steps 1 to 4, with a new user on two devices. Lines of
// the cache may stand between those of the steps: they tell of Redis.
func refreshScenario(t *testing.T, app *pairlytest.App) {
	t.Helper()
	app.Ignore("redis_unavailable", "redis_degraded_operation", "redis_connected")
	email := app.Unique("two.devices") + "@pairly.test"
	app.Client(app.UniqueIP()).SignUp(email, "Dev", "fan")
	one, two := app.Client(app.UniqueIP()), app.Client(app.UniqueIP())

	t.Log("step 1: two devices log in, both refresh")
	var stale string
	for _, c := range []*pairlytest.Client{one, two} {
		wantStatus(t, c.Login(email, pairlytest.Password), http.StatusOK, "")
		before := c.Refresh
		if c == one {
			stale = before
		}
		a := c.Rotate()
		wantStatus(t, a, http.StatusOK, "")
		if c.Refresh == before {
			t.Error("refresh token is the same after the rotation")
		}
		rs := app.Expect(t, a.RequestID, "token_created", "token_created", "A:refresh_rotated", "http_request")
		wantMember(t, rs[2], "low", "severity")
		if got, want := rs[2].Int("after_state", "generation"), rs[2].Int("before_state", "generation")+1; got != want {
			t.Errorf("generation = %d after the rotation, want %d", got, want)
		}
	}

	t.Log("step 2: device 1 presents its first refresh token again")
	a := one.Post("/api/auth/refresh", map[string]any{"refresh_token": stale})
	wantStatus(t, a, http.StatusUnauthorized, "refresh_reused")
	rs := app.Expect(t, a.RequestID, "token_verify_failed", "session_revoked", "A:refresh_reuse_detected", "http_request")
	wantMember(t, rs[1], "reuse", "reason")
	wantMember(t, rs[1], one.SessionID, "session_id")
	wantMember(t, rs[2], "ERROR", "level")
	wantMember(t, rs[2], "critical", "severity")
	wantMember(t, rs[2], "true", "after_state", "revoked")

	t.Log("step 3: device 1 is out, device 2 is not")
	a = one.Get("/api/auth/me")
	if a.Status != http.StatusUnauthorized {
		t.Fatalf("status of device 1 = %d, want 401: %s", a.Status, a.Raw)
	}
	rs = app.Expect(t, a.RequestID, "token_verify_failed", "auth_rejected", "http_request")
	wantMember(t, rs[0], "revoked", "reason")
	a = two.Get("/api/auth/me")
	wantStatus(t, a, http.StatusOK, "")
	rs = app.Expect(t, a.RequestID, "http_request")
	wantMember(t, rs[0], two.UserID, "user_id")

	t.Log("step 4: device 2 logs out")
	a = two.Post("/api/auth/logout", nil)
	wantStatus(t, a, http.StatusOK, "")
	rs = app.Expect(t, a.RequestID, "token_revoked", "session_revoked", "A:session_revoked", "http_request")
	wantMember(t, rs[1], "logout", "reason")
	wantMember(t, rs[2], "true", "after_state", "revoked")
	a = two.Get("/api/auth/me")
	if a.Status != http.StatusUnauthorized {
		t.Fatalf("status of device 2 = %d, want 401: %s", a.Status, a.Raw)
	}
	app.Expect(t, a.RequestID, "token_verify_failed", "auth_rejected", "http_request")
}

// A session that ended has no socket: neither the thief's, after the reuse of
// a refresh token, nor the user's own, after a logout. The clock stands still,
// so nothing but the end of the session can close them.
func TestSocketsEndWithTheirSession(t *testing.T) {
	app := start(t, pairlytest.Options{})
	const email = "sockets@pairly.test"
	app.Client("203.0.113.26").SignUp(email, "Sol", "fan")
	one, two := app.Client("203.0.113.27"), app.Client("203.0.113.28")
	wantStatus(t, one.Login(email, pairlytest.Password), http.StatusOK, "")
	wantStatus(t, two.Login(email, pairlytest.Password), http.StatusOK, "")
	stolen, other := one.Chat(), two.Chat()

	stale := one.Refresh
	wantStatus(t, one.Rotate(), http.StatusOK, "")
	a := one.Post("/api/auth/refresh", map[string]any{"refresh_token": stale})
	wantStatus(t, a, http.StatusUnauthorized, "refresh_reused")
	if got, want := stolen.AwaitClose(), 4401; got != want {
		t.Errorf("close code after the reuse = %d, want %d", got, want)
	}
	other.Send(map[string]any{"type": "ping"})
	wantFrame(t, other.Read(), "pong", "")

	wantStatus(t, two.Post("/api/auth/logout", nil), http.StatusOK, "")
	if got, want := other.AwaitClose(), 4401; got != want {
		t.Errorf("close code after the logout = %d, want %d", got, want)
	}
}
