package api

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/realtime"
	"github.com/pairly/pairlog/pairly/service/auth"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/mute"
	"github.com/pairly/pairlog/pairly/service/profile"
	"github.com/pairly/pairlog/pairly/service/ratelimit"
)

// Config is what the API is made of. The services, Audit and Logger are
// required.
type Config struct {
	Auth     *auth.Service
	Profiles *profile.Service
	Messages *message.Service
	Credits  *credit.Service
	Mutes    *mute.Service
	Limits   *ratelimit.Service // its own Config turns limits off
	Sockets  *realtime.Hub
	Audit    pairly.Auditor

	// Logger returns the logger of a name, such as "api.request". It is called
	// while New runs, not after.
	Logger func(name string) *slog.Logger

	// TrustedProxies are the networks whose X-Forwarded-For is believed, and
	// whose X-Request-ID is taken over when it is a UUID.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the origins of web pages that may call the API, such as
	// "https://pairly.example". Nil means none.
	CORSOrigins []string
	// Checks are what /api/health/ready asks.
	Checks []Check

	// Slow and Stuck are those of [httplog.Config].
	Slow, Stuck time.Duration
	// Bodies is that of [httplog.Config].
	Bodies httplog.Capture

	Demo bool             // mounts [PanicPath] and [SlowPath]
	Now  func() time.Time // default time.Now

	// Extra are further routes for users who are logged in, by method and
	// path, such as "GET /api/extra". Their logger is api.extra.
	Extra map[string]http.HandlerFunc
	// Unlogged leaves httplog out: requests have no line and no id, a panic
	// ends the connection, and the client is the peer. It is what the cost of
	// logging is measured against.
	Unlogged bool
}

// server holds what the handlers share. It is immutable but for ready.
type server struct {
	Config
	authLog *slog.Logger            // middleware.auth
	areas   map[string]*slog.Logger // api.<area>, by area
	origins map[string]bool
	ready   readiness
}

// New returns the handler of the whole API. It is safe for concurrent use.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &server{
		Config: c, authLog: c.Logger("middleware.auth"),
		areas: map[string]*slog.Logger{}, origins: map[string]bool{},
	}
	for _, o := range c.CORSOrigins {
		s.origins[o] = true
	}
	s.ready.init(c.Checks)
	table := s.routes()
	router := chi.NewRouter()
	if !c.Unlogged {
		router.Use(httplog.Middleware(s.logConfig(table)))
	}
	router.Use(s.cors)
	for _, rt := range table {
		if s.areas[rt.area] == nil {
			s.areas[rt.area] = c.Logger("api." + rt.area)
		}
		h := s.chain(rt)
		for _, path := range spellings(rt.path) {
			router.Method(rt.method, path, h)
			if rt.method == http.MethodGet && rt.access != socket {
				router.Method(http.MethodHead, path, h)
			}
		}
	}
	router.NotFound(s.chain(route{handle: notFound}).ServeHTTP)
	router.MethodNotAllowed(s.chain(route{handle: s.methodNotAllowed(router)}).ServeHTTP)
	return router
}

// spellings returns the path without and with a slash at its end.
func spellings(path string) []string { return []string{path, path + "/"} }

// logConfig says how requests are logged: see package httplog.
func (s *server) logConfig(table []route) httplog.Config {
	areas := map[string]string{}
	for _, rt := range table {
		areas[rt.path] = rt.area
	}
	loggers := map[string]*slog.Logger{}
	for path, area := range areas {
		loggers[path] = s.Logger("api." + area)
	}
	return httplog.Config{
		Logger:         s.Logger("api.request"),
		Exceptions:     func(route string) *slog.Logger { return loggers[route] },
		Recover:        s.Logger("app.recover"),
		Panicked:       s.panicked,
		TrustedProxies: s.TrustedProxies,
		ProxyHeader:    "X-Forwarded-For", // else a client could write the Forwarded of a proxy that does not
		Adopt:          httplog.AdoptProxies,
		ValidID:        validUUID,
		Health:         []string{"/api/health", "/api/health/*"},
		Slow:           s.Slow,
		Stuck:          s.Stuck,
		Bodies:         s.Bodies,
	}
}

// chain puts the middleware of a route around its handler, outermost first as
// the package comment lists it. Routing comes before it, because the limits
// are the route's.
func (s *server) chain(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = s.withRequest(r, rt)
		err := s.admit(r, rt)
		if err == nil {
			err = limitBody(w, r, rt)
		}
		if err == nil {
			r, err = s.authenticate(r, rt)
		}
		if err == nil {
			err = s.authorize(r, rt)
		}
		if err == nil {
			err = rt.handle(w, r)
		}
		if err != nil {
			s.fail(w, r, rt, err)
		}
	})
}

// withRequest names the request for everything below: services read it with
// [pairly.RequestFrom].
func (s *server) withRequest(r *http.Request, rt route) *http.Request {
	ctx := r.Context()
	httplog.SetRoute(ctx, rt.path)
	if rt.path == "" {
		rt.path = "unmatched" // paths that nobody serves are the client's text
	}
	ip := httplog.ClientIP(ctx)
	if s.Unlogged {
		ip, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	return r.WithContext(pairly.WithRequest(ctx, pairly.Request{
		ID:             httplog.RequestID(ctx),
		ClientIP:       ip,
		UserAgent:      r.UserAgent(),
		AcceptLanguage: strings.Join(r.Header.Values("Accept-Language"), ","),
		Endpoint:       rt.path,
	}))
}

// A Check says whether something that the service depends on works.
type Check struct {
	Name string // such as "database"
	// Check returns nil when it works. It is called by one request at a time.
	Check func(ctx context.Context) error
}
