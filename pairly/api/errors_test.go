package api_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/api"
)

func TestUnknownAddressesAndMethods(t *testing.T) {
	s := newStack(t, options{})
	s.want(404, "not_found", "GET", "/", "", nil)
	s.want(404, "not_found", "GET", "/api/auth/2fa/status", "", nil)
	s.want(404, "not_found", "POST", "/api/payments/checkout", "", map[string]any{})
	a := s.want(405, "method_not_allowed", "DELETE", "/api/auth/login", "", nil)
	if got := a.header.Get("Allow"); got != "POST" {
		t.Errorf("Allow = %q, want POST", got)
	}
	a = s.want(405, "method_not_allowed", "POST", "/api/auth/me", "", nil)
	if got := a.header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow = %q, want GET and HEAD", got)
	}
}

func TestBothSpellingsOfAPath(t *testing.T) {
	s := newStack(t, options{})
	for _, path := range []string{"/api", "/api/", "/api/health", "/api/health/", "/api/credits/packages/"} {
		s.want(200, "", "GET", path, "", nil)
	}
	s.want(401, "not_authenticated", "POST", "/api/profiles/", "", map[string]any{})
	s.want(401, "not_authenticated", "POST", "/api/profiles", "", map[string]any{})
}

func TestBodies(t *testing.T) {
	s := newStack(t, options{})
	f := func(body string, rules ...string) {
		t.Helper()
		a := s.want(422, "validation_failed", "POST", "/api/auth/refresh", "", body)
		var got []string
		for _, e := range a.body["errors"].([]any) {
			m := e.(map[string]any)
			got = append(got, m["field"].(string)+":"+m["rule"].(string))
			if m["message"] == "" {
				t.Errorf("%s: error %v has no message", body, m)
			}
		}
		if !slices.Equal(got, rules) {
			t.Errorf("%s broke %q, want %q", body, got, rules)
		}
	}
	f(``, "refresh_token:required")
	f(`{}`, "refresh_token:required")
	f(`{"refresh_token":null}`, "refresh_token:required")
	f(`{"refresh_token":""}`, "refresh_token:min_length")
	f(`{"refresh_token":7}`, "refresh_token:type")
	f(`{"refresh_token":"a\u0000b"}`, "refresh_token:characters")
	f(`{"refresh_token":"x","more":1}`, "more:unknown")
	f(`{"refresh_token":"x","refresh_token":"y"}`, "refresh_token:duplicate")
	f(`{"refresh_token":"x"`, "body:json")
	f(`{"refresh_token":"x"} {}`, "body:json")
	f(`{"refresh_token":x}`, "body:json")
	f(`[]`, "body:json")
	f(`null`, "body:json")
	f("{\"refresh_token\":\"\xff\"}", "body:utf8")
	f(`{`+strings.Repeat(`"a":1,`, 1)+`"b":`+strings.Repeat("[", 20000)+`}`, "body:json")

	var many strings.Builder
	for i := range 100 {
		many.WriteString(`"k` + strings.Repeat("x", i) + `":1,`)
	}
	f(`{`+many.String()+`"z":1}`, "body:max_members")

	a := s.want(422, "validation_failed", "POST", "/api/auth/refresh", "", `refresh_token=x`, "Content-Type", "application/x-www-form-urlencoded")
	if !strings.Contains(a.raw, "content_type") {
		t.Errorf("form body answered %s, want the rule content_type", a.raw)
	}
}

