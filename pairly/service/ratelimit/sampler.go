package ratelimit

import (
	"sync"
	"time"
)

// sayEvery is the time between two lines about the same client: a flood of
// requests must not become a flood of lines.
const sayEvery = 10 * time.Second

// A sampler lets the first line about a client through and then one every
// sayEvery, each of which carries the count so far.
type sampler struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newSampler() *sampler { return &sampler{last: make(map[string]time.Time)} }

func (s *sampler) say(key string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[key]; ok && now.Sub(last) < sayEvery {
		return false
	}
	if len(s.last) >= maxAddresses {
		for k, last := range s.last {
			if now.Sub(last) >= sayEvery {
				delete(s.last, k)
			}
		}
		if len(s.last) >= maxAddresses {
			return false // that many clients in ten seconds: the rest goes unsaid
		}
	}
	s.last[key] = now
	return true
}

// forget makes the next line about the client its first.
func (s *sampler) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.last, key)
}
