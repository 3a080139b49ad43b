package queue

import (
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// Append copies line, which ends in \n, into the queue and reports whether it
// was accepted. False means dropped and counted. It waits at most
// Config.BlockFor, and under that policy not even that once the queue has
// been full for as long with nothing drained: a dead sink slows a service
// once, not with every line.
func (q *Queue) Append(level slog.Level, line []byte) (accepted bool) {
	at := levelIndex(level)
	if !q.shielded {
		return q.append(at, line, 0) // nobody will look at the checksum
	}
	hash := checksum(line, q.id)
	before, returned := debug.SetPanicOnFault(true), false
	defer func() {
		debug.SetPanicOnFault(before)
		if !returned { // recover costs as much as all the rest of this
			accepted = q.caught(recover(), level, line)
		}
	}()
	accepted = q.append(at, line, hash)
	returned = true
	return accepted
}

// append is Append for a line whose checksum is known.
func (q *Queue) append(level int, line []byte, hash uint64) bool {
	if !q.mu.TryLock() {
		q.lock()
	}
	s := q.open
	if !s.fits(len(line)) {
		return q.appendSlow(level, line, hash)
	}
	q.put(s, level, line, hash)
	if !q.idle && (level < indexError || q.urgent) {
		q.mu.Unlock()
		return true
	}
	q.idle = false
	q.urgent = q.urgent || level >= indexError
	q.mu.Unlock()
	q.rouse()
	return true
}

// spins is how often Append looks whether mu is free before it waits for it,
// some hundred nanoseconds in all. Nobody holds mu for longer than it takes to
// copy a line or to note a batch, and the mutex itself lets more than a
// microsecond pass before it looks again.
const spins = 256

func (q *Queue) lock() {
	for range spins {
		if q.mu.TryLock() {
			return
		}
	}
	q.mu.Lock()
}

// rouse wakes the draining goroutine; it never blocks.
func (q *Queue) rouse() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// appendSlow finds a segment for a line that does not fit the open one. It is
// called with mu held and returns with mu released.
func (q *Queue) appendSlow(level int, line []byte, hash uint64) bool {
	var w *waiter // once it has had to wait
	for !q.closed && len(line) <= q.longest() {
		gaveUp := w != nil && w.gaveUp
		// Who waits already comes first, errors excepted.
		if (len(q.waiters) == 0 || level >= indexError || gaveUp) && q.accept(level, line, hash) {
			rouse := q.idle || q.ready()
			q.idle = false
			behind := len(q.free) < len(q.segments)/2
			q.mu.Unlock()
			if rouse {
				q.rouse()
			}
			if behind {
				// The draining goroutine may be waiting for a processor: ours
				// now, for a moment, rather than when the queue is full.
				runtime.Gosched()
			}
			return true
		}
		if q.c.Policy == Block && !gaveUp && !(q.tight && level >= indexError) {
			if w == nil {
				w = &waiter{level: level, line: line, hash: hash}
			}
			if q.await(w) {
				q.mu.Unlock()
				return true
			}
			continue
		}
		if (level >= indexError || q.c.Policy == DropOldest) && q.evict(level) {
			continue
		}
		break
	}
	q.stats.Dropped[level]++
	q.mu.Unlock()
	return false
}

// accept puts a line into a segment and reports whether there was room.
func (q *Queue) accept(level int, line []byte, hash uint64) bool {
	s := q.segmentFor(len(line), level)
	if s == nil {
		return false
	}
	q.put(s, level, line, hash)
	q.urgent = q.urgent || level >= indexError
	return true
}

// longest is the size in bytes of the longest line that is accepted.
func (q *Queue) longest() int { return len(q.data)/4 - entryBytes }

// segmentFor returns the segment that the next line of n bytes goes to, nil
// when the queue is full.
func (q *Queue) segmentFor(n, level int) *segment {
	if q.open.fits(n) {
		return q.open
	}
	q.sealOpen()
	if q.tight && level < indexError {
		return nil // eviction did not make room for this
	}
	if q.tight && q.only.fits(n) {
		return q.only
	}
	q.sealOnly()
	need := (n + entryBytes + q.segmentBytes - 1) / q.segmentBytes
	s := q.take(need, 1)
	switch {
	case s == nil:
		return nil
	case need > 1: // an empty open segment stays open
		q.sealed = append(q.sealed, s)
	case q.tight:
		q.only = s
	default:
		q.open = s
	}
	return s
}

// waiter is an Append that waits for room. Whoever makes room puts the line
// where it belongs, so that of many waiters none is overtaken until its time
// is up. All fields are guarded by Queue.mu but done.
type waiter struct {
	level    int
	line     []byte
	hash     uint64
	deadline time.Time     // zero before the first wait
	done     chan struct{} // closed when it has been accepted or sent away
	in       bool          // accepted
	gaveUp   bool          // its time is up
}

// await releases mu until w is accepted, sent away, or its time is up; it
// reports whether it was accepted. The time runs from the first call, and from
// the moment the queue ran full, whichever ends earlier.
func (q *Queue) await(w *waiter) bool {
	now := time.Now()
	if q.fullSince.IsZero() {
		q.fullSince = now
	}
	if w.deadline.IsZero() {
		w.deadline = now.Add(q.c.BlockFor)
		q.stats.Blocked++
	}
	w.done = make(chan struct{})
	q.waiters = append(q.waiters, w)
	for {
		end := w.deadline
		if e := q.fullSince.Add(q.c.BlockFor); e.Before(end) {
			end = e
		}
		left := time.Until(end)
		if left <= 0 {
			w.gaveUp = true
			q.waiters = slices.DeleteFunc(q.waiters, func(o *waiter) bool { return o == w })
			q.admit() // a shorter line may have waited behind this one
			return false
		}
		q.mu.Unlock()
		q.rouse()
		timer := time.NewTimer(left)
		var over bool
		select {
		case <-w.done:
			over = true
		case <-timer.C:
		}
		timer.Stop()
		q.mu.Lock()
		if over || w.in {
			return w.in
		}
	}
}

// admit accepts the lines that wait for room, in their order, as far as there
// is some.
func (q *Queue) admit() {
	for len(q.waiters) > 0 {
		w := q.waiters[0]
		if !q.accept(w.level, w.line, w.hash) {
			if q.fullSince.IsZero() { // drained from, and full again
				q.fullSince = time.Now()
			}
			return
		}
		w.in = true
		close(w.done)
		q.waiters = slices.Delete(q.waiters, 0, 1)
	}
}

// dismiss sends those who wait for room away: to try again, or to find the
// queue closed.
func (q *Queue) dismiss() {
	for _, w := range q.waiters {
		close(w.done)
	}
	q.waiters = nil
}
