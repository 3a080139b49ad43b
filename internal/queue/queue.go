package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Defaults of Config.
const (
	DefaultBytes      = 8 << 20
	DefaultFlushEvery = 100 * time.Millisecond
)

// Config describes a Queue. Only Drain is required.
type Config struct {
	// Path is the base name of the mapped files, one for each process, that
	// hold the queue; their folder is the one of the log file. "" keeps the
	// queue in memory.
	Path string
	// Bytes is the size of the queue. 0 means DefaultBytes (8 MB).
	Bytes int
	// Policy says what to do when the queue is full. The zero value is Block.
	Policy Policy
	// BlockFor is the longest that one Append waits under Block. 0 means
	// DefaultBlockFor (50 ms).
	BlockFor time.Duration
	// FlushEvery is the longest that an acknowledged line waits before it is
	// drained. 0 means DefaultFlushEvery (100 ms). A line at ERROR or above
	// is drained at once.
	FlushEvery time.Duration
	// Drain takes a batch of whole lines, each ending in \n, in the order in
	// which they were acknowledged. It is called by one goroutine at a time
	// and must not keep or change the batch. After an error the same lines
	// are offered again, with a growing pause of at most half a second; a
	// [*ShortError] says how many bytes need not be.
	Drain func(batch []byte) error
	// Mark, when set, is asked before each Drain where the next bytes (their
	// number is given) will land. The answer is opaque; it is kept in the
	// mapped file for Written.
	Mark func(next int) [32]byte
	// Written, when set, is asked during recovery how many leading bytes of
	// pending had already landed at mark when the earlier process died
	// between Drain and the note that Drain returned. It answers with the
	// end of a line.
	Written func(mark [32]byte, pending []byte) int
	// Report, when set, receives what the queue has to say about itself. It
	// is called from Open and from the draining goroutine and must not call
	// back into the Queue.
	Report func(Event)
}

// ShortError is returned by Config.Drain when the first Accepted bytes of the
// batch, whole lines, are safely in the sink and only the rest is to be
// offered again.
type ShortError struct {
	Accepted int
	Err      error
}

// Error returns the text of the cause.
func (e *ShortError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ShortError) Unwrap() error { return e.Err }

// ErrClosed is returned by Flush after Close.
var ErrClosed = errors.New("queue: closed")

func (c Config) withDefaults() (Config, error) {
	if c.Drain == nil {
		return c, errors.New("queue: open: Config.Drain is nil")
	}
	if c.Bytes <= 0 {
		c.Bytes = DefaultBytes
	}
	if c.BlockFor <= 0 {
		c.BlockFor = DefaultBlockFor
	}
	if c.FlushEvery <= 0 {
		c.FlushEvery = DefaultFlushEvery
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	return c, nil
}

// Queue is a bounded buffer of log lines with one draining goroutine. All
// methods are safe for concurrent use.
type Queue struct {
	c Config

	mu      sync.Mutex
	open    []byte // guarded by mu: lines not yet handed to Drain
	records int    // guarded by mu: number of lines in open
	taken   int    // guarded by mu: bytes in the batch being drained
	batch   int    // guarded by mu: records in the batch being drained
	stats   Stats  // guarded by mu
	closed  bool   // guarded by mu
	room    chan struct{}
	done    chan struct{} // guarded by mu: closed and replaced after each batch

	wake    chan struct{}
	flush   chan struct{}
	stop    chan struct{}
	stopped chan struct{}
}

// Open starts a queue. The error is non-nil only for a Config that cannot
// work; whatever the system refuses degrades to memory and is reported.
func Open(c Config) (*Queue, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Queue{
		c: c, room: make(chan struct{}), done: make(chan struct{}),
		wake: make(chan struct{}, 1), flush: make(chan struct{}, 1),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	q.open = make([]byte, 0, min(c.Bytes, 64<<10))
	go q.run()
	return q, nil
}

// Append copies line, which ends in \n, into the queue and reports whether it
// was accepted. False means dropped and counted. It waits at most
// Config.BlockFor.
func (q *Queue) Append(level slog.Level, line []byte) bool {
	var deadline <-chan time.Time
	for {
		q.mu.Lock()
		if q.closed || len(line) > q.c.Bytes {
			q.stats.Dropped[levelIndex(level)]++
			q.mu.Unlock()
			return false
		}
		if q.taken+len(q.open)+len(line) <= q.c.Bytes {
			first := len(q.open) == 0
			q.open = append(q.open, line...)
			q.records++
			q.stats.Appended++
			full := len(q.open) >= 16<<10 || level >= slog.LevelError
			q.mu.Unlock()
			if full {
				notify(q.flush)
			} else if first {
				notify(q.wake)
			}
			return true
		}
		if q.c.Policy != Block {
			q.stats.Dropped[levelIndex(level)]++
			q.mu.Unlock()
			return false
		}
		room := q.room
		q.stats.Blocked++
		q.mu.Unlock()
		notify(q.flush)
		if deadline == nil {
			deadline = time.After(q.c.BlockFor)
		}
		select {
		case <-room:
		case <-deadline:
			q.mu.Lock()
			q.stats.Dropped[levelIndex(level)]++
			q.mu.Unlock()
			return false
		}
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (q *Queue) run() {
	defer close(q.stopped)
	spare := make([]byte, 0, cap(q.open))
	for {
		select {
		case <-q.wake:
			t := time.NewTimer(q.c.FlushEvery)
			select {
			case <-t.C:
			case <-q.flush:
			case <-q.stop:
			}
			t.Stop()
		case <-q.flush:
		case <-q.stop:
			q.drain(&spare)
			return
		}
		q.drain(&spare)
	}
}

func (q *Queue) drain(spare *[]byte) {
	q.mu.Lock()
	batch, n := q.open, q.records
	q.open, q.records = (*spare)[:0], 0
	q.taken, q.batch = len(batch), n
	q.mu.Unlock()
	rest := batch
	for pause := 10 * time.Millisecond; len(rest) > 0; {
		err := q.c.Drain(rest)
		q.mu.Lock()
		if err == nil {
			q.stats.Batches++
			q.mu.Unlock()
			break
		}
		q.stats.DrainErrors++
		q.mu.Unlock()
		var short *ShortError
		if errors.As(err, &short) {
			rest = rest[short.Accepted:]
		}
		q.c.Report(Event{Name: EventDrainFailed, Err: err})
		select {
		case <-time.After(pause):
		case <-q.stop:
			return
		}
		pause = min(2*pause, 500*time.Millisecond)
	}
	*spare = batch[:0]
	q.mu.Lock()
	q.taken, q.batch = 0, 0
	q.stats.Drained += uint64(n)
	close(q.room)
	close(q.done)
	q.room, q.done = make(chan struct{}), make(chan struct{})
	q.mu.Unlock()
}

// Flush drains what was acknowledged before the call. It waits for the sink
// and ends early, with the context's error, when ctx does.
func (q *Queue) Flush(ctx context.Context) error {
	for {
		q.mu.Lock()
		done := q.done
		empty := len(q.open) == 0 && q.taken == 0
		q.mu.Unlock()
		if empty {
			return nil
		}
		notify(q.flush)
		select {
		case <-done:
		case <-ctx.Done():
			return fmt.Errorf("queue: flush: %w", ctx.Err())
		}
	}
}

// Close refuses further lines, drains what is left and stops the draining
// goroutine. When ctx ends first it returns the context's error: what is left
// then stays in the mapped file for the next Open, or is lost and counted as
// pending when the queue is in memory.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.mu.Unlock()
	err := q.Flush(ctx)
	close(q.stop)
	if err != nil {
		return fmt.Errorf("queue: close: %w", ctx.Err())
	}
	<-q.stopped
	return nil
}

// Stats returns a snapshot of the counters.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Pending = uint64(q.records + q.batch)
	s.PendingBytes = len(q.open) + q.taken
	s.CapacityBytes = q.c.Bytes
	return s
}
