package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Defaults of Config.
const (
	DefaultBytes      = 8 << 20
	DefaultFlushEvery = 100 * time.Millisecond
)

// MinBytes and MaxBytes are the bounds of Config.Bytes; what is outside is
// brought inside.
const (
	MinBytes = minSegments * minSegmentBytes
	MaxBytes = maxQueueBytes
)

// Config describes a Queue. Only Drain is required.
type Config struct {
	// Path is the base name of the mapped files, one for each process, that
	// hold the queue; their folder is the one of the log file. "" keeps the
	// queue in memory.
	Path string
	// InMemory keeps the queue in memory although Path is set, for lines that
	// must not lie on a disk in the clear. Files that earlier processes left
	// at Path are recovered all the same.
	InMemory bool
	// Bytes is the size of the queue. 0 means DefaultBytes (8 MB); the
	// smallest is 32 KB, the largest 1 GB. A single line may take a quarter
	// of it.
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
	// Observe, when set, is offered every line once, in order and in batches
	// like Drain's, whether Drain works or not: it is the way to sinks that
	// must not wait for the one behind Drain. It must return at once and not
	// keep or change the batch. Recovered lines are offered too.
	Observe func(batch []byte)
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
	c            Config
	id           uint64 // seed of the checksums
	created      int64  // Unix nanoseconds
	shielded     bool   // mapped at first: the file may be cut
	segmentBytes int
	orphans      []*orphan // owned by the draining goroutine after Open

	// First what every Append touches, close together.
	mu      sync.Mutex
	idle    bool     // guarded by mu: the draining goroutine waits for a first line
	urgent  bool     // guarded by mu: drain the open segment now
	tight   bool     // guarded by mu: evicted to keep errors, and nothing was drained since
	closed  bool     // guarded by mu
	open    *segment // guarded by mu: where the next line goes, or none
	nextSeq uint64   // guarded by mu: sequence number of the next record
	page    []byte   // guarded by mu: the header page
	data    []byte   // guarded by mu, see segment

	mapped   *mapping   // guarded by mu: nil when in memory
	replaced []*mapping // guarded by mu: files that were cut or deleted; Drain may still read one
	epoch    int        // guarded by mu: how often the records have moved from one to another
	told     bool       // guarded by mu: that the file is gone and cannot be replaced
	untold   []Event    // guarded by mu: to be reported by the draining goroutine

	segments []segment  // guarded by mu: by number of the first; memory for take
	only     *segment   // guarded by mu: while tight, where the next error goes, or none
	sealed   []*segment // guarded by mu: full ones, oldest first
	rescued  []*segment // guarded by mu: what eviction saved, oldest first as a rule
	free     []int      // guarded by mu: numbers of unused segments, the one freed first in front
	touched  int        // guarded by mu: segments from this one on have never been used
	wakeAt   int        // segments in use, from which on they are drained at once

	draining bool // guarded by mu: Drain is running
	stopping bool // guarded by mu: Drain must not be called any more

	evicted uint64 // guarded by mu: records counted in nextSeq and then dropped
	pos     slot   // guarded by mu: the position in the file

	stats     Stats         // guarded by mu
	fullSince time.Time     // guarded by mu: when the queue ran full and nothing was drained since; zero when it is not full
	waiters   []*waiter     // guarded by mu: Appends that wait for room, in the order of their coming
	progress  chan struct{} // guarded by mu: closed and replaced after each commit
	recovered bool          // guarded by mu: the orphans are dealt with

	wake    chan struct{} // to the draining goroutine, capacity 1
	stop    chan struct{} // closed by Close
	stopped chan struct{} // closed by the draining goroutine
}

