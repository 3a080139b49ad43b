package mute

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// The bounds of a mute.
const (
	MinDuration     = time.Minute
	MaxDuration     = 30 * 24 * time.Hour
	DefaultDuration = time.Hour
	maxReason       = 200 // characters
)

// Store is what the service needs of the database. Every method uses the
// transaction in ctx if there is one.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// User returns a user, or fails with user_not_found.
	User(ctx context.Context, id string) (*pairly.User, error)
	// Mute returns the mute of a user, ended or not, nil where there is none.
	Mute(ctx context.Context, userID string) (*pairly.Mute, error)
	// PutMute inserts a mute or replaces the user's earlier one.
	PutMute(ctx context.Context, m *pairly.Mute, now time.Time) error
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
type Service struct {
	store Store
	log   *slog.Logger
	audit pairly.Auditor
	now   func() time.Time
}

// New returns a service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{store: c.Store, log: c.Log, audit: c.Audit, now: c.Now}
}

// Mute mutes a user for d, in whole seconds (0 means DefaultDuration), in the
// name of the actor in ctx, and replaces an earlier mute. It writes user_muted
// and the audit record user_muted. Error codes: validation_failed,
// user_not_found.
func (s *Service) Mute(ctx context.Context, userID string, d time.Duration, reason string) (*pairly.Mute, error) {
	if d == 0 {
		d = DefaultDuration
	}
	var rules pairly.Rules
	rules.Check(d >= MinDuration && d <= MaxDuration, "seconds", "range", "must be 60 to 2592000")
	rules.Check(pairly.ValidText(reason, 0, maxReason), "reason", "length", "must have at most 200 characters")
	if err := rules.Err(); err != nil {
		return nil, err
	}
	seconds := int64(d / time.Second)
	var m *pairly.Mute
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.User(ctx, userID); err != nil {
			return err
		}
		now := s.now()
		before, err := s.store.Mute(ctx, userID)
		if err != nil {
			return err
		}
		m = &pairly.Mute{
			UserID: userID, MutedUntil: now.Add(time.Duration(seconds) * time.Second).Truncate(time.Millisecond).UTC(),
			MutedBy: pairly.ActorFrom(ctx).UserID, Reason: reason,
		}
		if err := s.store.PutMute(ctx, m, now); err != nil {
			return err
		}
		pairly.AfterCommit(ctx, func() {
			s.log.LogAttrs(ctx, slog.LevelInfo, "user_muted",
				slog.String("user_id", userID),
				slog.Int64("seconds", seconds))
		})
		return s.audit.Record(ctx, pairly.AuditRecord{
			Event: "user_muted", Action: "mute_user", Severity: pairly.SeverityMedium,
			Target: pairly.Target{UserID: userID}, Reason: reason,
			Before: state(before, now), After: state(m, now),
		})
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Unmute ends a user's mute in the name of the actor in ctx. It writes
// user_unmuted and the audit record user_unmuted. The error code is not_muted
// where there is no mute in force.
func (s *Service) Unmute(ctx context.Context, userID string) error {
	return s.store.InTx(ctx, func(ctx context.Context) error {
		now := s.now()
		before, err := s.store.Mute(ctx, userID)
		if err != nil {
			return err
		}
		notMuted := pairly.Errorf(pairly.ENotFound, "not_muted", "The user is not muted.")
		if before == nil || !before.MutedUntil.After(now) {
			return notMuted
		}
		ok, err := s.store.DeleteMute(ctx, userID)
		if err != nil {
			return err
		}
		if !ok { // somebody else was faster
			return notMuted
		}
		pairly.AfterCommit(ctx, func() {
			s.log.LogAttrs(ctx, slog.LevelInfo, "user_unmuted", slog.String("user_id", userID))
		})
		return s.audit.Record(ctx, pairly.AuditRecord{
			Event: "user_unmuted", Action: "unmute_user", Severity: pairly.SeverityMedium,
			Target: pairly.Target{UserID: userID},
			Before: state(before, now), After: state(nil, now),
		})
	})
}

// state is a mute in an audit record; one that has ended is none.
func state(m *pairly.Mute, now time.Time) map[string]any {
	if m == nil || !m.MutedUntil.After(now) {
		return map[string]any{"muted_until": nil}
	}
	return map[string]any{"muted_until": m.MutedUntil.UTC().Format("2006-01-02T15:04:05.000Z")}
}

// Muted returns when the user's mute ends, the zero time when he is not
// muted.
func (s *Service) Muted(ctx context.Context, userID string) (time.Time, error) {
	m, err := s.store.Mute(ctx, userID)
	if err != nil || m == nil || !m.MutedUntil.After(s.now()) {
		return time.Time{}, err
	}
	return m.MutedUntil, nil
}

// List returns the mutes in force, the last to end first; nil when there is
// none.
func (s *Service) List(ctx context.Context) ([]*pairly.Mute, error) {
	return s.store.Mutes(ctx, s.now())
}
