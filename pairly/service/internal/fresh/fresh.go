// Package fresh keeps values that were loaded a moment ago, for as long as
// they may be trusted, so that a hot path does not ask the database each time.
package fresh

import (
	"sync"
	"time"
)

// A Map is a bounded set of values by key. It is safe for concurrent use.
//
// What the program itself changed is put in with Set, and holds against a
// value that was loaded before: see Mark and Keep.
type Map[V any] struct {
	mu      sync.Mutex
	entries map[string]entry[V]
	max     int
	seq     uint64 // of the newest Set
	floor   uint64 // newest seq of an entry that was thrown out
}

type entry[V any] struct {
	value V
	until time.Time
	seq   uint64 // of the Set that made it; 0 for Keep
}

// New returns a map of at most max values.
func New[V any](max int) *Map[V] {
	return &Map[V]{entries: make(map[string]entry[V]), max: max}
}

// Get returns the value under key, if it may still be trusted at now.
func (m *Map[V]) Get(key string, now time.Time) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok || !now.Before(e.until) {
		var zero V
		return zero, false
	}
	return e.value, true
}

// Set puts value under key until then. Choose a time longer than a load may
// take: until then no load that began before this call overwrites it.
func (m *Map[V]) Set(key string, value V, now, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq++
	m.put(key, entry[V]{value, until, m.seq}, now)
}

// Mark is called before a load, and its result given to Keep after it.
func (m *Map[V]) Mark() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seq
}

// Keep puts a value that was loaded after mark under key until then, and
// returns it. When Set changed the key since mark, the loaded value may be
// older than that: then Keep changes nothing and returns the one of Set.
func (m *Map[V]) Keep(mark uint64, key string, value V, now, until time.Time) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[key]; ok && e.seq > mark {
		return e.value
	}
	if mark >= m.floor {
		m.put(key, entry[V]{value, until, 0}, now)
	}
	return value
}

func (m *Map[V]) put(key string, e entry[V], now time.Time) {
	if _, ok := m.entries[key]; !ok && len(m.entries) >= m.max {
		m.evict(now)
	}
	m.entries[key] = e
}

// evict throws out what is over, and more, whatever it is, when that makes
// too little room: every value can be loaded again.
func (m *Map[V]) evict(now time.Time) {
	room := m.max - m.max/8
	for pass := range 2 {
		for k, e := range m.entries {
			if pass == 0 && now.Before(e.until) {
				continue
			}
			if pass == 1 && len(m.entries) < room {
				return
			}
			m.floor = max(m.floor, e.seq)
			delete(m.entries, k)
		}
	}
}
