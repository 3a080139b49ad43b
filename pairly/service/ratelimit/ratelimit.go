// Package ratelimit refuses clients that ask too much, and keeps the list of
// banned addresses.
package ratelimit

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A Class groups endpoints that share a limit.
type Class string

// The classes. ClassExempt is never refused nor counted; the ones of
// authentication have a tighter limit of their own on top of the general one.
const (
	ClassDefault Class = ""
	ClassExempt  Class = "exempt"
	ClassLogin   Class = "login"
	ClassTwoFA   Class = "login_2fa"
	ClassSignUp  Class = "signup"
	ClassRefresh Class = "refresh"
)

// A Decision says whether a request may go on.
type Decision struct {
	Allowed    bool
	Code       string        // rate_limited, rate_limit_exceeded or ip_banned
	RetryAfter time.Duration // whole seconds
}

// Err returns the answer to a refused request, a pairly.ETooMany with
// retry_after in seconds; nil for an allowed one.
func (d Decision) Err() error { return nil }

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// A Log counts requests in a sliding window.
type Log interface {
	Hit(ctx context.Context, key string, now time.Time, window time.Duration, max int) int
	Delete(ctx context.Context, keys ...string)
}

// Config holds the limits; Store, Counts and Audit are required.
type Config struct {
	Store    Store
	Counts   Log
	Audit    pairly.Auditor
	Log      *slog.Logger     // middleware.rate_limiter; nil discards
	Disabled bool             // allow everything, bans included
	Limit    int              // requests a minute; 0 means 60
	BanAt    int              // requests a minute that may pass before a ban; 0 means 150
	BanFor   time.Duration    // 0 means 1 hour
	Tight    int              // requests a minute of the tighter classes, each; 0 means 5, -1 none
	Now      func() time.Time // nil means time.Now
}

// A Service is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// Allow decides on one request from ip. The endpoint in log lines is that of
// the request in ctx.
func (s *Service) Allow(ctx context.Context, ip string, class Class) Decision {
	return Decision{Allowed: true}
}

// Ban refuses all requests from b.IP until b.BannedUntil, and reports whether
// the address was free before.
func (s *Service) Ban(ctx context.Context, b pairly.IPBan) (bool, error) { return true, nil }

// ListBans returns the bans in force, newest first.
func (s *Service) ListBans(ctx context.Context) ([]pairly.IPBan, error) { return nil, nil }

// Unban lifts the ban of ip and clears its counters. It fails with
// ip_not_banned when there is none.
func (s *Service) Unban(ctx context.Context, ip string) error { return nil }
