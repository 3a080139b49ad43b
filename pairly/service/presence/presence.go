package presence

import (
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// The times of presence.
const (
	StaleAfter = 45 * time.Second // without a beat a user is offline
	SweepEvery = 15 * time.Second // how often Sweep is to be called
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
	// ResetPresence writes the profiles as offline that went online before
	// then, and returns how many there were.
	ResetPresence(ctx context.Context, then time.Time) (int64, error)
}

// Config is what a [Service] is made of. Profiles and Log are required.
type Config struct {
	Profiles Profiles
	Log      *slog.Logger     // service.presence
	Store    Store            // nil means the memory of this process, which then is the only one
	Now      func() time.Time // default time.Now
}

// Service tracks presence. It is safe for concurrent use.
type Service struct {
	profiles Profiles
	log      *slog.Logger
	store    Store
	alone    bool // the store is this process's: who it does not know is offline
	now      func() time.Time
	started  time.Time

	// stripes serialize the changes of one user, so that the profile row and
	// the events follow the store in order.
	stripes [64]sync.Mutex
	seed    maphash.Seed

	mu sync.Mutex
	// unwritten are the users whose profile row does not say yet what it
	// should, because the database was away, and when that changed.
	unwritten map[string]time.Time // guarded by mu
}

// maxUnwritten bounds the users whose rows are put right later.
const maxUnwritten = 100_000

// New returns a service.
func New(c Config) *Service {
	s := &Service{
		profiles: c.Profiles, log: c.Log, store: c.Store, now: c.Now, seed: maphash.MakeSeed(),
		unwritten: make(map[string]time.Time),
	}
	if s.store == nil {
		s.store, s.alone = NewMemory(), true
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.started = s.now()
	return s
}

func (s *Service) lock(userID string) (unlock func()) {
	m := &s.stripes[maphash.String(s.seed, userID)%uint64(len(s.stripes))]
	m.Lock()
	return m.Unlock
}

// SetOnline registers a connection of the user. A transition writes
// presence_online. Failures are logged, not returned: presence never stops a
// socket.
func (s *Service) SetOnline(ctx context.Context, userID, connectionID string) {
	s.Heartbeat(ctx, userID, connectionID)
}

// Heartbeat says that the connection is alive; a user whom the sweep took
// offline is online again. An empty connectionID is a beat without a socket.
func (s *Service) Heartbeat(ctx context.Context, userID, connectionID string) {
	defer s.lock(userID)()
	c, err := s.store.Beat(ctx, userID, connectionID, s.now())
	if err != nil {
		s.failed(ctx, userID, err)
		return
	}
	if c.WasOnline {
		return
	}
	s.write(ctx, userID, true, c.LastBeat)
	s.log.LogAttrs(ctx, slog.LevelInfo, "presence_online",
		slog.String("user_id", userID),
		slog.Int("connections", c.Connections))
}

// SetOffline removes a connection of the user; he is offline when it was the
// last one, which writes presence_offline. An unknown connection changes
// nothing.
func (s *Service) SetOffline(ctx context.Context, userID, connectionID string) {
	defer s.lock(userID)()
	c, err := s.store.Drop(ctx, userID, connectionID)
	s.left(ctx, userID, c, err, Closed)
}

// Leave takes the user offline because he said so, whatever connections he
// has; the next beat of one of them brings him back.
func (s *Service) Leave(ctx context.Context, userID string) {
	defer s.lock(userID)()
	c, err := s.store.Forget(ctx, userID, s.now().Add(time.Nanosecond))
	s.left(ctx, userID, c, err, Manual)
}

// left makes a transition to offline known, if it was one.
func (s *Service) left(ctx context.Context, userID string, c Change, err error, why Reason) {
	if err != nil {
		s.failed(ctx, userID, err)
		return
	}
	if !c.WasOnline || c.IsOnline {
		return
	}
	now := s.now()
	seen := now
	if why == Stale {
		seen = c.LastBeat
	}
	s.write(ctx, userID, false, seen)
	s.log.LogAttrs(ctx, slog.LevelInfo, "presence_offline",
		slog.String("user_id", userID),
		slog.String("reason", string(why)),
		slog.Int64("online_seconds", int64(now.Sub(c.Since)/time.Second)))
}

// write outlives the request that caused the transition: the row of a closed
// socket must not stay online because its context ended with it. What it could
// not write the next sweep does. The caller holds the user's lock.
func (s *Service) write(ctx context.Context, userID string, online bool, at time.Time) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.profiles.SetPresence(ctx, userID, online, at)
	if err != nil {
		s.failed(ctx, userID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		delete(s.unwritten, userID)
	case len(s.unwritten) < maxUnwritten:
		s.unwritten[userID] = at
	}
	return err == nil
}

// rewrite puts the rows right that could not be written, until one fails
// again: then the rest would too.
func (s *Service) rewrite(ctx context.Context) {
	s.mu.Lock()
	late := maps.Clone(s.unwritten)
	s.mu.Unlock()
	for id, at := range late {
		if ctx.Err() != nil || !s.rewriteOne(ctx, id, at) {
			return
		}
	}
}

func (s *Service) rewriteOne(ctx context.Context, userID string, at time.Time) bool {
	defer s.lock(userID)()
	st, online, err := s.store.Get(ctx, userID)
	if err != nil {
		s.failed(ctx, userID, err)
		return false
	}
	if online {
		at = st.LastBeat
	}
	return s.write(ctx, userID, online, at)
}

func (s *Service) failed(ctx context.Context, userID string, err error) {
	s.log.LogAttrs(ctx, slog.LevelError, "presence_update_failed",
		slog.String("user_id", userID),
		slog.String("error_type", pairly.ErrorType(err)))
}

// IsOnline reports whether the user is online: he had a sign of life within
// StaleAfter.
func (s *Service) IsOnline(ctx context.Context, userID string) bool {
	st, ok, err := s.store.Get(ctx, userID)
	if err != nil {
		s.failed(ctx, userID, err)
		return false
	}
	return ok && s.now().Sub(st.LastBeat) <= StaleAfter
}

// LastSeen returns the last sign of life, the zero time where nobody knows.
func (s *Service) LastSeen(ctx context.Context, userID string) (time.Time, error) {
	if st, ok, err := s.store.Get(ctx, userID); err == nil && ok {
		return st.LastBeat, nil
	}
	return s.profiles.LastSeen(ctx, userID)
}

// Sweep takes the users offline whose last beat is older than StaleAfter, and
// writes the rows that could not be written before. It writes presence_offline
// for each of the former and presence_sweep. An error means that it
// could not learn who they are; nothing is logged or changed then.
func (s *Service) Sweep(ctx context.Context) error {
	start := s.now()
	then := start.Add(-StaleAfter)
	ids, online, err := s.store.Stale(ctx, then)
	if err != nil {
		return fmt.Errorf("list stale users: %w", err)
	}
	for _, id := range ids {
		s.forget(ctx, id, then)
	}
	s.rewrite(ctx)
	s.log.LogAttrs(ctx, slog.LevelDebug, "presence_sweep",
		slog.Int("checked", online),
		slog.Int("stale", len(ids)),
		slog.Duration("duration_ms", s.now().Sub(start)))
	return nil
}

func (s *Service) forget(ctx context.Context, userID string, then time.Time) {
	defer s.lock(userID)()
	c, err := s.store.Forget(ctx, userID, then) // unless a beat came since
	s.left(ctx, userID, c, err, Stale)
}

// Reset writes as offline whom a killed process left online, where this
// process is the only one, and returns how many there were. Call it once, when
// the service starts; who went online since New stays online.
func (s *Service) Reset(ctx context.Context) (int64, error) {
	if !s.alone {
		return 0, nil
	}
	return s.profiles.ResetPresence(ctx, s.started)
}