// Open starts a queue. The error is non-nil only for a Config that cannot
// work; whatever the system refuses degrades to memory and is reported.
//
// What earlier processes left in mapped files of the same Path is drained
// first, in order, before any new line.
func Open(c Config) (*Queue, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	q := &Queue{
		c: c, id: rand.Uint64(), open: none, only: none,
		progress: make(chan struct{}),
		wake:     make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	var segments int
	q.segmentBytes, segments = geometry(c.Bytes)
	q.wakeAt = max(min(segments/8, wakeBytes/q.segmentBytes), 2)
	h := header{segmentBytes: q.segmentBytes, segments: segments, id: q.id, created: time.Now().UnixNano()}
	if c.Path != "" {
		q.orphans = claimOrphans(c.Path, c.Report)
	}
	if c.Path != "" && !c.InMemory {
		q.mapped, err = createMapping(c.Path, h)
		if err != nil {
			c.Report(Event{Name: EventDegraded, Path: c.Path, Err: err})
		}
	}
	memory := q.mapped.bytes()
	if memory == nil {
		memory = make([]byte, headerBytes+segments*q.segmentBytes)
	}
	q.created, q.shielded = h.created, q.mapped != nil
	q.segments = make([]segment, segments)
	q.layOut(memory)
	q.nextSeq, q.pos.head = 1, 1
	le.PutUint64(q.page[counterSeq:], q.nextSeq)
	putSlot(q.page, q.pos, q.id)
	q.stats.CapacityBytes = segments * q.segmentBytes
	q.stats.Path = q.mapped.path()
	go q.run()
	return q, nil
}

// layOut makes memory that of the queue, with all segments free.
func (q *Queue) layOut(memory []byte) {
	q.page, q.data = memory[:headerBytes], memory[headerBytes:]
	q.open, q.only, q.sealed, q.rescued = none, none, nil, nil
	q.free, q.touched = q.free[:0], 0
	for i := range q.segments {
		q.free = append(q.free, i)
	}
}

// Flush drains what was acknowledged before the call, recovered lines
// included. It waits for the sink and ends early, with the context's error,
// when ctx does.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	for target := q.nextSeq; !q.reached(target); q.mu.Lock() {
		q.urgent = true
		progress := q.progress
		q.mu.Unlock()
		q.rouse()
		select {
		case <-progress:
		case <-q.stopped:
			q.mu.Lock()
			done := q.reached(target)
			q.mu.Unlock()
			if done {
				return nil
			}
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("queue: flush: %w", ctx.Err())
		}
	}
	q.mu.Unlock()
	return nil
}

// reached says whether every record below target is drained or dropped.
func (q *Queue) reached(target uint64) bool {
	return q.recovered && (q.pos.head >= target || q.pending() == 0)
}

func (q *Queue) pending() uint64 {
	return q.nextSeq - q.pos.head - (q.evicted - q.pos.evicted)
}

// Close refuses further lines, drains what is left and stops the draining
// goroutine. When ctx ends first it returns the context's error: what is left
// then stays in the mapped file for the next Open, or is lost and remains in
// Stats.Pending when the queue is in memory.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.sealOpen()
	q.sealOnly()
	q.open = none
	q.dismiss()
	q.mu.Unlock()
	err := q.Flush(ctx)
	close(q.stop)
	q.mu.Lock()
	q.stopping = true
	stuck := q.draining
	q.mu.Unlock()
	if !stuck { // a Drain that does not return must not keep the process
		<-q.stopped
	}
	if err != nil {
		return fmt.Errorf("queue: close: %w", ctx.Err())
	}
	return nil
}

// Stopped says whether Close has ended the draining goroutine. It has not when a
// Drain does not return, which may still use the sink then.
func (q *Queue) Stopped() bool {
	select {
	case <-q.stopped:
		return true
	default:
		return false
	}
}

// Stats returns a snapshot of the counters.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Appended = q.nextSeq - 1
	s.Pending = q.pending()
	for _, list := range [][]*segment{q.sealed, q.rescued, {q.only, q.open}} {
		for _, g := range list {
			s.PendingBytes += g.used - g.nextOff
		}
	}
	return s
}
