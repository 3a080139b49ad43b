package sqllog

import (
	"log/slog"
	"sync"
	"time"
)

// tallyKey is the member of the request line under which a tally is written.
const tallyKey = "db"

// maxSeen is how many different statements of a scope are watched for
// repetition. A scope with more of them hardly repeats one in a loop.
const maxSeen = 16

// A tally counts the statements of one scope. It is safe for concurrent use.
type tally struct {
	mu      sync.Mutex
	count   int
	took    time.Duration
	failed  int
	slowest *Statement
	most    time.Duration // of the slowest
	seen    [maxSeen]struct {
		st *Statement
		n  int
	}
	repeats int // of the statement that was sent most

	// room is for the attrs of the first LogValue, which is nearly always the only
	// one. lent says that it is taken.
	room [6]slog.Attr
	lent bool
}

func newTally() slog.LogValuer { return new(tally) }

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
	for i := range t.seen {
		s := &t.seen[i]
		if s.st == nil {
			s.st = e.Statement.kind
		}
		if s.st == e.Statement.kind {
			s.n++
			t.repeats = max(t.repeats, s.n)
			return s.n == limit
		}
	}
	return false
}

// Renew forgets which statements were sent how often: the next piece of work of the
// scope has begun. How often the most frequent one was sent within a piece stays.
func (t *tally) Renew() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.seen[:])
}

// LogValue returns the counts as an object: count, ms, the beginning of the
// slowest statement with its time, and how often the most frequent one was sent.
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
	if t.slowest != nil {
		attrs = append(attrs,
			slog.String("slowest", t.slowest.brief),
			slog.Float64("slowest_ms", milliseconds(t.most)))
	}
	if t.repeats > 1 {
		attrs = append(attrs, slog.Int("repeats", t.repeats))
	}
	return slog.GroupValue(attrs...)
}
