package auth_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/auth"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestSignUp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		pair, err := w.auth.SignUp(from(home), auth.SignUpInput{Email: " Fan@Example.COM ", Password: password, Name: " Fan ", Role: pairly.RoleCreator})
		if err != nil {
			t.Fatal(err)
		}
		u := pair.User
		if u.Email != email || u.Name != "Fan" || u.Role != pairly.RoleCreator || u.CreditsBalance != 0 || !pairly.ValidID(u.ID) || strings.Contains(u.PasswordHash, password) {
			t.Errorf("user: got %+v", *u)
		}
		if pair.Session.DeviceInfo != "signup_device" || pair.Session.IP != home || len(pair.Session.FingerprintHash) != 64 {
			t.Errorf("session: got %+v", *pair.Session)
		}
		w.events.Find(t, "L:session_created").WantFields(t, "user_id="+u.ID, "session_id="+pair.Session.ID, "device_info=signup_device", "client_ip="+home)
		w.events.Find(t, "L:fingerprint_registered").WantFields(t, "user_id="+u.ID, "fingerprint_hash="+pair.Session.FingerprintHash[:12],
			"is_new=true", "usage_count=1", "browser=firefox", "os=linux", "device_type=desktop")
		l := w.level("A:user_signed_up", slog.LevelInfo, pairly.SeverityLow)
		if l.Text("actor.user_id") != u.ID || l.Text("actor.session_id") != pair.Session.ID || l.Text("target.user_id") != u.ID ||
			l.Text("before_state") != "null" || l.Text("after_state") != "[credits_balance=0 role=creator]" || l.Text("action") != "sign_up" {
			t.Errorf("user_signed_up: got %+v", l.Attrs)
		}
		w.events.NeverSaid(t, password)
		w.events.NeverSaid(t, pair.AccessToken)
		w.events.NeverSaid(t, pair.RefreshToken)
		w.events.Want(t, "L:fingerprint_registered", "L:token_created", "L:token_created", "L:session_created", "A:user_signed_up")
		w.authenticate(pair, "")
		read, err := w.st.Session(context.Background(), pair.Session.ID)
		if err != nil || *read != *pair.Session {
			t.Errorf("session row: got %+v, %v, want %+v", read, err, *pair.Session)
		}
	})
}

func TestSignUpRefuses(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	good := auth.SignUpInput{Email: email, Password: password, Name: "Fan", Role: pairly.RoleFan}
	f := func(code, field string, change func(*auth.SignUpInput)) {
		t.Helper()
		in := good
		change(&in)
		_, err := w.auth.SignUp(from(home), in)
		var e *pairly.Error
		if !errors.As(err, &e) || e.Kind != pairly.EInvalid || e.Code != code || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%+v: got %v, want %s about %s", in, err, code, field)
		}
	}
	f("role_not_allowed", "role", func(in *auth.SignUpInput) { in.Role = pairly.RoleAdmin })
	f("validation_failed", "role", func(in *auth.SignUpInput) { in.Role = "system" })
	f("validation_failed", "role", func(in *auth.SignUpInput) { in.Role = "" })
	for _, bad := range []string{"", "fan", "fan@", "@example.com", "Fan <fan@example.com>", "fan@example.com, b@example.com", "a b@example.com", strings.Repeat("a", 250) + "@x.de", "fan@example.com\x00"} {
		f("validation_failed", "email", func(in *auth.SignUpInput) { in.Email = bad })
	}
	for _, bad := range []string{"", "123456789", strings.Repeat("x", 73), "Password123", "QWERTYUIOP"} {
		f("validation_failed", "password", func(in *auth.SignUpInput) { in.Password = bad })
	}
	for _, bad := range []string{"", "  ", strings.Repeat("é", 101), "a\x00b", "\xff"} {
		f("validation_failed", "name", func(in *auth.SignUpInput) { in.Name = bad })
	}
	w.events.Want(t)
	for _, fine := range []func(*auth.SignUpInput){
		func(in *auth.SignUpInput) { in.Email, in.Password = "1@example.com", strings.Repeat("x", 72) },
		func(in *auth.SignUpInput) { in.Email, in.Password = "2@example.com", "xyzzy 1234" },
		func(in *auth.SignUpInput) { in.Email, in.Name = "o'brien+x@example.com", strings.Repeat("é", 100) },
	} {
		in := good
		fine(&in)
		if _, err := w.auth.SignUp(from(home), in); err != nil {
			t.Errorf("%+v: got %v, want an account", in, err)
		}
	}
}

