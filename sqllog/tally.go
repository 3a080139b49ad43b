package sqllog

import (
	"log/slog"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// tallyKey is the member of the request line under which a tally is written.
const tallyKey = "db"

// maxSeen is how many different statements of a scope are watched for repetition at
// a time. A loop with more of them in it is not found.
const maxSeen = 16

// A tally counts the statements of one scope. It is safe for concurrent use.
type tally struct {
	mu      sync.Mutex
	count   int
	took    time.Duration
	failed  int
	slowest *Statement
	most    time.Duration // of the slowest
	seen    [maxSeen]*Statement
	times   [maxSeen]int32 // how often each of seen was sent
	next    int            // of seen, whose place is taken first among those sent as often
	repeats int            // of the statement that was sent most
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
	tallyRepeats
)

var tallyForm = pairlog.NewObjectForm(tallyKey, "count", "ms", "failed", "slowest", "slowest_ms", "repeats")

// add counts a statement and reports whether it has now been sent limit times.
func (t *tally) add(e *Execution, limit int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	t.took += e.Took
	if e.Err != nil {
		t.failed++
	}
	if e.Took > t.most || t.slowest == nil {
		t.most, t.slowest = e.Took, e.Statement
	}
	n := t.sent(e.Statement.kind)
	t.repeats = max(t.repeats, n)
	return n == limit
}

// sent counts a statement among those that are watched, and returns how often it has
// been sent. Where there is no place left it takes that of the one that was sent
// least: those at the beginning of a request come once, and the loop after them.
func (t *tally) sent(st *Statement) int {
	for i, seen := range &t.seen {
		if seen == nil {
			t.seen[i] = st
			seen = st
		}
		if seen == st {
			t.times[i]++
			return int(t.times[i])
		}
	}
	least := t.next
	for i := range t.seen {
		if at := (t.next + i) % maxSeen; t.times[at] < t.times[least] {
			least = at
		}
	}
	t.seen[least], t.times[least] = st, 1
	t.next = (least + 1) % maxSeen
	return 1
}

// Renew forgets which statements were sent how often: the next piece of work of the
// scope has begun. How often the most frequent one was sent within a piece stays.
func (t *tally) Renew() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.seen[:])
	clear(t.times[:])
}

// LogValue returns the counts as an object: count, ms, the beginning of the
// slowest statement with its time, and how often the most frequent one was sent.
func (t *tally) LogValue() slog.Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	attrs := append(make([]slog.Attr, 0, 6), slog.Int("count", t.count), slog.Float64("ms", milliseconds(t.took)))
	if t.failed > 0 {
		attrs = append(attrs, slog.Int("failed", t.failed))
	}
	if t.slowest != nil {
		attrs = append(attrs,
			slog.String("slowest", t.slowest.brief.String()),
			slog.Float64("slowest_ms", milliseconds(t.most)))
	}
	if t.repeats > 1 {
		attrs = append(attrs, slog.Int("repeats", t.repeats))
	}
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
	if t.slowest != nil {
		o.Fixed(tallySlowest, t.slowest.brief)
		o.Milliseconds(tallySlowestMS, t.most)
	}
	if t.repeats > 1 {
		o.Int(tallyRepeats, int64(t.repeats))
	}
}
