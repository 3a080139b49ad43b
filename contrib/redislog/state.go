package redislog

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog"
)

// maxMissed is how many different commands are told apart during an outage. Redis
// has about 240; a client uses few of them.
const maxMissed = 128

// state is what is known of whether Redis is there.
type state struct {
	up   atomic.Bool // what most commands find, without a lock
	host atomic.Pointer[string]

	mu      sync.Mutex
	seen    bool               // guarded by mu; something is known of Redis
	told    bool               // guarded by mu; the outage has a line
	since   time.Time          // guarded by mu; of the outage
	said    time.Time          // guarded by mu; when the last redis_unavailable was
	missed  map[string]*missed // guarded by mu; by command, of the outage
	skipped int64              // guarded by mu; the commands not served in the outage
}

// missed counts a command that was not served.
type missed struct {
	count int64 // since the last line
	said  time.Time
}

// setHost notes the address that was dialed last. It has no credentials.
func (s *state) setHost(addr string) {
	if h := s.host.Load(); h == nil || *h != addr {
		s.host.Store(&addr)
	}
}

func (s *state) hostAttr() slog.Attr {
	if h := s.host.Load(); h != nil {
		return slog.String("host", *h)
	}
	return slog.Any("host", nil)
}

// there takes note of an answer.
func (h *Hook) there(ctx context.Context, took time.Duration) {
	s := &h.state
	if s.up.Load() {
		return
	}
	s.mu.Lock()
	if s.up.Load() {
		s.mu.Unlock()
		return
	}
	var buf [4]slog.Attr
	attrs := append(buf[:0], s.hostAttr(), slog.Float64("latency_ms", milliseconds(took)))
	if s.told {
		attrs = append(attrs,
			slog.Float64("down_ms", milliseconds(h.now().Sub(s.since))),
			slog.Int64("missed", s.skipped))
	}
	say := s.told || !s.seen
	s.seen, s.told, s.skipped = true, false, 0
	clear(s.missed)
	s.up.Store(true)
	s.mu.Unlock()
	// Not under the lock: a handler may take its time, or use Redis itself.
	if say {
		pairlog.Log(ctx, h.config.Logger, slog.LevelInfo, "redis_connected", attrs...)
	}
}

// away takes note that Redis did not serve a command.
func (h *Hook) away(ctx context.Context, command string, err error) {
	s := &h.state
	now := h.now()
	s.mu.Lock()
	unavailable := false
	if s.up.Load() || !s.seen {
		s.up.Store(false)
		s.seen, s.since = true, now
		if unavailable = s.said.IsZero() || now.Sub(s.said) >= h.config.Every; unavailable {
			s.said, s.told = now, true
		}
	}
	count := s.miss(command, now, h.config.Every)
	host := s.hostAttr()
	s.mu.Unlock()
	if unavailable {
		// retry_in_ms is zero: go-redis tries again with the next command.
		attrs := appendError([]slog.Attr{host}, err)
		attrs = append(attrs, slog.Float64("retry_in_ms", 0))
		pairlog.Log(ctx, h.config.Logger, slog.LevelError, "redis_unavailable", attrs...)
	}
	if count > 0 {
		pairlog.Log(ctx, h.config.Logger, slog.LevelWarn, "redis_degraded_operation",
			slog.String("operation", command),
			slog.String("fallback", h.config.Fallback),
			slog.Int64("count", count))
	}
}

// miss counts a command, with s.mu held, and returns what its line is to say: 0
// for no line.
func (s *state) miss(command string, now time.Time, every time.Duration) int64 {
	s.skipped++
	m := s.missed[command]
	if m == nil {
		if len(s.missed) >= maxMissed {
			return 0
		}
		if s.missed == nil {
			s.missed = make(map[string]*missed)
		}
		m = new(missed)
		s.missed[command] = m
	}
	m.count++
	if !m.said.IsZero() && now.Sub(m.said) < every {
		return 0
	}
	count := m.count
	m.count, m.said = 0, now
	return count
}

// Disconnected writes redis_disconnected with a reason, such as shutdown. Call it
// when the client has been closed, which a hook cannot see.
func (h *Hook) Disconnected(ctx context.Context, reason string) {
	s := &h.state
	s.mu.Lock()
	s.up.Store(false)
	s.seen, s.told = false, false
	s.mu.Unlock()
	pairlog.Log(ctx, h.config.Logger, slog.LevelInfo, "redis_disconnected", slog.String("reason", reason))
}