func TestValidationIsLoggedWithoutValues(t *testing.T) {
	s := newStack(t, options{})
	a := s.want(422, "validation_failed", "POST", "/api/auth/signup", "", map[string]any{
		"email": "not an address", "password": "short", "name": "N", "role": "fan", "S3cretName": "x",
	})
	rec := s.logs.One("validation_rejected")
	if got, want := rec.Logger(), "api.auth"; got != want {
		t.Errorf("logger = %s, want %s", got, want)
	}
	v, _ := rec.Value("fields")
	var got []string
	for _, e := range v.([]any) {
		m := e.(map[string]any)
		got = append(got, m["field"].(string)+":"+m["rule"].(string))
	}
	if want := []string{"email:email", "password:min_bytes", "*:unknown"}; !slices.Equal(got, want) {
		t.Errorf("fields = %q, want %q", got, want)
	}
	if rec.Level() != "DEBUG" || rec.String("endpoint") != "/api/auth/signup" || rec.RequestID() != a.text("request_id") {
		t.Errorf("validation_rejected = %s, want DEBUG of /api/auth/signup with the request's id", rec.Line)
	}
	for _, secret := range []string{"not an address", "S3cretName", `"short"`} {
		if strings.Contains(s.logs.Text(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestBodyTooLong(t *testing.T) {
	s := newStack(t, options{})
	long := `{"refresh_token":"` + strings.Repeat("x", 1<<20) + `"}`
	s.want(413, "body_too_large", "POST", "/api/auth/refresh", "", long)

	// Without a Content-Length the body is cut while it is read.
	req, err := http.NewRequest("POST", s.url+"/api/auth/refresh", struct{ *strings.Reader }{strings.NewReader(long)})
	must(t, err)
	req.ContentLength = -1
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("status of a chunked body of 1 MiB and more = %d, want 413", resp.StatusCode)
	}
}

func TestPanicBecomesAnException(t *testing.T) {
	s := newStack(t, options{})
	a := s.want(500, "internal_error", "GET", api.PanicPath, "", nil)
	if strings.Contains(a.raw, "asked for") {
		t.Errorf("the body tells of the panic: %s", a.raw)
	}
	s.await("http_request", 1)
	if got, want := s.eventsOf(a.text("request_id")), []string{"panic_recovered", "exception", "http_request"}; !slices.Equal(got, want) {
		t.Errorf("events = %q, want %q", got, want)
	}
	exception := s.logs.One("exception")
	if exception.Logger() != "api.demo" || exception.String("endpoint") != api.PanicPath || !strings.Contains(exception.String("stack_trace"), "panicRoute") {
		t.Errorf("exception = %s, want the stack of panicRoute by logger api.demo", exception.Line)
	}
	s.want(200, "", "GET", "/api/health", "", nil)
}

func TestOurFaultIsLoggedOnceAndNotTold(t *testing.T) {
	s := newStack(t, options{})
	u := s.signUp("user", "fan")
	s.breakTable("credits_transactions")
	s.logs.Reset()
	a := s.want(500, "internal_error", "GET", "/api/credits/history", u.token, nil)
	if strings.Contains(a.raw, "credits_transactions") {
		t.Errorf("the body tells of the cause: %s", a.raw)
	}
	s.await("http_request", 1)
	exception := s.logs.One("exception")
	if exception.Logger() != "api.credits" || !strings.Contains(exception.String("error_message"), "credits_transactions") || exception.RequestID() != a.text("request_id") {
		t.Errorf("exception = %s, want the cause by logger api.credits", exception.Line)
	}
	if got := exception.String("error_category"); got != "internal" {
		t.Errorf("error_category = %q, want internal", got)
	}
}

func TestReadiness(t *testing.T) {
	var broken error
	s := newStack(t, options{change: func(c *api.Config) {
		c.Checks = append(c.Checks, api.Check{Name: "queue", Check: func(context.Context) error { return broken }})
	}})
	s.want(200, "", "GET", "/api/health/ready", "", nil)
	s.logs.None("health_degraded")
	broken = &net.OpError{Op: "dial", Err: errors.New("refused at 10.0.0.7")}
	for range 2 {
		a := s.do("GET", "/api/health/ready", "", nil)
		if a.status != 503 || a.text("status") != "degraded" || strings.Contains(a.raw, "10.0.0.7") {
			t.Errorf("ready with a broken queue = %d %s, want 503 without the cause", a.status, a.raw)
		}
	}
	rec := s.logs.One("health_degraded")
	if rec.String("component") != "queue" || rec.String("state") != "down" || rec.Logger() != "api.health" {
		t.Errorf("health_degraded = %s, want queue down", rec.Line)
	}
	broken = nil
	s.want(200, "", "GET", "/api/health/ready", "", nil)
	if recs := s.logs.Event("health_degraded"); len(recs) != 2 || recs[1].String("state") != "up" {
		t.Errorf("health_degraded was logged %d times, want a second one that says up", len(recs))
	}
	for _, r := range s.logs.Event("http_request") {
		if r.Int("status_code") == 200 && r.Level() != "DEBUG" {
			t.Errorf("health request at %s, want DEBUG", r.Level())
		}
	}
}

func TestCORS(t *testing.T) {
	s := newStack(t, options{limits: true})
	const ours, other = "https://pairly.example", "https://evil.example"
	a := s.want(200, "", "GET", "/api/credits/packages", "", nil, "Origin", ours)
	if got := a.header.Get("Access-Control-Allow-Origin"); got != ours {
		t.Errorf("Access-Control-Allow-Origin = %q, want %q", got, ours)
	}
	a = s.want(200, "", "GET", "/api/credits/packages", "", nil, "Origin", other)
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin for another site = %q, want none", got)
	}
	preflight := func(origin string) answer {
		return s.do("OPTIONS", "/api/auth/login", "", nil, "Origin", origin, "Access-Control-Request-Method", "POST")
	}
	a = preflight(ours)
	if a.status != 204 || !strings.Contains(a.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight = %d %v, want 204 that allows Authorization", a.status, a.header)
	}
	if got := a.header.Get("Access-Control-Allow-Credentials"); got != "" {
		t.Errorf("Access-Control-Allow-Credentials = %q, want none", got)
	}
	if a = preflight(other); a.status != 403 || a.text("error_code") != "origin_not_allowed" {
		t.Errorf("preflight of another site = %d %s, want 403 origin_not_allowed", a.status, a.raw)
	}
	for range 70 { // more than the limit of requests
		if a = preflight(ours); a.status != 204 {
			t.Fatalf("preflight = %d, want 204: it does not count", a.status)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	s := newStack(t, options{})
	id := pairly.NewUUID()
	a := s.want(200, "", "GET", "/api/credits/packages", "", nil, "X-Request-ID", id)
	if got := a.header.Get("X-Request-ID"); got != id {
		t.Errorf("X-Request-ID = %q, want the %q of a trusted proxy", got, id)
	}
	a = s.want(200, "", "GET", "/api/credits/packages", "", nil, "X-Request-ID", "not-a-uuid-at-all")
	if got := a.header.Get("X-Request-ID"); got == "not-a-uuid-at-all" || len(got) != 36 {
		t.Errorf("X-Request-ID = %q, want a new UUID", got)
	}
}