func TestSignUpTwice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.signUp(email)
		_, err := w.auth.SignUp(from(home), auth.SignUpInput{Email: "FAN@example.com", Password: password, Name: "Other", Role: pairly.RoleFan})
		if pairly.ErrorCode(err) != "email_exists" || pairly.ErrorKind(err) != pairly.EConflict {
			t.Errorf("second sign-up: got %v, want email_exists", err)
		}
		w.events.Want(t) // a change that was rolled back leaves no line
		if n := len(w.rows("user_signed_up")); n != 1 {
			t.Errorf("audit rows: got %d, want 1", n)
		}
	})
}

// The device is worth less than the account.
func TestSignUpWithoutFingerprint(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.st.fingerprint = errors.New("no room")
	pair, err := w.auth.SignUp(from(home), auth.SignUpInput{Email: email, Password: password, Name: "Fan", Role: pairly.RoleFan})
	if err != nil {
		t.Fatal(err)
	}
	w.events.Find(t, "L:fingerprint_failed").WantFields(t, "user_id="+pair.User.ID, "error_type=error", "error_message=no room")
	w.events.Want(t, "L:fingerprint_failed", "L:token_created", "L:token_created", "L:session_created", "A:user_signed_up")
	w.authenticate(pair, "")
}

func TestLogin(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		first := w.signUp(email)
		res, err := w.auth.Login(from(home), auth.LoginInput{Email: " FAN@example.com", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		l := w.level("A:login_succeeded", slog.LevelInfo, pairly.SeverityLow)
		if l.Text("details") != "[device=unknown method=password]" || l.Text("actor.user_id") != first.User.ID || l.Text("target.user_id") != first.User.ID {
			t.Errorf("login_succeeded: got %+v", l.Attrs)
		}
		if got := w.events.Find(t, "L:fingerprint_registered").Text("usage_count"); got != "2" {
			t.Errorf("usage_count of the same device: got %s, want 2", got)
		}
		w.events.Want(t, "L:fingerprint_registered", "L:token_created", "L:token_created", "L:session_created", "A:login_succeeded")
		w.authenticate(first, "")
		w.authenticate(res.Pair, "")
		if res.Pair.Session.ID == first.Session.ID || res.Pair.Session.DeviceInfo != "unknown" {
			t.Errorf("session: got %+v", *res.Pair.Session)
		}
	})
}

