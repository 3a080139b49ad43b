package auth_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func (w *world) refresh(raw, code string) *pairly.TokenPair {
	w.t.Helper()
	pair, err := w.auth.Refresh(from(home), raw)
	if got := pairly.ErrorCode(err); got != code {
		w.t.Fatalf("Refresh: got %v, want code %q", err, code)
	}
	return pair
}

// The course of scenario S-06, steps 1 to 4.
func TestRotationReuseLogout(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.signUp(email)
		phone, laptop := w.login("phone"), w.login("laptop")
		phone2 := w.refresh(phone.RefreshToken, "")
		l := w.level("A:refresh_rotated", slog.LevelInfo, pairly.SeverityLow)
		if l.Text("before_state") != "[generation=1]" || l.Text("after_state") != "[generation=2]" || l.Text("target") != "[type=session id="+phone.Session.ID+"]" ||
			l.Text("actor.user_id") != phone.User.ID || l.Text("actor.session_id") != phone.Session.ID {
			t.Errorf("refresh_rotated: got %+v", l.Attrs)
		}
		w.events.NeverSaid(t, phone2.Session.RefreshTokenID)
		w.events.Want(t, "L:token_created", "L:token_created", "A:refresh_rotated")
		laptop2 := w.refresh(laptop.RefreshToken, "")
		w.events.Want(t, "L:token_created", "L:token_created", "A:refresh_rotated")
		w.authenticate(phone2, "")
		if phone2.Session.ID != phone.Session.ID || phone2.User.Email != email {
			t.Errorf("refreshed: got %+v of %+v", *phone2.Session, *phone2.User)
		}

		w.wait(time.Minute)
		w.refresh(phone.RefreshToken, "refresh_reused")
		l = w.level("A:refresh_reuse_detected", slog.LevelError, pairly.SeverityCritical)
		if l.Text("before_state") != "[revoked=false]" || l.Text("after_state") != "[revoked=true]" || l.Text("action") != "revoke_session" ||
			l.Text("target") != "[type=session id="+phone.Session.ID+"]" || l.Text("details.replaced_at") != "2025-01-15T10:30:45.123Z" {
			t.Errorf("refresh_reuse_detected: got %+v", l.Attrs)
		}
		if got := w.events.Find(t, "L:token_verify_failed"); got.Text("token_type") != "refresh" || got.Text("reason") != "revoked" || got.Text("jti") == "null" {
			t.Errorf("token_verify_failed: got %+v", got.Attrs)
		}
		w.events.Find(t, "L:session_revoked").WantFields(t, "user_id="+phone.User.ID, "session_id="+phone.Session.ID, "reason=reuse")
		w.events.Want(t, "L:token_verify_failed", "L:session_revoked", "A:refresh_reuse_detected")

		w.authenticate(phone2, "session_revoked")
		w.events.Want(t, "L:token_verify_failed")
		w.refresh(phone2.RefreshToken, "session_revoked")
		w.refresh(phone.RefreshToken, "session_revoked") // told once
		w.events.Want(t, "L:token_verify_failed", "A:refresh_failed", "L:token_verify_failed", "A:refresh_failed")
		w.authenticate(laptop2, "")
		w.events.Want(t)

		cl := w.claims(laptop2)
		w.events.Take()
		if err := w.auth.Logout(pairly.WithActor(from(home), pairly.Actor{UserID: cl.UserID, SessionID: cl.SessionID}), cl, ""); err != nil {
			t.Fatal(err)
		}
		w.level("A:session_revoked", slog.LevelInfo, pairly.SeverityLow)
		w.events.Find(t, "L:session_revoked").WantFields(t, "user_id="+cl.UserID, "session_id="+cl.SessionID, "reason=logout")
		w.events.Want(t, "L:token_revoked", "L:session_revoked", "A:session_revoked")
		w.authenticate(laptop2, "token_revoked")
		w.events.Want(t, "L:token_verify_failed")
		w.refresh(laptop2.RefreshToken, "session_revoked")
	})
}

// Two devices, or a thief and his victim, with one refresh token.
func TestParallelRefresh(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		pair := w.signUp(email)
		var wg sync.WaitGroup
		var mu sync.Mutex
		codes := make(map[string]int)
		var winner *pairly.TokenPair
		start := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				<-start
				p, err := w.auth.Refresh(from(home), pair.RefreshToken)
				mu.Lock()
				defer mu.Unlock()
				codes[pairly.ErrorCode(err)]++
				if err == nil {
					winner = p
				}
			})
		}
		close(start)
		wg.Wait()
		if codes[""] != 1 || codes["refresh_reused"] != 1 || codes["session_revoked"] != 6 {
			t.Fatalf("answers: got %v, want 1 good, 1 refresh_reused, 6 session_revoked", codes)
		}
		counts := make(map[string]int)
		for _, name := range w.events.Take() {
			counts[name]++
		}
		if counts["L:token_created"] != 2 || counts["A:refresh_rotated"] != 1 || counts["A:refresh_reuse_detected"] != 1 || counts["L:session_revoked"] != 1 {
			t.Errorf("events: got %v", counts)
		}
		w.authenticate(winner, "session_revoked")
	})
}

