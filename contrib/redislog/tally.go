package redislog

import (
	"log/slog"
	"sync"
	"time"

	"github.com/pairly/pairlog"
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
}

var _ pairlog.Summary = (*tally)(nil)

func newTally() slog.LogValuer { return new(tally) }

// The members of a tally, in their order.
const (
	tallyCount = iota
	tallyMS
	tallyFailed
	tallySlowest
	tallySlowestMS
)

var tallyForm = pairlog.NewObjectForm(tallyKey, "count", "ms", "failed", "slowest", "slowest_ms")

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
	attrs := append(make([]slog.Attr, 0, 5), slog.Int("count", t.count), slog.Float64("ms", milliseconds(t.took)))
	if t.failed > 0 {
		attrs = append(attrs, slog.Int("failed", t.failed))
	}
	attrs = append(attrs,
		slog.String("slowest", t.slowest),
		slog.Float64("slowest_ms", milliseconds(t.most)))
	return slog.GroupValue(attrs...)
}

// Form implements [pairlog.Summary].
func (t *tally) Form() *pairlog.ObjectForm { return tallyForm }

// WriteMembers implements [pairlog.Summary]: it writes what LogValue returns.
func (t *tally) WriteMembers(o pairlog.ObjectLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o.Int(tallyCount, int64(t.count))
	o.Milliseconds(tallyMS, t.took)
	if t.failed > 0 {
		o.Int(tallyFailed, int64(t.failed))
	}
	o.Text(tallySlowest, t.slowest)
	o.Milliseconds(tallySlowestMS, t.most)
}
