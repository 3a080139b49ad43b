package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSignUp(t *testing.T) {
	s := newStack(t, options{})
	body := func(change ...string) map[string]any {
		m := map[string]any{"email": "Fan@Pairly.Test", "password": password, "name": "Fan", "role": "fan"}
		for i := 0; i < len(change); i += 2 {
			m[change[i]] = change[i+1]
		}
		return m
	}
	a := s.want(200, "", "POST", "/api/auth/signup", "", body())
	user := a.body["user"].(map[string]any)
	if user["email"] != "fan@pairly.test" || user["role"] != "fan" || user["credits_balance"] != 0.0 || a.text("token_type") != "bearer" {
		t.Errorf("signup answered %s, want a bearer of the fan fan@pairly.test with balance 0", a.raw)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control of tokens = %q, want no-store", got)
	}
	want := []string{"fingerprint_registered", "token_created", "token_created", "session_created", "user_signed_up", "http_request"}
	s.await("http_request", 1)
	if got := s.eventsOf(a.header.Get("X-Request-Id")); !slices.Equal(got, want) {
		t.Errorf("events of a signup = %q, want %q", got, want)
	}
	s.want(409, "email_exists", "POST", "/api/auth/signup", "", body("email", "fan@pairly.test"))
	s.want(422, "role_not_allowed", "POST", "/api/auth/signup", "", body("email", "b@pairly.test", "role", "admin"))
	for _, change := range [][2]string{
		{"email", "no address"}, {"email", strings.Repeat("a", 250) + "@b.test"}, {"email", "A <a@pairly.test>"},
		{"password", "short"}, {"password", strings.Repeat("p", 73)}, {"name", ""}, {"name", strings.Repeat("n", 101)},
		// Accounts that nobody could tell from another's, or not see at all.
		{"email", "fan@pairly.test\u200b"}, {"email", "\u0430@pairly.test"}, {"name", "\u200b\u200b"}, {"name", "\u202enaF"},
	} {
		s.want(422, "validation_failed", "POST", "/api/auth/signup", "", body("email", "c@pairly.test", change[0], change[1]))
	}
}

func TestLogin(t *testing.T) {
	s := newStack(t, options{})
	u := s.signUp("fan", "fan")
	login := func(status int, code, pw string) answer {
		t.Helper()
		return s.want(status, code, "POST", "/api/auth/login", "", map[string]any{
			"email": "fan@pairly.test", "password": pw, "device_info": "a phone",
		})
	}
	a := login(200, "", password)
	if a.text("session_id") == u.session || a.text("access_token") == "" {
		t.Errorf("login answered %s, want tokens of a new session", a.raw)
	}
	a = login(401, "invalid_credentials", "wrong password")
	if got := a.header.Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate = %q, want Bearer", got)
	}
	login(401, "invalid_credentials", "x")
	login(401, "invalid_credentials", "wrong password")
	login(403, "account_locked", password)
	s.clock.advance(31 * time.Minute)
	login(200, "", password)
}

func TestRefresh(t *testing.T) {
	s := newStack(t, options{})
	u := s.signUp("fan", "fan")
	refresh := func(status int, code, token string) answer {
		t.Helper()
		return s.want(status, code, "POST", "/api/auth/refresh", "", map[string]any{"refresh_token": token})
	}
	a := refresh(200, "", u.refresh)
	if a.text("session_id") != u.session || a.text("refresh_token") == u.refresh {
		t.Errorf("refresh answered %s, want new tokens of the same session", a.raw)
	}
	refresh(401, "refresh_reused", u.refresh)
	refresh(401, "session_revoked", a.text("refresh_token"))
	refresh(401, "refresh_invalid", "garbage")
	a = s.want(401, "session_revoked", "GET", "/api/auth/me", a.text("access_token"), nil)
	if got, want := a.header.Get("WWW-Authenticate"), `Bearer error="invalid_token"`; got != want {
		t.Errorf("WWW-Authenticate = %q, want %q", got, want)
	}
}

func TestSessionsAndLogout(t *testing.T) {
	s := newStack(t, options{})
	u, other := s.signUp("fan", "fan"), s.signUp("creator", "creator")
	second := s.want(200, "", "POST", "/api/auth/login", "", map[string]any{"email": "fan@pairly.test", "password": password})
	list := s.want(200, "", "GET", "/api/auth/sessions", u.token, nil).list
	if len(list) != 2 {
		t.Fatalf("sessions = %v, want two", list)
	}
	for _, e := range list {
		se := e.(map[string]any)
		if se["current"] != (se["session_id"] == u.session) || se["ip"] != "127.0.0.1" {
			t.Errorf("session = %v, want current for %s only, from 127.0.0.1", se, u.session)
		}
	}
	s.want(404, "session_not_found", "POST", "/api/auth/logout", u.token, map[string]any{"session_id": other.session})
	s.want(422, "validation_failed", "POST", "/api/auth/logout", u.token, map[string]any{"session_id": "mine"})
	s.want(200, "", "POST", "/api/auth/logout", u.token, map[string]any{"session_id": second.text("session_id")})
	s.want(401, "session_revoked", "GET", "/api/auth/me", second.text("access_token"), nil)

	a := s.want(401, "token_revoked", "GET", "/api/auth/me", u.token, nil)
	s.await("auth_rejected", 2)
	for _, r := range s.logs.Event("auth_rejected") {
		if r.Logger() != "middleware.auth" || r.String("endpoint") != "/api/auth/me" || r.String("client_ip") != "127.0.0.1" {
			t.Errorf("auth_rejected = %s, want /api/auth/me from 127.0.0.1", r.Line)
		}
	}
	_ = a
}

func TestMe(t *testing.T) {
	s := newStack(t, options{})
	u := s.signUp("fan", "fan")
	a := s.want(200, "", "GET", "/api/auth/me", u.token, nil)
	want := map[string]any{
		"id": u.id, "email": "fan@pairly.test", "name": "fan", "role": "fan", "credits_balance": 0.0,
		"is_suspended": false, "twofa_enabled": false, "twofa_method": nil,
	}
	for k, v := range want {
		if got, ok := a.body[k]; !ok || got != v {
			t.Errorf("%s = %v, want %v", k, got, v)
		}
	}
	if len(a.body) != len(want) {
		t.Errorf("me answered %s, want %d members", a.raw, len(want))
	}
	if got := s.await("http_request", 2)[1].String("user_id"); got != u.id {
		t.Errorf("user_id of the request's line = %q, want %q", got, u.id)
	}
}

func TestAuthorizationHeader(t *testing.T) {
	s := newStack(t, options{})
	u := s.signUp("fan", "fan")
	f := func(status int, code, header string) {
		t.Helper()
		s.want(status, code, "GET", "/api/auth/me", "", nil, "Authorization", header)
	}
	f(200, "", "Bearer "+u.token)
	f(200, "", "bearer  "+u.token)
	f(401, "not_authenticated", "Basic dXNlcjpwYXNz")
	f(401, "not_authenticated", "Bearer")
	f(401, "not_authenticated", "Bearer a b")
	f(401, "not_authenticated", u.token)
	f(401, "token_invalid", "Bearer garbage")
	f(401, "token_invalid", "Bearer "+u.refresh)
	s.clock.advance(31 * time.Minute)
	f(401, "token_expired", "Bearer "+u.token)
}
