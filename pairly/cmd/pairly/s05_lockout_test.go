package main_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

const wrongPassword = "incorrect-pony-9"

// S-05, steps 1 to 4: three wrong passwords lock an account for half an hour.
func TestS05AccountLockout(t *testing.T) {
	app := start(t, pairlytest.Options{})
	app.Plant(wrongPassword)
	const email = "locked.out@pairly.test"
	app.Client("203.0.113.5").SignUp(email, "Lou", "fan")
	c := app.Client("203.0.113.6")

	t.Log("step 1: two wrong passwords")
	for n := int64(1); n <= 2; n++ {
		a := c.Login(email, wrongPassword)
		wantStatus(t, a, http.StatusUnauthorized, "invalid_credentials")
		rs := app.Expect(t, a.RequestID, "login_attempt_failed", "A:login_failed", "http_request")
		wantMember(t, rs[0], fmt.Sprint(n), "attempts")
		wantMember(t, rs[0], "bad_password", "reason")
		wantMember(t, rs[1], "WARNING", "level")
	}

	t.Log("step 2: the third one locks the account")
	a := c.Login(email, wrongPassword)
	wantStatus(t, a, http.StatusUnauthorized, "invalid_credentials")
	rs := app.Expect(t, a.RequestID, "login_attempt_failed", "A:login_failed", "A:account_locked", "http_request")
	wantMember(t, rs[0], "3", "attempts")
	wantNull(t, rs[2], "before_state", "locked_until")
	until := app.Clock.Now().Add(30 * time.Minute).Format("2006-01-02T15:04:05.000Z")
	wantMember(t, rs[2], until, "after_state", "locked_until")
	wantMember(t, rs[2], "high", "severity")

	t.Log("step 3: the right password comes too late")
	a = c.Login(email, pairlytest.Password)
	wantStatus(t, a, http.StatusForbidden, "account_locked")
	rs = app.Expect(t, a.RequestID, "login_blocked", "http_request")
	wantMember(t, rs[0], "account", "scope")

	t.Log("step 4: the lock ends, and the counting begins anew")
	app.Clock.Advance(31 * time.Minute)
	a = c.Login(email, wrongPassword)
	wantStatus(t, a, http.StatusUnauthorized, "invalid_credentials")
	rs = app.Expect(t, a.RequestID, "login_attempt_failed", "A:login_failed", "http_request")
	wantMember(t, rs[0], "1", "attempts")
	a = c.Login(email, pairlytest.Password)
	wantStatus(t, a, http.StatusOK, "")
	rs = app.Expect(t, a.RequestID, "fingerprint_registered", "token_created", "token_created",
		"session_created", "A:login_succeeded", "http_request")
	wantMember(t, rs[1], "access", "token_type")
	wantMember(t, rs[2], "refresh", "token_type")
	wantMember(t, rs[4], "test device", "details", "device")
}

// S-05, step 5: an address that guesses is locked out. The limiter is off,
// for it would refuse the address long before.
func TestS05AddressLockout(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) { p.NoLimits = true })
	app.Plant(wrongPassword)
	c := app.Client("203.0.113.7")
	var bans []pairlytest.Record
	for n := 1; n <= 150; n++ {
		a := c.Login(fmt.Sprintf("nobody%d@pairly.test", n), wrongPassword)
		wantStatus(t, a, http.StatusUnauthorized, "invalid_credentials")
		want := []string{"login_attempt_failed", "A:login_failed", "http_request"}
		if n == 150 {
			want = []string{"login_attempt_failed", "A:login_failed", "A:ip_banned", "http_request"}
		}
		rs := app.Expect(t, a.RequestID, want...)
		wantMember(t, rs[0], "unknown_user", "reason")
		if n == 150 {
			bans = append(bans, find(t, rs, "A:ip_banned"))
		}
	}
	a := c.Login("nobody151@pairly.test", wrongPassword)
	wantStatus(t, a, http.StatusForbidden, "ip_locked")
	rs := app.Expect(t, a.RequestID, "login_blocked", "http_request")
	wantMember(t, rs[0], "ip", "scope")
	if len(bans) != 1 {
		t.Fatalf("%d A:ip_banned records, want 1", len(bans))
	}
	wantNull(t, bans[0], "actor", "user_id")
	wantMember(t, bans[0], "failed_login", "after_state", "source")
}
