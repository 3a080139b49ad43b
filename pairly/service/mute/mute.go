package mute

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	UserByID(ctx context.Context, id string) (*pairly.User, error)
	// Mute returns the mute of a user, ended or not, nil where there is none.
	Mute(ctx context.Context, userID string) (*pairly.Mute, error)
	// PutMute inserts a mute or replaces the user's earlier one.
	PutMute(ctx context.Context, m *pairly.Mute) error
	// DeleteMute removes a user's mute and reports whether there was one.
	DeleteMute(ctx context.Context, userID string) (bool, error)
	// Mutes returns the mutes that end after now, the last to end first.
	Mutes(ctx context.Context, now time.Time) ([]*pairly.Mute, error)
}

// Config is what a [Service] is made of. Every field is required but Now.
type Config struct {
	Store Store
	Log   *slog.Logger // service.ws_rate_limiter
	Audit pairly.Auditor
	Now   func() time.Time // default time.Now
}

// Service mutes users. It is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// The bounds of a mute.
const (
	MinDuration     = time.Minute
	MaxDuration     = 30 * 24 * time.Hour
	DefaultDuration = time.Hour
)

// Mute mutes a user for the duration (0 means DefaultDuration) in the name of
// the actor in ctx, and replaces an earlier mute.
func (s *Service) Mute(ctx context.Context, userID string, d time.Duration, reason string) (*pairly.Mute, error) {
	return nil, errors.New("mute: under construction")
}

// Unmute ends a user's mute; the error code is not_muted where there is none.
func (s *Service) Unmute(ctx context.Context, userID string) error {
	return errors.New("mute: under construction")
}

// Muted returns when the user's mute ends, the zero time when he is not
// muted.
func (s *Service) Muted(ctx context.Context, userID string) (time.Time, error) {
	return time.Time{}, nil
}

// List returns the mutes in force, the last to end first.
func (s *Service) List(ctx context.Context) ([]*pairly.Mute, error) { return nil, nil }
