// Package guard counts failed logins and locks accounts and addresses.
package guard

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// A Banner bans addresses; the rate limiter is one.
type Banner interface {
	Ban(ctx context.Context, b pairly.IPBan) (bool, error)
}

// Config holds the limits; Store, Bans and Audit are required.
type Config struct {
	Store        Store
	Bans         Banner
	Audit        pairly.Auditor
	Log          *slog.Logger     // middleware.failed_login; nil discards
	AccountLimit int              // failures until an account is locked; 0 means 3
	AccountLock  time.Duration    // 0 means 30 minutes
	IPLimit      int              // failures until an address is locked; 0 means 150
	IPLock       time.Duration    // 0 means 60 minutes
	Window       time.Duration    // life of a counter from its first failure; 0 means 60 minutes
	Now          func() time.Time // nil means time.Now
}

// A Service is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }
