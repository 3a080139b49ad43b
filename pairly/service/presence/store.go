package presence

import (
	"context"
	"sync"
	"time"
)

// A Store remembers signs of life. Implementations are safe for concurrent
// use; each method is atomic for its user.
type Store interface {
	// Beat notes that a source of the user's (a connection, or "" for a beat
	// without one) was alive at now.
	Beat(ctx context.Context, userID, source string, now time.Time) (Change, error)
	// Drop forgets one source of the user's, and with the last one the user.
	Drop(ctx context.Context, userID, source string) (Change, error)
	// Forget forgets the user if the last sign of life came before then.
	Forget(ctx context.Context, userID string, then time.Time) (Change, error)
	// Get returns what is known of the user; ok is false when he is offline.
	Get(ctx context.Context, userID string) (st State, ok bool, err error)
	// Stale returns the users whose last sign of life came before then, and
	// how many users are online, them included.
	Stale(ctx context.Context, then time.Time) (userIDs []string, online int, err error)
}

// A State is what is known of a user who is online.
type State struct {
	Connections int // sources, a beat without a connection not counted
	Since       time.Time
	LastBeat    time.Time
}

// A Change is what a call did. State is the state after it, or the last one
// when the user went offline.
type Change struct {
	WasOnline, IsOnline bool
	State
}

// Memory is a [Store] of one process.
type Memory struct {
	mu    sync.Mutex
	users map[string]*user // guarded by mu; who is online
}

type user struct {
	sources  map[string]bool
	since    time.Time
	lastBeat time.Time
}

var _ Store = (*Memory)(nil)

// NewMemory returns a store in which nobody is online.
func NewMemory() *Memory { return &Memory{users: make(map[string]*user)} }

func (u *user) state() State {
	n := len(u.sources)
	if u.sources[""] {
		n--
	}
	return State{Connections: n, Since: u.since, LastBeat: u.lastBeat}
}

// Beat implements [Store]; the error is always nil, here and below.
func (m *Memory) Beat(_ context.Context, userID, source string, now time.Time) (Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[userID]
	was := u != nil
	if !was {
		u = &user{sources: make(map[string]bool), since: now}
		m.users[userID] = u
	}
	u.sources[source] = true
	if now.After(u.lastBeat) {
		u.lastBeat = now
	}
	return Change{WasOnline: was, IsOnline: true, State: u.state()}, nil
}

// Drop implements [Store].
func (m *Memory) Drop(_ context.Context, userID, source string) (Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[userID]
	if u == nil {
		return Change{}, nil
	}
	known := u.sources[source]
	delete(u.sources, source)
	st := u.state()
	// A beat without a connection does not outlive the last connection.
	if !known || st.Connections > 0 {
		return Change{WasOnline: true, IsOnline: true, State: st}, nil
	}
	delete(m.users, userID)
	return Change{WasOnline: true, State: st}, nil
}

// Forget implements [Store].
func (m *Memory) Forget(_ context.Context, userID string, then time.Time) (Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[userID]
	if u == nil {
		return Change{}, nil
	}
	if !u.lastBeat.Before(then) {
		return Change{WasOnline: true, IsOnline: true, State: u.state()}, nil
	}
	delete(m.users, userID)
	return Change{WasOnline: true, State: u.state()}, nil
}

// Get implements [Store].
func (m *Memory) Get(_ context.Context, userID string) (State, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[userID]
	if u == nil {
		return State{}, false, nil
	}
	return u.state(), true, nil
}

// Stale implements [Store].
func (m *Memory) Stale(_ context.Context, then time.Time) ([]string, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id, u := range m.users {
		if u.lastBeat.Before(then) {
			ids = append(ids, id)
		}
	}
	return ids, len(m.users), nil
}
