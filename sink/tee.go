package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
)

// Tee writes every batch to several sinks, each of which fails alone.
//
// One of the sinks is the primary: the first *File, or the first sink when
// there is none. Its answer to a Write is the Tee's answer: what it does not
// take, the caller offers again. Each of the others has a goroutine and a
// buffer of [LaneBytes] of its own, so that a slow or stuck one holds up
// nobody: what does not fit its buffer, or what it refuses, is given up for
// that sink alone, counted and reported.
//
// Write, Sync and Close are for one goroutine at a time; Observe, Mark, Written,
// Flush and Dropped may be called at any time. Behind a queue:
//
//	queue.Config{Drain: …tee.Write…, Observe: tee.Observe, Mark: tee.Mark, Written: tee.Written}
type Tee struct {
	primary Sink // nil when there are no sinks
	lanes   []*lane
	ahead   int // bytes that the lanes have got of what the primary has not taken

	mu       sync.Mutex
	observed bool // guarded by mu: Observe feeds the lanes
}

var _ Sink = (*Tee)(nil)

// LaneBytes is how much, in bytes, a sink that is not the primary may be
// behind.
const LaneBytes = 1 << 20

// NewTee returns a Tee over sinks, which it owns from now on. Report may be
// nil. The Tee must be closed, or the goroutines stay.
func NewTee(report func(Event), sinks ...Sink) *Tee {
	if report == nil {
		report = func(Event) {}
	}
	t := &Tee{}
	primary := 0
	for i, s := range sinks {
		if _, ok := s.(*File); ok {
			primary = i
			break
		}
	}
	for i, s := range sinks {
		if i == primary {
			t.primary = s
			continue
		}
		t.lanes = append(t.lanes, startLane(s, report))
	}
	return t
}

// Write implements [Sink]. The result is that of the primary sink. The other
// sinks are offered the batch too, once, unless Observe is in use.
func (t *Tee) Write(batch []byte) (int, error) {
	if t.primary == nil {
		return len(batch), nil
	}
	t.mu.Lock()
	observed := t.observed
	t.mu.Unlock()
	if !observed && t.ahead < len(batch) {
		t.offer(batch[t.ahead:])
		t.ahead = len(batch)
	}
	n, err := t.primary.Write(batch)
	t.ahead = max(t.ahead-n, 0)
	return n, err
}

// Observe offers a batch to all sinks but the primary, which therefore get
// lines even while the primary fails. From the first call on Write leaves them
// out.
func (t *Tee) Observe(batch []byte) {
	t.mu.Lock()
	t.observed = true
	t.mu.Unlock()
	t.offer(batch)
}

func (t *Tee) offer(batch []byte) {
	for _, l := range t.lanes {
		l.put(batch)
	}
}

// Mark is File.Mark of the primary sink, zero when that is no *File.
func (t *Tee) Mark(next int) [32]byte {
	if f, ok := t.primary.(*File); ok {
		return f.Mark(next)
	}
	return [32]byte{}
}

// Written is File.Written of the primary sink, 0 when that is no *File.
func (t *Tee) Written(mark [32]byte, pending []byte) int {
	if f, ok := t.primary.(*File); ok {
		return f.Written(mark, pending)
	}
	return 0
}

// Flush waits until every sink has been offered all that it was to get, and a
// Remote has delivered it. It ends early, with the context's error, when ctx
// does.
func (t *Tee) Flush(ctx context.Context) error {
	errs := make([]error, len(t.lanes)+1)
	var wg sync.WaitGroup
	for i, l := range t.lanes { // one that is down must not use up the others' time
		wg.Go(func() {
			if err := l.flush(ctx); err != nil {
				errs[i] = fmt.Errorf("flush %s: %w", l.name, err)
			}
		})
	}
	if err := flushOf(ctx, t.primary); err != nil {
		errs[len(t.lanes)] = fmt.Errorf("flush %s: %w", t.primary, err)
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Dropped returns, by the sinks' String, the lines given up so far.
func (t *Tee) Dropped() map[string]uint64 {
	m := make(map[string]uint64)
	if t.primary != nil {
		m[t.primary.String()] = droppedBy(t.primary)
	}
	for _, l := range t.lanes {
		m[l.name] += l.dropped()
	}
	return m
}

// Sync implements [Sink] by syncing every sink; the others than the primary
// as far as they have got.
func (t *Tee) Sync() error {
	var errs []error
	if t.primary != nil {
		errs = append(errs, t.primary.Sync())
	}
	for _, l := range t.lanes {
		errs = append(errs, l.sync())
	}
	return errors.Join(errs...)
}

// Close implements [Sink]. It lets every sink write out its buffer and closes
// it. For one that does not return from a Write it does not wait: call Flush
// with a deadline first to give it time.
func (t *Tee) Close() error {
	var errs []error
	if t.primary != nil {
		errs = append(errs, t.primary.Close())
	}
	for _, l := range t.lanes {
		errs = append(errs, l.close())
	}
	return errors.Join(errs...)
}

// String returns "tee".
func (t *Tee) String() string { return "tee" }

// A keeper is a Sink that takes lines before they are where they are to be,
// and may fail to bring them there.
type keeper interface {
	// Flush waits until what was written before the call has arrived, or ctx
	// ends, whose error it then returns.
	Flush(ctx context.Context) error
	// Dropped counts the lines that Write took and that will not arrive.
	Dropped() uint64
}

func flushOf(ctx context.Context, s Sink) error {
	if k, ok := s.(keeper); ok {
		return k.Flush(ctx)
	}
	return nil
}

func droppedBy(s Sink) uint64 {
	if k, ok := s.(keeper); ok {
		return k.Dropped()
	}
	return 0
}

func countLines(b []byte) uint64 { return uint64(bytes.Count(b, []byte{'\n'})) }
