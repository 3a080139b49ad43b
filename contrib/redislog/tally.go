package redislog

import (
	"log/slog"
	"sync"
	"time"
)

// tallyKey is the member of the request line under which a tally is written.
const tallyKey = "redis"

// A tally counts the commands of one scope. It is safe for concurrent use.
type tally struct {
	mu      sync.Mutex
	count   int
	took    time.Duration
	failed  int
	slowest string
	most    time.Duration // of the slowest

	// room is for the attrs of the first LogValue, which is nearly always the only
	// one. lent says that it is taken.
	room [5]slog.Attr
	lent bool
}

func newTally() slog.LogValuer { return new(tally) }

func (t *tally) add(c *call, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count += c.count
	t.took += c.took
	if failed {
		t.failed++
	}
	if c.took > t.most || t.slowest == "" {
		t.most, t.slowest = c.took, c.name()
	}
}

// LogValue returns the counts as an object: count, ms, the calls that failed, and
// the slowest command with its time. A pipeline counts for all its commands.
func (t *tally) LogValue() slog.Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	attrs := t.room[:0]
	if t.lent {
		attrs = make([]slog.Attr, 0, len(t.room))
	}
	t.lent = true
	attrs = append(attrs, slog.Int("count", t.count), slog.Float64("ms", milliseconds(t.took)))
	if t.failed > 0 {
		attrs = append(attrs, slog.Int("failed", t.failed))
	}
	attrs = append(attrs,
		slog.String("slowest", t.slowest),
		slog.Float64("slowest_ms", milliseconds(t.most)))
	return slog.GroupValue(attrs...)
}
