// Package ratelimit refuses clients that ask too much, and keeps the list of
// banned addresses.
//
// Requests are counted by address in a sliding minute. Above one number they
// are refused, above a higher one the address is banned for an hour; the
// refused ones count, those during a ban do not.
package ratelimit

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/fresh"
)

// A Class groups endpoints that share a limit.
type Class string

// The classes. ClassExempt is never refused nor counted; the ones of
// authentication have a tighter limit of their own, each, on top of the
// general one.
const (
	ClassDefault Class = ""
	ClassExempt  Class = "exempt"
	ClassLogin   Class = "login"
	ClassTwoFA   Class = "login_2fa"
	ClassSignUp  Class = "signup"
	ClassRefresh Class = "refresh"
)

// tightClasses are the classes with a limit of their own.
var tightClasses = []Class{ClassLogin, ClassTwoFA, ClassSignUp, ClassRefresh}

func (c Class) tight() bool { return slices.Contains(tightClasses, c) }

// A Decision says whether a request may go on.
type Decision struct {
	Allowed    bool
	Code       string        // rate_limited, rate_limit_exceeded or ip_banned
	RetryAfter time.Duration // whole seconds
}

// Err returns the answer to a refused request, a pairly.ETooMany with
// retry_after in seconds; nil for an allowed one.
func (d Decision) Err() error {
	if d.Allowed {
		return nil
	}
	message := "Too many requests. Try again later."
	if d.Code == "ip_banned" {
		message = "This address is temporarily banned."
	}
	return pairly.Errorf(pairly.ETooMany, d.Code, "%s", message).With("retry_after", int64(d.RetryAfter/time.Second))
}

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	InsertBan(ctx context.Context, b pairly.IPBan) (bool, error)
	ExtendBan(ctx context.Context, b pairly.IPBan) (bool, error)
	Ban(ctx context.Context, ip string, now time.Time) (pairly.IPBan, bool, error)
	Bans(ctx context.Context, now time.Time) ([]pairly.IPBan, error)
	DeleteBan(ctx context.Context, ip string) (bool, error)
	ClearFailures(ctx context.Context, scope, subject string) (bool, error)
}

// A Counter counts events in sliding windows: Hit adds one at now under key,
// unless max events younger than window are there already, and returns how
// many there are with this one, max+1 when it was not added.
type Counter interface {
	Hit(ctx context.Context, key string, now time.Time, window time.Duration, max int) int
	Delete(ctx context.Context, keys ...string)
}

// Config holds the limits; Store, Counts and Audit are required.
type Config struct {
	Store    Store
	Counts   Counter
	Audit    pairly.Auditor
	Log      *slog.Logger     // middleware.rate_limiter; nil discards
	Disabled bool             // Allow allows everything, bans included
	Limit    int              // requests a minute; 0 means 60
	BanAt    int              // requests a minute, refused ones included, that may pass before a ban; 0 means 150
	BanFor   time.Duration    // 0 means 1 hour
	Tight    int              // requests a minute of each tighter class; 0 means 5, -1 means no tighter limit
	Now      func() time.Time // nil means time.Now
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Limit == 0 {
		c.Limit = 60
	}
	if c.BanAt == 0 {
		c.BanAt = 150
	}
	if c.BanFor == 0 {
		c.BanFor = time.Hour
	}
	if c.Tight == 0 {
		c.Tight = 5
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

const (
	window = time.Minute
	// banCheckedFor is how long an address is taken to be free, or banned,
	// without asking the database. What this process changes acts at once.
	banCheckedFor = 5 * time.Second
	maxAddresses  = 100_000
)

// A Service is safe for concurrent use.
type Service struct {
	c    Config
	bans *fresh.Map[pairly.IPBan] // by address; the zero ban for a free one
	said *sampler
}

// New returns a service.
func New(c Config) *Service {
	return &Service{c: c.withDefaults(), bans: fresh.New[pairly.IPBan](maxAddresses), said: newSampler()}
}

// Allow decides on one request from ip. The endpoint in log lines is that of
// the request in ctx. It lets everybody pass whom it cannot judge because the
// database is away.
func (s *Service) Allow(ctx context.Context, ip string, class Class) Decision {
	if s.c.Disabled || class == ClassExempt {
		return Decision{Allowed: true}
	}
	ip = canonical(ip)
	now := s.c.Now()
	if ban, ok := s.banned(ctx, ip, now); ok {
		return s.refuseBanned(ctx, ban, now)
	}
	n := s.c.Counts.Hit(ctx, key(ip, ClassDefault), now, window, s.c.BanAt)
	if n > s.c.BanAt {
		return s.banForRate(ctx, ip, n, now)
	}
	if n > s.c.Limit {
		s.limited(ctx, ip, ClassDefault, n, s.c.Limit, now)
		return Decision{Code: "rate_limited", RetryAfter: window}
	}
	if class.tight() && s.c.Tight > 0 {
		if n := s.c.Counts.Hit(ctx, key(ip, class), now, window, s.c.Tight); n > s.c.Tight {
			s.limited(ctx, ip, class, n, s.c.Tight, now)
			return Decision{Code: "rate_limited", RetryAfter: window}
		}
	}
	return Decision{Allowed: true}
}

func key(ip string, class Class) string { return "rate:" + string(class) + ":" + ip }

// canonical gives an address one spelling: 203.0.113.7 for ::ffff:203.0.113.7.
func canonical(ip string) string {
	if a, err := netip.ParseAddr(ip); err == nil {
		return a.Unmap().WithZone("").String()
	}
	return ip
}

func (s *Service) limited(ctx context.Context, ip string, class Class, count, limit int, now time.Time) {
	if !s.said.say("limit "+key(ip, class), now) {
		return
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "rate_limit_hit",
		slog.String("client_ip", ip),
		slog.Int("count", count),
		slog.Int("limit", limit),
		slog.Int("window_seconds", int(window/time.Second)),
		slog.String("endpoint", pairly.RequestFrom(ctx).Endpoint))
}
