package api

import (
	"net/http"
	"strings"

	"github.com/pairly/pairlog/pairly/service/ratelimit"
)

// A handler answers a request, or returns why it does not.
type handler func(w http.ResponseWriter, r *http.Request) error

// An access says who may use a route.
type access int

// The accesses. A route of the socket kind authenticates by its first frame.
const (
	anyone access = iota
	optional
	user
	admin
	socket
)

// A route is one line of the table.
type route struct {
	method string
	path   string // as chi writes patterns; also the endpoint of log lines
	access access
	limit  ratelimit.Class
	body   int64  // longest body in bytes; 0 means maxBody
	area   string // its logger is api.<area>
	handle handler
}

// maxBody is the longest body of a route that has no other limit, in bytes.
const maxBody = 1 << 20

const (
	get   = http.MethodGet
	post  = http.MethodPost
	patch = http.MethodPatch
)

// routes is the table of the API. Each path is also served with a slash at
// its end.
func (s *server) routes() []route {
	const exempt, common = ratelimit.ClassExempt, ratelimit.ClassDefault
	table := []route{
		{get, "/api", anyone, exempt, 0, "root", s.root},
		{get, "/api/health", anyone, exempt, 0, "health", s.health},
		{get, "/api/health/ready", anyone, exempt, 0, "health", s.healthReady},

		{post, "/api/auth/signup", anyone, ratelimit.ClassSignUp, 0, "auth", s.signUp},
		{post, "/api/auth/login", anyone, ratelimit.ClassLogin, 0, "auth", s.login},
		{post, "/api/auth/refresh", anyone, ratelimit.ClassRefresh, 0, "auth", s.refresh},
		{post, "/api/auth/logout", user, common, 0, "auth", s.logout},
		{get, "/api/auth/sessions", user, common, 0, "auth", s.sessions},
		{get, "/api/auth/me", user, common, 0, "auth", s.me},

		{post, "/api/profiles", user, common, 0, "profiles", s.createProfile},
		{patch, "/api/profiles/me", user, common, 0, "profiles", s.updateProfile},
		{post, "/api/profiles/status", user, common, 0, "profiles", s.setStatus},
		{get, "/api/profiles/{id}", optional, common, 0, "profiles", s.getProfile},

		{get, "/api/messages/history/{other_user_id}", user, common, 0, "messaging", s.messageHistory},
		{get, "/api/messages/conversations", user, common, 0, "messaging", s.conversations},
		{get, "/api/messages/ws/{user_id}", socket, common, 0, "messaging", s.chatSocket},

		{get, "/api/credits/balance", user, common, 0, "credits", s.balance},
		{get, "/api/credits/history", user, common, 0, "credits", s.creditHistory},
		{get, "/api/credits/packages", anyone, common, 0, "credits", s.packages},
		{post, "/api/credits/spend", user, common, 0, "credits", s.spend},
		{post, "/api/credits/tip", user, common, 0, "credits", s.tip},
		{post, "/api/credits/admin/adjust", admin, common, 0, "credits", s.adjustCredits},
		{post, "/api/credits/admin/refund", admin, common, 0, "credits", s.refundCredits},

		{get, "/api/admin/security/banned-ips", admin, common, 0, "admin.security", s.bannedIPs},
		{post, "/api/admin/security/unban", admin, common, 0, "admin.security", s.unban},
		{post, "/api/admin/security/mute", admin, common, 0, "admin.security", s.mute},
		{post, "/api/admin/security/unmute", admin, common, 0, "admin.security", s.unmute},
		{get, "/api/admin/security/muted", admin, common, 0, "admin.security", s.muted},
	}
	if s.Demo {
		table = append(table,
			route{get, PanicPath, optional, common, 0, "demo", panicRoute},
			route{get, SlowPath, anyone, common, 0, "demo", slowRoute})
	}
	for pattern, serve := range s.Extra {
		method, path, _ := strings.Cut(pattern, " ")
		table = append(table, route{method, path, user, common, 0, "extra", func(w http.ResponseWriter, r *http.Request) error {
			serve(w, r)
			return nil
		}})
	}
	return table
}
