package api_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestProfiles(t *testing.T) {
	s := newStack(t, options{})
	c, fan := s.signUp("creator", "creator"), s.signUp("fan", "fan")
	s.want(404, "profile_not_found", "PATCH", "/api/profiles/me", c.token, map[string]any{"age": 30})
	s.want(404, "profile_not_found", "POST", "/api/profiles/status", c.token, map[string]any{"is_online": true})
	body := map[string]any{
		"display_name": "Aria", "bio": "two\nlines", "age": 25, "price_per_message": 5,
		"location": map[string]any{"lat": 52.520008, "lng": 13.404954},
	}
	a := s.want(201, "", "POST", "/api/profiles/", c.token, body)
	id := a.text("id")
	if at := a.body["location"].(map[string]any); at["lat"] != 52.52 || at["lng"] != 13.4 {
		t.Errorf("location = %v, want it rounded to two decimals", at)
	}
	s.want(409, "profile_exists", "POST", "/api/profiles", c.token, body)

	mine := s.want(200, "", "GET", "/api/profiles/"+id, c.token, nil)
	if _, ok := mine.body["total_earnings"]; !ok {
		t.Errorf("own profile = %s, want total_earnings", mine.raw)
	}
	for _, token := range []string{fan.token, ""} {
		seen := s.want(200, "", "GET", "/api/profiles/"+id, token, nil)
		if _, ok := seen.body["total_earnings"]; ok {
			t.Errorf("profile as others see it = %s, want no total_earnings", seen.raw)
		}
	}
	s.want(401, "token_invalid", "GET", "/api/profiles/"+id, "garbage", nil)
	s.want(404, "profile_not_found", "GET", "/api/profiles/not-an-id", "", nil)
	s.want(404, "profile_not_found", "GET", "/api/profiles/"+strings.Repeat("0", 24), "", nil)

	a = s.want(200, "", "PATCH", "/api/profiles/me", c.token, map[string]any{"price_per_message": 7, "bio": nil, "location": nil})
	if a.body["price_per_message"] != 7.0 || a.body["bio"] != nil || a.body["location"] != nil || a.text("display_name") != "Aria" {
		t.Errorf("PATCH answered %s, want the price 7, no bio, no location, the name kept", a.raw)
	}
	for name, value := range map[string]any{
		"display_name": "", "age": 17, "price_per_message": 10001, "bio": strings.Repeat("x", 501),
		"location": map[string]any{"lat": 91, "lng": 0}, "is_online": true,
	} {
		s.want(422, "validation_failed", "PATCH", "/api/profiles/me", c.token, map[string]any{name: value})
	}
	s.want(422, "validation_failed", "PATCH", "/api/profiles/me", c.token, map[string]any{"location": map[string]any{"lat": 1}})
	s.want(422, "validation_failed", "PATCH", "/api/profiles/me", c.token, map[string]any{"age": 20.5})

	a = s.want(200, "", "POST", "/api/profiles/status", c.token, map[string]any{"is_online": true})
	if a.body["is_online"] != true {
		t.Errorf("status answered %s, want is_online", a.raw)
	}
	s.want(422, "validation_failed", "POST", "/api/profiles/status", c.token, map[string]any{"is_online": "yes"})
}