// The course of scenario S-05, steps 1 to 4.
func TestLockout(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.signUp(email).User
		for n := 1; n <= 2; n++ {
			w.try(home, email, "wrong one!", "invalid_credentials")
			w.events.Find(t, "L:login_attempt_failed").WantFields(t, "email="+email, "client_ip="+home, "reason=bad_password", fmt.Sprintf("attempts=%d", n))
			l := w.level("A:login_failed", slog.LevelWarn, pairly.SeverityMedium)
			if l.Text("actor.user_id") != "null" || l.Text("target.user_id") != u.ID || l.Text("details.attempts") != fmt.Sprint(n) {
				t.Errorf("login_failed: got %+v", l.Attrs)
			}
			w.events.Want(t, "L:login_attempt_failed", "A:login_failed")
		}
		w.try(home, email, "wrong one!", "invalid_credentials")
		l := w.level("A:account_locked", slog.LevelWarn, pairly.SeverityHigh)
		if l.Text("before_state.locked_until") != "null" || l.Text("after_state.locked_until") != "2025-01-15T11:00:45.123Z" || l.Text("target.user_id") != u.ID {
			t.Errorf("account_locked: got %+v", l.Attrs)
		}
		w.events.Want(t, "L:login_attempt_failed", "A:login_failed", "A:account_locked")

		w.try(home, email, password, "account_locked")
		w.events.Find(t, "L:login_blocked").WantFields(t, "scope=account", "client_ip="+home, "locked_until=2025-01-15 11:00:45.123 +0000 UTC")
		w.events.Want(t, "L:login_blocked")
		w.wait(30*time.Minute - time.Second)
		w.try("198.51.100.1", email, password, "account_locked")
		w.events.Want(t, "L:login_blocked")

		w.wait(time.Minute + time.Second)
		w.try(home, email, "wrong one!", "invalid_credentials")
		if got := w.events.Find(t, "L:login_attempt_failed").Text("attempts"); got != "1" {
			t.Errorf("attempts after the lock: got %s, want 1", got)
		}
		w.events.Want(t, "L:login_attempt_failed", "A:login_failed")
		w.try(home, email, password, "")
		for _, name := range []string{"user", "ip"} {
			found := false
			for _, l := range w.events.Lines() {
				found = found || l.Name == "L:failed_attempts_cleared" && l.Text("scope") == name && l.Text("user_id") == u.ID
			}
			if !found {
				t.Errorf("failed_attempts_cleared of scope %s: not found", name)
			}
		}
		if first := w.events.Lines()[0].Name; first != "L:failed_attempts_cleared" {
			t.Errorf("first line: got %s, want failed_attempts_cleared", first)
		}
		w.events.Want(t, "L:fingerprint_registered", "L:token_created", "L:token_created", "L:session_created", "A:login_succeeded")
		// The counters are gone: two more failures do not lock.
		w.try(home, email, "wrong one!", "invalid_credentials")
		w.try(home, email, "wrong one!", "invalid_credentials")
		w.try(home, email, password, "")
	})
}

func TestCounterEndsAfterAnHour(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.signUp(email)
	w.try(home, email, "wrong one!", "invalid_credentials")
	w.try(home, email, "wrong one!", "invalid_credentials")
	w.wait(time.Hour)
	w.try(home, email, "wrong one!", "invalid_credentials")
	w.try(home, email, password, "")
}

// Step 5 of scenario S-05.
func TestAddressLock(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.signUp(email)
	for i := range 150 {
		w.try(home, fmt.Sprintf("nobody%d@example.com", i), "wrong one!", "invalid_credentials")
	}
	l := w.level("A:ip_banned", slog.LevelWarn, pairly.SeverityHigh)
	if l.Text("actor.user_id") != "null" || l.Text("target") != "[type=ip id="+home+"]" || l.Text("after_state.source") != "failed_login" {
		t.Errorf("ip_banned: got %+v", l.Attrs)
	}
	w.events.Take()
	w.try(home, "nobody@example.com", "wrong one!", "ip_locked")
	w.events.Find(t, "L:login_blocked").WantFields(t, "scope=ip", "client_ip="+home, "locked_until=2025-01-15 11:30:45.123 +0000 UTC")
	w.events.Want(t, "L:login_blocked")
	w.try(home, email, password, "ip_locked")
	w.try("198.51.100.1", email, password, "")
	bans, err := w.limit.ListBans(context.Background())
	if err != nil || len(bans) != 1 || bans[0].Source != pairly.BanFailedLogin || !bans[0].BannedUntil.Equal(storetest.T0.Add(time.Hour)) {
		t.Errorf("ListBans: got %+v, %v", bans, err)
	}
	if err := w.limit.Unban(context.Background(), home); err != nil {
		t.Fatal(err)
	}
	w.try(home, email, password, "")
}

