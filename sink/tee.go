package sink

import (
	"context"
	"errors"
	"sync"
)

// Tee writes every batch to several sinks, each of which fails alone. Its
// methods other than Stats and Flush are for one goroutine at a time.
//
// One of the sinks is the primary: the first *File, or the first sink when
// there is none. Its answer is the Tee's answer: what it does not take, the
// caller offers again. The others are best effort: what one of them does not
// take is counted and reported for that sink.
type Tee struct {
	sinks   []Sink
	primary int
	report  func(Event)

	mu      sync.Mutex
	dropped []uint64 // guarded by mu: lines given up, by sink
}

var _ Sink = (*Tee)(nil)

// NewTee returns a Tee over sinks, which it owns from now on. Report may be
// nil.
func NewTee(report func(Event), sinks ...Sink) *Tee {
	if report == nil {
		report = func(Event) {}
	}
	t := &Tee{sinks: sinks, report: report, dropped: make([]uint64, len(sinks))}
	for i, s := range sinks {
		if _, ok := s.(*File); ok {
			t.primary = i
			break
		}
	}
	return t
}

// Write implements [Sink]. The result is that of the primary sink.
func (t *Tee) Write(batch []byte) (int, error) {
	if len(t.sinks) == 0 {
		return len(batch), nil
	}
	n, err := t.sinks[t.primary].Write(batch)
	for i, s := range t.sinks {
		if i == t.primary || n == 0 {
			continue
		}
		if m, err := s.Write(batch[:n]); err != nil {
			lost := lines(batch[m:n])
			t.mu.Lock()
			t.dropped[i] += lost
			t.mu.Unlock()
			t.report(Event{Name: EventDropped, Sink: s.String(), Err: err, Count: lost})
		}
	}
	return n, err
}

func lines(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		if c == '\n' {
			n++
		}
	}
	return n
}

// Mark is File.Mark of the primary sink, zero when that is no *File.
func (t *Tee) Mark(next int) [32]byte {
	if f, ok := t.file(); ok {
		return f.Mark(next)
	}
	return [32]byte{}
}

// Written is File.Written of the primary sink, 0 when that is no *File.
func (t *Tee) Written(mark [32]byte, pending []byte) int {
	if f, ok := t.file(); ok {
		return f.Written(mark, pending)
	}
	return 0
}

func (t *Tee) file() (*File, bool) {
	if len(t.sinks) == 0 {
		return nil, false
	}
	f, ok := t.sinks[t.primary].(*File)
	return f, ok
}

// Flush waits until every sink has been offered what Write took. It ends
// early, with the context's error, when ctx does.
func (t *Tee) Flush(ctx context.Context) error { return ctx.Err() }

// Dropped returns, by the sinks' String, the lines given up so far.
func (t *Tee) Dropped() map[string]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := make(map[string]uint64, len(t.sinks))
	for i, s := range t.sinks {
		m[s.String()] += t.dropped[i]
	}
	return m
}

// Sync implements [Sink] by syncing every sink.
func (t *Tee) Sync() error {
	var errs []error
	for _, s := range t.sinks {
		errs = append(errs, s.Sync())
	}
	return errors.Join(errs...)
}

// Close implements [Sink] by closing every sink.
func (t *Tee) Close() error {
	var errs []error
	for _, s := range t.sinks {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// String returns "tee".
func (t *Tee) String() string { return "tee" }