func TestRefreshRefuses(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	pair := w.signUp(email)
	f := func(raw, code, reason string) {
		t.Helper()
		w.refresh(raw, code)
		l := w.level("A:refresh_failed", slog.LevelWarn, pairly.SeverityMedium)
		if got := l.Text("details.reason"); got != reason {
			t.Errorf("details.reason: got %s, want %s", got, reason)
		}
		w.events.Want(t, "L:token_verify_failed", "A:refresh_failed")
	}
	f("", "refresh_invalid", "malformed")
	f("any text", "refresh_invalid", "malformed")
	f(pair.AccessToken, "refresh_invalid", "type")
	w.wait(7*24*time.Hour + time.Second)
	f(pair.RefreshToken, "refresh_invalid", "expired")
}

// A session can be kept alive by refreshing it, and no longer than a week
// without.
func TestRefreshProlongs(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	pair := w.signUp(email)
	for n := int64(2); n < 6; n++ {
		w.wait(6 * 24 * time.Hour)
		pair = w.refresh(pair.RefreshToken, "")
		if pair.Session.Generation != n {
			t.Errorf("generation: got %d, want %d", pair.Session.Generation, n)
		}
	}
	w.authenticate(pair, "")
	read, err := w.st.Session(context.Background(), pair.Session.ID)
	if err != nil || *read != *pair.Session {
		t.Errorf("session row: got %+v, %v, want %+v", read, err, *pair.Session)
	}
}

func TestLogoutOfNamedSession(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.signUp(email)
		phone, laptop := w.login("phone"), w.login("laptop")
		foreign := w.signUp("other@example.com")
		cl := w.claims(laptop)
		w.events.Take()
		for _, id := range []string{foreign.Session.ID, pairly.NewUUID()} {
			if err := w.auth.Logout(from(home), cl, id); pairly.ErrorCode(err) != "session_not_found" || pairly.ErrorKind(err) != pairly.ENotFound {
				t.Errorf("logout of session %s: got %v, want session_not_found", id, err)
			}
		}
		w.events.Want(t)
		w.authenticate(laptop, "") // a mistake revokes nothing
		if err := w.auth.Logout(from(home), cl, phone.Session.ID); err != nil {
			t.Fatal(err)
		}
		w.events.Want(t, "L:token_revoked", "L:session_revoked", "A:session_revoked")
		w.authenticate(phone, "session_revoked")
		w.authenticate(laptop, "token_revoked")
		again := w.refresh(laptop.RefreshToken, "") // its session lives
		w.events.Take()
		if err := w.auth.Logout(from(home), w.claims(again), phone.Session.ID); err != nil {
			t.Errorf("logout of a closed session: got %v, want none", err)
		}
		w.events.Want(t, "L:token_revoked")
		w.authenticate(foreign, "")
	})
}

func TestSessions(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	first := w.signUp(email)
	w.wait(time.Second)
	second := w.login("phone")
	w.signUp("other@example.com")
	all, err := w.auth.Sessions(from(home), first.User.ID)
	if err != nil || len(all) != 2 || all[0].ID != second.Session.ID || all[1].ID != first.Session.ID {
		t.Fatalf("Sessions: got %d, %v, want two, the newest first", len(all), err)
	}
	w.events.Find(t, "L:sessions_listed").WantFields(t, "user_id="+first.User.ID, "count=2")
	ids, err := w.auth.EndSessions(from(home), first.User.ID, pairly.RevokedPasswordChange, second.Session.ID)
	if err != nil || strings.Join(ids, " ") != first.Session.ID {
		t.Errorf("EndSessions: got %v, %v, want the first", ids, err)
	}
	w.events.Want(t, "L:session_revoked")
	w.authenticate(first, "session_revoked")
	w.authenticate(second, "")
	if all, err = w.auth.Sessions(from(home), first.User.ID); err != nil || len(all) != 1 {
		t.Errorf("Sessions after EndSessions: got %d, %v, want 1", len(all), err)
	}
	me, err := w.auth.Me(from(home), first.User.ID)
	if err != nil || me.Email != email {
		t.Errorf("Me: got %+v, %v", me, err)
	}
}

func TestAuthenticateTokenTypes(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t))
	pair := w.signUp(email)
	if _, _, err := w.auth.Authenticate(from(home), pair.RefreshToken); pairly.ErrorCode(err) != "token_invalid" {
		t.Errorf("refresh token: got %v, want token_invalid", err)
	}
	w.events.Want(t, "L:token_verify_failed")
	u, cl, err := w.auth.Authenticate(from(home), pair.AccessToken)
	if err != nil || u.ID != pair.User.ID || cl.SessionID != pair.Session.ID {
		t.Errorf("access token: got %+v, %+v, %v", u, cl, err)
	}
}