// An address without an account gets the same answers as one with.
func TestNoEnumeration(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	w.signUp(email)
	answers := func(address string) string {
		var out []string
		for i := range 5 {
			_, err := w.auth.Login(from(fmt.Sprintf("198.51.100.%d", i)), auth.LoginInput{Email: address, Password: "wrong one!"})
			var e *pairly.Error
			if !errors.As(err, &e) {
				t.Fatalf("login of %s: got %v", address, err)
			}
			out = append(out, fmt.Sprintf("%s %s %s %v", e.Kind, e.Code, e.Message, e.Details))
		}
		return strings.Join(out, "\n")
	}
	known := answers(email)
	w.events.Take()
	if unknown := answers("nobody@example.com"); unknown != known {
		t.Errorf("answers of an unknown address: got\n%s\nwant those of a known one\n%s", unknown, known)
	}
	got := w.events.Take()
	want := []string{"L:login_attempt_failed", "A:login_failed", "L:login_attempt_failed", "A:login_failed", "L:login_attempt_failed", "A:login_failed", "L:login_blocked", "L:login_blocked"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events of an unknown address: got %v, want %v", got, want)
	}
	if l := w.rows("login_failed"); l[len(l)-1].Target.UserID != "" || l[len(l)-1].Target.Email != "nobody@example.com" {
		t.Errorf("login_failed of an unknown address: got target %+v", l[len(l)-1].Target)
	}
}

// Guesses sent at once get no more tries than guesses one by one, and the
// right one among them does not stand out.
func TestParallelGuesses(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.signUp(email)
		var wg sync.WaitGroup
		var mu sync.Mutex
		codes := make(map[string]int)
		start := make(chan struct{})
		for range 12 {
			wg.Go(func() {
				<-start
				_, err := w.auth.Login(from(home), auth.LoginInput{Email: email, Password: "wrong one!"})
				mu.Lock()
				defer mu.Unlock()
				codes[pairly.ErrorCode(err)]++
			})
		}
		close(start)
		wg.Wait()
		if codes["invalid_credentials"] != 3 || codes["account_locked"] != 9 {
			t.Errorf("answers: got %v, want 3 invalid_credentials, 9 account_locked", codes)
		}
		if n := len(w.rows("account_locked")); n != 1 {
			t.Errorf("account_locked: got %d rows, want 1", n)
		}
		if n := len(w.rows("login_failed")); n != 3 {
			t.Errorf("login_failed: got %d rows, want 3", n)
		}
	})
}