func TestCredits(t *testing.T) {
	s := newStack(t, options{})
	admin, fan, c := s.admin(), s.signUp("fan", "fan"), s.signUp("creator", "creator")
	s.grant(admin, fan, 100)
	balance := func(of account, want float64) {
		t.Helper()
		if got := s.want(200, "", "GET", "/api/credits/balance", of.token, nil).body["credits_balance"]; got != want {
			t.Errorf("credits_balance = %v, want %v", got, want)
		}
	}
	balance(fan, 100)

	spend := map[string]any{"amount": 30, "transaction_type": "unlock", "description": "a post", "idempotency_key": "k1"}
	first := s.want(200, "", "POST", "/api/credits/spend", fan.token, spend)
	if first.body["credits_spent"] != 30.0 || first.body["new_balance"] != 70.0 {
		t.Errorf("spend answered %s, want 30 spent and 70 left", first.raw)
	}
	again := s.want(200, "", "POST", "/api/credits/spend", fan.token, spend)
	if again.text("transaction_id") != first.text("transaction_id") {
		t.Errorf("repetition answered %s, want the transaction of %s", again.raw, first.raw)
	}
	spend["amount"] = 31
	s.want(409, "duplicate_transaction", "POST", "/api/credits/spend", fan.token, spend)
	spend["idempotency_key"], spend["amount"] = "k2", 1000
	a := s.want(402, "insufficient_credits", "POST", "/api/credits/spend", fan.token, spend)
	if a.body["required"] != 1000.0 || a.body["available"] != 70.0 {
		t.Errorf("insufficient_credits answered %s, want required 1000, available 70", a.raw)
	}
	for name, value := range map[string]any{"amount": 0, "transaction_type": "message", "idempotency_key": "", "related_user_id": "x"} {
		bad := map[string]any{"amount": 1, "transaction_type": "unlock", "idempotency_key": "k3", name: value}
		s.want(422, "validation_failed", "POST", "/api/credits/spend", fan.token, bad)
	}

	tip := map[string]any{"creator_id": c.id, "amount": 20, "message": "well done", "idempotency_key": "t1"}
	a = s.want(200, "", "POST", "/api/credits/tip", fan.token, tip)
	if a.body["amount"] != 20.0 || a.body["new_balance"] != 50.0 || a.text("creator_id") != c.id {
		t.Errorf("tip answered %s, want 20 to the creator and 50 left", a.raw)
	}
	balance(c, 20)
	tip["creator_id"], tip["idempotency_key"] = strings.Repeat("0", 24), "t2"
	s.want(404, "creator_not_found", "POST", "/api/credits/tip", fan.token, tip)

	page := s.want(200, "", "GET", "/api/credits/history?limit=2&skip=1", fan.token, nil)
	if rows := page.body["transactions"].([]any); len(rows) != 2 || page.body["total"] != 3.0 || page.body["limit"] != 2.0 || page.body["skip"] != 1.0 {
		t.Errorf("history = %s, want 2 of 3 rows", page.raw)
	}
	page = s.want(200, "", "GET", "/api/credits/history?transaction_type=tip", fan.token, nil)
	if rows := page.body["transactions"].([]any); len(rows) != 1 || rows[0].(map[string]any)["amount"] != -20.0 {
		t.Errorf("history of tips = %s, want the one of -20", page.raw)
	}
	for _, q := range []string{"limit=0", "limit=101", "limit=x", "skip=-1", "transaction_type=gift", fmt.Sprintf("skip=%d", uint64(math.MaxUint64))} {
		s.want(422, "validation_failed", "GET", "/api/credits/history?"+q, fan.token, nil)
	}
}

func TestPackages(t *testing.T) {
	s := newStack(t, options{})
	all := s.want(200, "", "GET", "/api/credits/packages", "", nil).body["packages"].(map[string]any)
	p, _ := all["premium"].(map[string]any)
	if len(all) != 4 || p["price_usd_cents"] != 1999.0 || p["display_usd"] != "$19.99" || p["credits"] != 300.0 || p["bonus_credits"] != 50.0 {
		t.Errorf("packages = %v, want four, premium with 300+50 for $19.99", all)
	}
}

func TestAdminCredits(t *testing.T) {
	s := newStack(t, options{})
	admin, fan := s.admin(), s.signUp("fan", "fan")
	a := s.grant(admin, fan, 100)
	if a.body["amount_adjusted"] != 100.0 || a.body["new_balance"] != 100.0 || a.text("user_id") != fan.id {
		t.Errorf("adjust answered %s, want 100 to the fan", a.raw)
	}
	want := []string{"authorization_granted", "credits_added", "credits_adjusted", "http_request"}
	s.await("http_request", 2)
	if got := s.eventsOf(a.header.Get("X-Request-Id")); !slices.Equal(got, want) {
		t.Errorf("events of an adjustment = %q, want %q", got, want)
	}
	adjust := func(status int, code string, user any, amount any) {
		t.Helper()
		s.want(status, code, "POST", "/api/credits/admin/adjust", admin.token, map[string]any{
			"user_id": user, "amount": amount, "reason": "for the test", "idempotency_key": pairly.NewUUID(),
		})
	}
	adjust(402, "insufficient_credits", fan.id, -101)
	adjust(404, "user_not_found", strings.Repeat("0", 24), 1)
	adjust(422, "validation_failed", fan.id, 0)
	adjust(422, "validation_failed", fan.id, 1000001)
	adjust(422, "validation_failed", "nobody", 1)

	refund := func(status int, code, id string) answer {
		t.Helper()
		return s.want(status, code, "POST", "/api/credits/admin/refund", admin.token, map[string]any{"transaction_id": id, "reason": "for the test"})
	}
	spent := s.want(200, "", "POST", "/api/credits/spend", fan.token, map[string]any{
		"amount": 40, "transaction_type": "unlock", "idempotency_key": "k1",
	}).text("transaction_id")
	a = refund(200, "", spent)
	if a.body["refund_amount"] != 40.0 || a.body["new_balance"] != 100.0 || a.text("original_transaction_id") != spent {
		t.Errorf("refund answered %s, want 40 back", a.raw)
	}
	refund(409, "already_refunded", spent)
	refund(404, "transaction_not_found", strings.Repeat("0", 24))
}

