package socketlimit

import (
	"context"
	"sync"
	"time"
)

// A Counter counts hits in windows. Implementations are safe for concurrent
// use.
type Counter interface {
	// Hit counts one hit on key. The first hit opens a window of the given
	// length; hits after its end open the next one. It returns the hits of
	// the window, this one included, and how long ago the window opened.
	Hit(ctx context.Context, key string, window time.Duration, now time.Time) (count int64, age time.Duration, err error)
}

// cleanEvery is how often Memory forgets the windows that are over.
const cleanEvery = time.Minute

// Memory is a [Counter] of one process.
type Memory struct {
	mu      sync.Mutex
	windows map[string]*window // guarded by mu
	cleaned time.Time          // guarded by mu
}

type window struct {
	opened, ends time.Time
	count        int64
}

var _ Counter = (*Memory)(nil)

// NewMemory returns an empty counter.
func NewMemory() *Memory { return &Memory{windows: make(map[string]*window)} }

// Hit implements [Counter]; the error is always nil.
func (m *Memory) Hit(_ context.Context, key string, length time.Duration, now time.Time) (int64, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.cleaned) >= cleanEvery {
		m.clean(now)
	}
	w := m.windows[key]
	if w == nil || !now.Before(w.ends) {
		w = &window{opened: now, ends: now.Add(length)}
		m.windows[key] = w
	}
	w.count++
	return w.count, now.Sub(w.opened), nil
}

// Len returns how many windows are remembered.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.windows)
}

func (m *Memory) clean(now time.Time) {
	for key, w := range m.windows {
		if !now.Before(w.ends) {
			delete(m.windows, key)
		}
	}
	m.cleaned = now
}