func TestSuspended(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		pair := w.signUp(email)
		second := w.login("phone")
		cl := w.claims(pair)
		if err := w.auth.Recheck(from(home), cl); err != nil {
			t.Fatal(err)
		}
		admin := pairly.WithActor(from("198.51.100.9"), pairly.Actor{UserID: "507f1f77bcf86cd799439011", Role: pairly.RoleAdmin, IP: "198.51.100.9", SessionID: "s"})
		w.events.Take()
		if err := w.auth.Suspend(admin, pair.User.ID, "Terms violation"); err != nil {
			t.Fatal(err)
		}
		l := w.level("A:user_suspended", slog.LevelInfo, pairly.SeverityHigh)
		if l.Text("before_state") != "[is_suspended=false]" || l.Text("after_state") != "[is_suspended=true]" || l.Text("reason") != "Terms violation" ||
			l.Text("target") != "[user_id="+pair.User.ID+" email="+email+"]" || l.Text("actor.role") != "admin" {
			t.Errorf("user_suspended: got %+v", l.Attrs)
		}
		w.events.Want(t, "L:session_revoked", "L:session_revoked", "A:user_suspended")
		w.authenticate(pair, "session_revoked")
		w.events.Want(t, "L:token_verify_failed")
		w.authenticate(second, "session_revoked")
		if err := w.auth.Recheck(from(home), cl); pairly.ErrorCode(err) != "session_revoked" {
			t.Errorf("Recheck: got %v, want session_revoked", err)
		}
		w.events.Take()
		if _, err := w.auth.Refresh(from(home), pair.RefreshToken); pairly.ErrorCode(err) != "session_revoked" {
			t.Errorf("Refresh: got %v, want session_revoked", err)
		}
		w.events.Want(t, "L:token_verify_failed", "A:refresh_failed")
		w.try(home, email, password, "account_suspended")
		w.events.Find(t, "L:login_blocked").WantFields(t, "scope=suspended", "client_ip="+home, "locked_until=<nil>")
		w.events.Want(t, "L:login_blocked")
		w.try(home, email, "wrong one!", "invalid_credentials") // only the holder learns of it

		for _, c := range []struct{ id, code string }{
			{pair.User.ID, "already_suspended"}, {pairly.NewID(storetest.T0), "user_not_found"},
		} {
			if err := w.auth.Suspend(admin, c.id, "Again"); pairly.ErrorCode(err) != c.code {
				t.Errorf("Suspend: got %v, want %s", err, c.code)
			}
		}
		w.events.Take()
		if err := w.auth.Unsuspend(admin, pair.User.ID, "Appeal"); err != nil {
			t.Fatal(err)
		}
		w.events.Want(t, "A:user_unsuspended")
		w.try(home, email, password, "")
		w.authenticate(pair, "session_revoked") // what was revoked stays so
		if err := w.auth.Unsuspend(admin, pair.User.ID, "Appeal"); pairly.ErrorCode(err) != "not_suspended" {
			t.Errorf("second Unsuspend: got %v, want not_suspended", err)
		}
	})
}

// A session that a suspension missed does not help either.
func TestSuspendedWithLiveSession(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	pair := w.signUp(email)
	cl := w.claims(pair)
	if _, err := w.st.SuspendUser(context.Background(), pair.User.ID, "", "", w.clock()); err != nil {
		t.Fatal(err)
	}
	w.authenticate(pair, "account_suspended")
	w.wait(5 * time.Second)
	if err := w.auth.Recheck(from(home), cl); pairly.ErrorCode(err) != "account_suspended" {
		t.Errorf("Recheck: got %v, want account_suspended", err)
	}
	w.events.Take()
	_, err := w.auth.Refresh(from(home), pair.RefreshToken)
	if pairly.ErrorCode(err) != "account_suspended" || pairly.ErrorKind(err) != pairly.EForbidden {
		t.Errorf("Refresh: got %v, want account_suspended", err)
	}
	w.events.Want(t, "L:token_verify_failed", "A:refresh_failed")
}

func TestWhoCannotBeSuspended(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	u := w.signUp(email).User
	self := pairly.WithActor(from(home), pairly.Actor{UserID: u.ID, Role: pairly.RoleAdmin})
	if err := w.auth.Suspend(self, u.ID, "x"); pairly.ErrorCode(err) != "self_suspension" || pairly.ErrorKind(err) != pairly.EForbidden {
		t.Errorf("Suspend of oneself: got %v", err)
	}
	if err := w.st.SetRole(context.Background(), u.ID, pairly.RoleAdmin, w.clock()); err != nil {
		t.Fatal(err)
	}
	if err := w.auth.Suspend(from(home), u.ID, "x"); pairly.ErrorCode(err) != "admin_target" {
		t.Errorf("Suspend of an admin: got %v", err)
	}
	w.events.Want(t)
}

// While nothing can ask for the second factor, the first must not be enough.
func TestSecondFactorIsNotSkipped(t *testing.T) {
	url := storetest.SQLite(t)
	w := newWorld(t, url)
	u := w.signUp(email).User
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE users SET twofa_enabled = TRUE, twofa_method = 'email' WHERE id = ?", u.ID); err != nil {
		t.Fatal(err)
	}
	w.try(home, email, password, "feature_disabled")
	w.events.Want(t)
	w.try(home, email, "wrong one!", "invalid_credentials")
}
