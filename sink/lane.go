package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// lane is a sink with a buffer and a goroutine, for which nobody waits.
type lane struct {
	s      Sink
	name   string
	report func(Event)

	mu      sync.Mutex
	buf     []byte        // guarded by mu: lines to be written next
	busy    bool          // guarded by mu: the goroutine is in Write
	rest    []byte        // guarded by mu: what of its lines is not yet taken
	given   bool          // guarded by mu: up, what rest has
	closed  bool          // guarded by mu
	lost    uint64        // guarded by mu: lines given up
	untold  uint64        // guarded by mu: lost lines not yet reported
	cause   error         // guarded by mu: of the untold
	empty   chan struct{} // guarded by mu: closed and replaced when all is written
	wake    chan struct{} // capacity 1
	stop    chan struct{}
	stopped chan struct{}
	result  error // of the sink's Close; set before stopped is closed

	writing sync.Mutex // held around calls of the sink
}

func startLane(s Sink, report func(Event)) *lane {
	l := &lane{
		s: s, name: s.String(), report: report,
		empty: make(chan struct{}), wake: make(chan struct{}, 1),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go l.run()
	return l
}

var (
	errBehind = errors.New("the sink is too slow")
	errStuck  = errors.New("the sink does not return")
)

// put copies a batch to the buffer, or gives it up when it does not fit.
func (l *lane) put(batch []byte) {
	defer notify(l.wake)
	l.mu.Lock()
	defer l.mu.Unlock() // the batch may be of a file that somebody cuts: see queue.replace
	switch {
	case l.closed:
		l.lose(batch, errClosed)
	case len(l.buf)+len(batch) > LaneBytes && len(l.buf) > 0:
		l.lose(batch, errBehind)
	default:
		// First the copy, which may fail, then the length.
		n := len(l.buf)
		buf := slices.Grow(l.buf, len(batch))[:n+len(batch)]
		copy(buf[n:], batch)
		l.buf = buf
	}
}

// lose counts lines that are given up. It is called with mu held; the next
// write reports them.
func (l *lane) lose(batch []byte, cause error) {
	n := countLines(batch)
	l.lost += n
	l.untold += n
	l.cause = cause
}

func (l *lane) dropped() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost + droppedBy(l.s)
}

func (l *lane) run() {
	defer close(l.stopped)
	var spare []byte
	for {
		l.mu.Lock()
		batch := l.buf
		l.buf = spare[:0]
		l.busy = len(batch) > 0
		l.rest = batch
		if !l.busy {
			close(l.empty)
			l.empty = make(chan struct{})
		}
		untold, cause, done := l.untold, l.cause, l.closed && !l.busy
		l.untold, l.cause = 0, nil
		l.mu.Unlock()
		if untold > 0 {
			l.report(Event{Name: EventDropped, Sink: l.name, Count: untold, Err: cause})
		}
		if done {
			l.result = l.s.Close()
			return
		}
		if len(batch) > 0 {
			l.write(batch)
			if spare = batch; cap(spare) > keepBuffer {
				spare = nil
			}
			continue
		}
		spare = batch
		select {
		case <-l.wake:
		case <-l.stop:
		}
	}
}

// laneRetries is how often a sink that is not the primary is offered what it
// did not take, before that is given up; the pauses add up to 70 ms.
const laneRetries = 3

// write offers lines to the sink, again after an error, and gives up what it
// still does not take then.
func (l *lane) write(batch []byte) {
	l.writing.Lock()
	defer l.writing.Unlock()
	pause := 10 * time.Millisecond
	for tries := 0; len(batch) > 0; tries++ {
		n, err := l.call(batch)
		batch = batch[min(max(n, 0), len(batch)):]
		if l.left(batch) {
			return
		}
		if err == nil {
			continue
		}
		if tries == laneRetries || l.stopping() {
			l.mu.Lock()
			l.lose(batch, err)
			l.mu.Unlock()
			return
		}
		time.Sleep(pause)
		pause *= 2
	}
}

// left notes what of the lines is not yet taken, and reports whether it has been
// given up; what was taken after all is not lost then.
func (l *lane) left(batch []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.given {
		l.lost -= countLines(l.rest) - countLines(batch)
	}
	l.rest = batch
	return l.given
}

// abandon gives up everything that the sink has not taken.
func (l *lane) abandon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.given {
		l.lose(l.rest, errStuck)
		l.lose(l.buf, errStuck)
		l.buf, l.given = nil, true
	}
}

// call is the sink's Write, whose panic is an error like another.
func (l *lane) call(batch []byte) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("panic: %v", p)
		}
	}()
	n, err = l.s.Write(batch)
	if err == nil && n < len(batch) {
		err = errors.New("short write without an error")
	}
	return n, err
}

func (l *lane) stopping() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// flush waits until the buffer is empty and nothing is being written.
func (l *lane) flush(ctx context.Context) error {
	for {
		l.mu.Lock()
		idle := len(l.buf) == 0 && !l.busy
		empty := l.empty
		l.mu.Unlock()
		if idle {
			return flushOf(ctx, l.s)
		}
		select {
		case <-empty:
		case <-l.stopped:
			return nil
		case <-ctx.Done():
			return errors.Join(ctx.Err(), flushOf(ctx, l.s)) // which learns that there is no more time
		}
	}
}

func (l *lane) sync() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.s.Sync()
}

// closeGrace is how long close waits for a sink that is in the middle of
// something: longer than a busy machine takes to run a goroutine.
const closeGrace = time.Second

// close lets the goroutine write out the buffer and close the sink.
func (l *lane) close() error {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	if first {
		close(l.stop)
	}
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-l.stopped:
		return l.result
	case <-grace.C:
		l.abandon()
		return fmt.Errorf("close %s: it does not return", l.name)
	}
}