func TestMessageRoutes(t *testing.T) {
	s := newStack(t, options{})
	fan, c := s.signUp("fan", "fan"), s.signUp("creator", "creator")
	socket := s.chat(fan)
	for i := range 3 {
		socket.say(chat(c.id, fmt.Sprintf("text %d", i), fmt.Sprintf("m%d", i)))
		socket.hear("message_sent")
	}
	list := s.want(200, "", "GET", "/api/messages/conversations", c.token, nil).list
	if len(list) != 1 || list[0].(map[string]any)["unread"] != 3.0 || list[0].(map[string]any)["user_id"] != fan.id {
		t.Errorf("conversations = %v, want the fan's with 3 unread", list)
	}
	history := s.want(200, "", "GET", "/api/messages/history/"+fan.id+"?limit=2", c.token, nil).list
	if len(history) != 2 || history[0].(map[string]any)["content"] != "text 1" || history[1].(map[string]any)["content"] != "text 2" {
		t.Fatalf("history = %v, want text 1 and text 2", history)
	}
	before := history[0].(map[string]any)["id"].(string)
	history = s.want(200, "", "GET", "/api/messages/history/"+fan.id+"?before="+before, c.token, nil).list
	if len(history) != 1 || history[0].(map[string]any)["content"] != "text 0" {
		t.Errorf("history before text 1 = %v, want text 0", history)
	}
	if empty := s.want(200, "", "GET", "/api/messages/history/"+s.admin().id, c.token, nil); empty.raw != "[]\n" {
		t.Errorf("history with nobody = %q, want an empty list", empty.raw)
	}
	s.want(404, "user_not_found", "GET", "/api/messages/history/x", c.token, nil)
	s.want(404, "user_not_found", "GET", "/api/messages/history/"+strings.Repeat("0", 24), c.token, nil)
	s.want(400, "invalid_cursor", "GET", "/api/messages/history/"+fan.id+"?before=x", c.token, nil)
	s.want(422, "validation_failed", "GET", "/api/messages/history/"+fan.id+"?limit=201", c.token, nil)
	s.want(422, "validation_failed", "GET", "/api/messages/conversations?limit=101", c.token, nil)
}

// adminRoutes are all routes that only administrators have.
var adminRoutes = []struct {
	method, path string
	body         any
}{
	{"POST", "/api/credits/admin/adjust", map[string]any{}},
	{"POST", "/api/credits/admin/refund", map[string]any{}},
	{"GET", "/api/admin/security/banned-ips", nil},
	{"POST", "/api/admin/security/unban", map[string]any{}},
	{"POST", "/api/admin/security/mute", map[string]any{}},
	{"POST", "/api/admin/security/unmute", map[string]any{}},
	{"GET", "/api/admin/security/muted", nil},
}

func TestAdminGate(t *testing.T) {
	s := newStack(t, options{})
	fan := s.signUp("fan", "fan")
	for _, rt := range adminRoutes {
		s.logs.Reset()
		s.want(401, "not_authenticated", rt.method, rt.path, "", rt.body)
		s.logs.None("authorization_denied")
		a := s.want(403, "admin_only", rt.method, rt.path, fan.token, rt.body)
		s.await("http_request", 2)
		denied := s.logs.One("authorization_denied")
		if denied.Level() != "WARNING" || denied.String("target", "id") != rt.path || denied.String("details", "required_role") != "admin" ||
			denied.String("actor", "user_id") != fan.id || denied.String("severity") != "medium" {
			t.Errorf("authorization_denied = %s, want the fan at %s", denied.Line, rt.path)
		}
		if got, want := s.eventsOf(a.text("request_id")), []string{"authorization_denied", "http_request"}; !slices.Equal(got, want) {
			t.Errorf("events at %s = %q, want %q", rt.path, got, want)
		}
	}
}

// A claim is the client's copy; the row decides.
func TestRoleOfTheRowCounts(t *testing.T) {
	s := newStack(t, options{})
	u := storetest.User(t, s.store, "fan@pairly.test", pairly.RoleFan)
	se := storetest.Session(t, s.store, u, s.clock.Now())
	forged := *u
	forged.Role = pairly.RoleAdmin
	token, _, err := s.tokens.CreateAccess(t.Context(), &forged, se.ID, se.RefreshTokenID)
	must(t, err)
	s.want(403, "admin_only", "GET", "/api/admin/security/muted", token, nil)
}

