package presence

import (
	"context"
	"log/slog"
	"time"
)

// The times of presence.
const (
	StaleAfter = 45 * time.Second // without a beat a user is offline
	SweepEvery = 15 * time.Second // how often Run looks
)

// A Reason says why a user went offline.
type Reason string

// The reasons.
const (
	Closed Reason = "close"  // the last connection went
	Stale  Reason = "stale"  // no beat for StaleAfter
	Manual Reason = "manual" // the user said so
)

// Profiles is where transitions are made durable.
type Profiles interface {
	// SetPresence writes the state of a user's profile, if there is one, and
	// when the user was last active.
	SetPresence(ctx context.Context, userID string, online bool, at time.Time) error
	// LastSeen returns when the user was last active, the zero time where
	// nobody knows.
	LastSeen(ctx context.Context, userID string) (time.Time, error)
	// ResetPresence writes every profile as offline and returns how many
	// were online.
	ResetPresence(ctx context.Context, at time.Time) (int64, error)
}

// Config is what a [Service] is made of. Profiles and Log are required.
type Config struct {
	Profiles Profiles
	Log      *slog.Logger     // service.presence
	Now      func() time.Time // default time.Now
}

// Service tracks presence. It is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// SetOnline registers a connection of the user. Failures of the database are
// logged, not returned: presence never stops a socket.
func (s *Service) SetOnline(ctx context.Context, userID, connectionID string) {}

// SetOffline removes a connection of the user; he is offline when it was the
// last one. An unknown connection changes nothing.
func (s *Service) SetOffline(ctx context.Context, userID, connectionID string) {}

// Heartbeat says that the connection is alive; a user whom the sweep took
// offline is online again. An empty connectionID is a beat without a socket.
func (s *Service) Heartbeat(ctx context.Context, userID, connectionID string) {}

// Leave takes the user offline because he said so, whatever connections he
// has; the next beat of one of them brings him back.
func (s *Service) Leave(ctx context.Context, userID string) {}

// IsOnline reports whether the user is online.
func (s *Service) IsOnline(ctx context.Context, userID string) bool { return false }

// LastSeen returns the last sign of life, the zero time where nobody knows.
func (s *Service) LastSeen(ctx context.Context, userID string) (time.Time, error) {
	return time.Time{}, nil
}

// Sweep takes the users offline whose last beat is older than StaleAfter.
func (s *Service) Sweep(ctx context.Context) {}

// Run sweeps every SweepEvery until ctx ends.
func (s *Service) Run(ctx context.Context) { <-ctx.Done() }
