package cache

import (
	"sync"
	"time"
)

// memory holds what Redis would, for one process, with a bounded number of
// keys: when it is full what has run out goes, and then anything.
type memory struct {
	max int

	mu     sync.Mutex
	values map[string]value
	logs   map[string]slidingLog
}

type value struct {
	text  string
	until time.Time
}

// A slidingLog holds the times of events, oldest first.
type slidingLog struct {
	events []time.Time
	until  time.Time // when the youngest leaves the window
}

func newMemory(max int) *memory {
	return &memory{max: max, values: make(map[string]value), logs: make(map[string]slidingLog)}
}

func (m *memory) set(key, text string, now time.Time, ttl time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, value{text, now.Add(ttl)}, now)
}

func (m *memory) put(key string, v value, now time.Time) {
	if _, ok := m.values[key]; !ok && len(m.values) >= m.max {
		evict(m.values, m.max, func(v value) bool { return v.until.After(now) })
	}
	m.values[key] = v
}

func (m *memory) exists(keys []string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		if v, ok := m.values[k]; ok && v.until.After(now) {
			return true
		}
	}
	return false
}

func (m *memory) delete(keys []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		delete(m.values, k)
		delete(m.logs, k)
	}
}

func (m *memory) hit(key string, now time.Time, window time.Duration, max int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.logs[key]
	if !ok && len(m.logs) >= m.max {
		evict(m.logs, m.max, func(l slidingLog) bool { return l.until.After(now) })
	}
	over := 0
	for over < len(l.events) && !l.events[over].After(now.Add(-window)) {
		over++
	}
	// Moved to the front, so that the array does not grow with every event.
	l.events = l.events[:copy(l.events, l.events[over:])]
	n := len(l.events)
	if n < max {
		l.events = append(l.events, now)
		l.until = now.Add(window)
	}
	m.logs[key] = l
	return n + 1
}

func (m *memory) lock(key, owner string, now time.Time, ttl time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; ok && v.until.After(now) {
		return false
	}
	m.put(key, value{owner, now.Add(ttl)}, now)
	return true
}

func (m *memory) unlock(key, owner string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[key].text == owner {
		delete(m.values, key)
	}
}

// evict makes room for an eighth of max: first what has run out, then
// whatever comes first.
func evict[V any](m map[string]V, max int, good func(V) bool) {
	for k, v := range m {
		if !good(v) {
			delete(m, k)
		}
	}
	for k := range m {
		if len(m) <= max-max/8-1 {
			return
		}
		delete(m, k)
	}
}