func TestMutes(t *testing.T) {
	s := newStack(t, options{})
	admin, fan := s.admin(), s.signUp("fan", "fan")
	s.want(404, "not_muted", "POST", "/api/admin/security/unmute", admin.token, map[string]any{"user_id": fan.id})
	a := s.want(200, "", "POST", "/api/admin/security/mute", admin.token, map[string]any{"user_id": fan.id})
	if a.body["seconds"] != 3600.0 || a.text("status") != "muted" {
		t.Errorf("mute answered %s, want an hour", a.raw)
	}
	s.clock.advance(time.Minute)
	a = s.want(200, "", "GET", "/api/admin/security/muted", admin.token, nil)
	muted := a.body["muted_users"].([]any)
	if len(muted) != 1 || muted[0].(map[string]any)["user_id"] != fan.id || muted[0].(map[string]any)["ttl"] != 3540.0 {
		t.Errorf("muted = %v, want the fan for 3540 s more", muted)
	}
	s.await("admin_data_accessed", 1)
	want := []string{"authorization_granted", "admin_data_accessed", "http_request"}
	s.await("http_request", 4)
	if got := s.eventsOf(a.header.Get("X-Request-Id")); !slices.Equal(got, want) {
		t.Errorf("events of the list = %q, want %q", got, want)
	}
	s.want(200, "", "POST", "/api/admin/security/unmute", admin.token, map[string]any{"user_id": fan.id})
	s.want(404, "user_not_found", "POST", "/api/admin/security/mute", admin.token, map[string]any{"user_id": strings.Repeat("0", 24)})
	s.want(422, "validation_failed", "POST", "/api/admin/security/mute", admin.token, map[string]any{"user_id": fan.id, "seconds": 59})
}

func TestLimitsAndBans(t *testing.T) {
	s := newStack(t, options{limits: true})
	admin := s.admin()
	get := func(ip string) answer {
		return s.do("GET", "/api/credits/packages", "", nil, "X-Forwarded-For", ip)
	}
	const ip = "203.0.113.66"
	counts := map[string]int{}
	for range 155 {
		a := get(ip)
		counts[a.text("error_code")]++
		if a.status == 429 {
			s.wantErrorBody(a)
			if a.header.Get("Retry-After") != fmt.Sprint(a.body["retry_after"]) {
				t.Fatalf("Retry-After = %q, want the %v of the body", a.header.Get("Retry-After"), a.body["retry_after"])
			}
		}
	}
	if counts[""] != 60 || counts["rate_limited"] != 90 || counts["rate_limit_exceeded"] != 1 || counts["ip_banned"] != 4 {
		t.Errorf("155 requests answered %v, want 60 served, 90 refused, 1 banned, 4 while banned", counts)
	}
	s.want(200, "", "GET", "/api/health", "", nil, "X-Forwarded-For", ip)
	if a := get("203.0.113.67"); a.status != 200 {
		t.Errorf("another address got %d, want 200", a.status)
	}

	list := s.want(200, "", "GET", "/api/admin/security/banned-ips", admin.token, nil).body["banned_ips"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["ip"] != ip || list[0].(map[string]any)["source"] != "rate_limit" {
		t.Errorf("banned_ips = %v, want %s by rate_limit", list, ip)
	}
	s.want(422, "validation_failed", "POST", "/api/admin/security/unban", admin.token, map[string]any{"ip": "localhost"})
	s.want(404, "ip_not_banned", "POST", "/api/admin/security/unban", admin.token, map[string]any{"ip": "2001:db8::1"})
	s.want(200, "", "POST", "/api/admin/security/unban", admin.token, map[string]any{"ip": "::ffff:" + ip})
	if a := get(ip); a.status != 200 {
		t.Errorf("unbanned address got %d %s, want 200", a.status, a.raw)
	}
	if rec := s.logs.One("ip_ban_applied"); rec.String("client_ip") != ip {
		t.Errorf("ip_ban_applied = %s, want %s", rec.Line, ip)
	}
}

func TestLoginIsLimitedMoreTightly(t *testing.T) {
	s := newStack(t, options{limits: true})
	for i := range 6 {
		status, code := 401, "refresh_invalid"
		if i == 5 {
			status, code = 429, "rate_limited"
		}
		s.want(status, code, "POST", "/api/auth/refresh", "", map[string]any{"refresh_token": "garbage"})
	}
}
