package main_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// S-04: an address that asks too much is refused, then banned, until an
// administrator lifts the ban.
func TestS04RateLimitAndBan(t *testing.T) {
	app := start(t, pairlytest.Options{})
	admin := app.Admin("198.51.100.1")
	x := app.Client("203.0.113.4")
	const path = "/api/credits/packages"

	t.Log("step 1: 60 requests in a minute")
	for range 60 {
		a := x.Get(path)
		wantStatus(t, a, http.StatusOK, "")
		app.Expect(t, a.RequestID, "http_request")
	}

	t.Log("step 2: requests 61 to 150 are refused")
	var hits []int
	for n := 61; n <= 150; n++ {
		if n == 100 {
			app.Clock.Advance(10 * time.Second) // the counter's turn
		}
		a := x.Get(path)
		wantStatus(t, a, http.StatusTooManyRequests, "rate_limited")
		if got, want := a.Header.Get("Retry-After"), "60"; got != want {
			t.Fatalf("request %d: Retry-After = %q, want %q", n, got, want)
		}
		if got, want := a.Body.Int("retry_after"), int64(60); got != want {
			t.Fatalf("request %d: retry_after = %d, want %d", n, got, want)
		}
		if n == 61 || n == 100 {
			rs := app.Expect(t, a.RequestID, "rate_limit_hit", "http_request")
			wantMember(t, rs[0], "60", "limit")
			wantMember(t, rs[0], "60", "window_seconds")
			hits = append(hits, n)
			continue
		}
		app.Expect(t, a.RequestID, "http_request")
	}
	if want := []int{61, 100}; !slices.Equal(hits, want) {
		t.Errorf("rate_limit_hit at requests %v, want %v: once, then every 10 s", hits, want)
	}

	t.Log("step 3: request 151 brings the ban")
	a := x.Get(path)
	wantStatus(t, a, http.StatusTooManyRequests, "rate_limit_exceeded")
	if got, want := a.Body.Int("retry_after"), int64(3600); got != want {
		t.Errorf("retry_after = %d, want %d", got, want)
	}
	rs := app.Expect(t, a.RequestID, "ip_ban_applied", "A:ip_banned", "http_request")
	wantMember(t, rs[0], "3600", "ban_seconds")
	wantMember(t, rs[1], "WARNING", "level")
	wantMember(t, rs[1], "high", "severity")
	wantMember(t, rs[1], "false", "before_state", "banned")
	wantMember(t, rs[1], "true", "after_state", "banned")
	wantMember(t, rs[1], "rate_limit", "after_state", "source")

	t.Log("step 4: while the ban lasts, requests are refused with the time that remains")
	a = x.Get(path)
	wantStatus(t, a, http.StatusTooManyRequests, "ip_banned")
	first := a.Body.Int("retry_after")
	app.Expect(t, a.RequestID, "banned_request_refused", "http_request")
	app.Clock.Advance(5 * time.Second)
	a = x.Get(path)
	wantStatus(t, a, http.StatusTooManyRequests, "ip_banned")
	if got, want := a.Body.Int("retry_after"), first-5; got != want {
		t.Errorf("retry_after after 5 s = %d, want %d", got, want)
	}
	app.Expect(t, a.RequestID, "http_request") // sampled away
	wantStatus(t, x.Get("/api/health"), http.StatusOK, "")

	t.Log("step 5: an administrator lists the bans and lifts this one")
	a = admin.Get("/api/admin/security/banned-ips")
	wantStatus(t, a, http.StatusOK, "")
	app.Expect(t, a.RequestID, "A:authorization_granted", "A:admin_data_accessed", "http_request")
	bans, _ := a.Body.Values["banned_ips"].([]any)
	if len(bans) != 1 || bans[0].(*pairlytest.Object).Text("ip") != x.IP {
		t.Errorf("banned_ips = %s, want %s alone", a.Raw, x.IP)
	}
	a = admin.Post("/api/admin/security/unban", map[string]any{"ip": x.IP})
	wantStatus(t, a, http.StatusOK, "")
	app.Expect(t, a.RequestID, "A:authorization_granted", "ip_unbanned", "A:ip_unbanned", "http_request")
	a = admin.Post("/api/admin/security/unban", map[string]any{"ip": x.IP})
	wantStatus(t, a, http.StatusNotFound, "ip_not_banned")

	t.Log("step 6: the address is served again")
	a = x.Get(path)
	wantStatus(t, a, http.StatusOK, "")
	app.Expect(t, a.RequestID, "http_request")

	banned := 0
	for _, r := range app.Records() {
		if r.Event() == "A:ip_banned" {
			banned++
		}
	}
	if banned != 1 {
		t.Errorf("%d A:ip_banned records, want 1", banned)
	}
}
