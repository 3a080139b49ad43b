package queue

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"time"
)

// Pauses between two attempts to drain the same batch. The longest is short
// enough for a log to go on within a second after a full disk has space again.
const (
	firstPause = 10 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// wakeBytes of lines, in full segments, make the draining goroutine be woken
// ahead of its timer. To wake a goroutine costs the caller of Append several
// microseconds: this is so much that of a thousand calls less than one does it.
const wakeBytes = 1 << 20

// batch is a number of lines on their way to Drain.
type batch struct {
	lines []byte
	fresh int // offset of the first line not yet observed
	from  source
}

// source is where a batch comes from: the queue itself or the file of an
// earlier process.
type source interface {
	// note keeps where the next lines will land.
	note(mark [32]byte)
	// advance moves the position past the whole lines among the first
	// accepted bytes and returns how many bytes and lines those are.
	advance(accepted int) (bytes int, lines uint64)
}

// live is the source of the queue's own batches: the records, by segment,
// that have not been taken yet.
type live struct {
	q     *Queue
	epoch int
	runs  []run
}

type run struct {
	s            *segment
	count, bytes int
	last         uint64 // sequence number of its last record
}

// run drains until Close. It alone calls Drain, Observe, Mark and Written.
func (q *Queue) run() {
	defer close(q.stopped)
	debug.SetPanicOnFault(true) // in Drain and Observe, which read the file's pages; see replace
	q.drainOrphans()
	q.mu.Lock()
	q.recovered = true
	q.announceProgress()
	q.mu.Unlock()
	q.populate()
	timer := time.NewTimer(q.c.FlushEvery)
	for q.sleep(timer) && q.drainAll() {
	}
	timer.Stop()
	q.finish()
}

// populateAhead is how many segments that have never been used have their pages
// ready.
const populateAhead = 4

// populate has the system provide the pages of the next segments: the first
// store to each would otherwise stop an Append for a microsecond or more.
func (q *Queue) populate() {
	q.mu.Lock()
	m, to := q.mapped, min(q.touched+populateAhead, len(q.segments))
	q.mu.Unlock()
	if m == nil {
		return
	}
	if end := headerBytes + to*q.segmentBytes; end > m.populated {
		m.populate(end)
	}
}

// ready says whether there is something to drain now: a demand for haste, or
// full segments that are many or that an Append waits for.
func (q *Queue) ready() bool {
	return q.urgent || len(q.untold) > 0 || len(q.rescued) > 0 || q.only != none ||
		len(q.sealed) > 0 && (len(q.waiters) > 0 || len(q.segments)-len(q.free) >= q.wakeAt)
}

// sleep waits for work: what ready says, or lines that are FlushEvery old. It
// reports false after Close.
func (q *Queue) sleep(timer *time.Timer) bool {
	for {
		q.mu.Lock()
		ready := q.ready()
		some := q.open.count > 0 || len(q.sealed) > 0
		q.idle = !ready && !some
		q.mu.Unlock()
		switch {
		case ready:
			select {
			case <-q.stop:
				return false
			default:
				return true
			}
		case some:
			timer.Reset(q.c.FlushEvery)
			select {
			case <-q.wake:
			case <-timer.C:
				q.mu.Lock()
				q.urgent = true
				q.mu.Unlock()
			case <-q.stop:
				return false
			}
		default:
			select {
			case <-q.wake:
			case <-q.stop:
				return false
			}
		}
	}
}

// drainAll drains every full segment and, when haste was demanded, the open
// one as it is now. It reports false after Close.
func (q *Queue) drainAll() bool {
	q.mu.Lock()
	haste := q.urgent
	q.urgent = false
	target := q.nextSeq
	q.mu.Unlock()
	for {
		var b batch
		q.locked(func() { b = q.nextBatch(haste, target) })
		q.tell()
		if b.lines == nil {
			return true
		}
		q.populate()
		if !q.deliver(b) {
			return false
		}
	}
}

// nextBatch pins and returns the oldest records, at most about a segment of
// them. With haste the open segment takes part up to the record target.
func (q *Queue) nextBatch(haste bool, target uint64) batch {
	q.sealOnly()
	if len(q.rescued) > 0 {
		return q.mergedBatch()
	}
	var first *segment
	if len(q.sealed) > 0 {
		first = q.sealed[0]
	} else if s := q.open; haste && s.count > s.next && q.firstSeq(s) < target {
		first = s
	} else {
		return batch{}
	}
	b := batch{
		lines: q.data[first.start+first.nextOff : first.start+first.used],
		fresh: max(first.seenOff-first.nextOff, 0),
		from: &live{q, q.epoch, []run{{
			s: first, count: first.count - first.next, bytes: first.used - first.nextOff,
			last: q.entry(first, first.count-1).seq,
		}}},
	}
	first.pinned, first.seenOff = true, first.used
	return b
}

// mergedBatch copies records of the rescued segments and of the oldest other
// one together in order. The first record of the one after that ends it.
func (q *Queue) mergedBatch() batch {
	from := slices.Clone(q.rescued)
	end := uint64(math.MaxUint64)
	others := append(slices.Clone(q.sealed), q.open)
	others = slices.DeleteFunc(others, func(s *segment) bool { return s.next == s.count })
	if len(others) > 0 {
		from = append(from, others[0])
	}
	if len(others) > 1 {
		end = q.firstSeq(others[1])
	}
	taken := make([]int, len(from)) // records of each
	l := &live{q: q, epoch: q.epoch}
	b := batch{lines: make([]byte, 0, q.segmentBytes), from: l}
	for {
		best := -1
		var least entry
		for i, s := range from {
			if at := s.next + taken[i]; at < s.count {
				if e := q.entry(s, at); best < 0 || e.seq < least.seq {
					best, least = i, e
				}
			}
		}
		if best < 0 || least.seq >= end || len(b.lines) > 0 && len(b.lines)+least.len > q.segmentBytes {
			return b
		}
		s := from[best]
		b.lines = append(b.lines, q.data[least.off:least.off+least.len]...)
		if end := least.off - s.start + least.len; end <= s.seenOff {
			b.fresh = len(b.lines)
		} else {
			s.seenOff = end
		}
		if n := len(l.runs); n == 0 || l.runs[n-1].s != s {
			l.runs = append(l.runs, run{s: s})
		}
		r := &l.runs[len(l.runs)-1]
		r.count++
		r.bytes += least.len
		r.last = least.seq
		taken[best]++
		s.pinned = true
	}
}

// deliver offers a batch until it is taken, or Close ends the attempts, when
// it reports false.
func (q *Queue) deliver(b batch) bool {
	if q.c.Observe != nil && b.fresh < len(b.lines) {
		q.observe(b.lines[b.fresh:])
	}
	failed := false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if ok, stale := q.begin(b); !ok || stale {
			return ok
		}
		err := q.call(b.lines)
		b.lines = b.lines[q.commit(b, taken(err, b.lines), err):]
		if len(b.lines) == 0 {
			if failed {
				q.c.Report(Event{Name: EventDrainResumed})
			}
			return true
		}
		failed = true
		q.c.Report(Event{Name: EventDrainFailed, Err: err})
		if !q.rest(pause) {
			return false
		}
	}
}

// taken is the number of bytes of lines that a Drain with this result took.
func taken(err error, lines []byte) int {
	var short *ShortError
	switch {
	case err == nil:
		return len(lines)
	case errors.As(err, &short):
		return min(max(short.Accepted, 0), len(lines))
	}
	return 0
}

// begin notes where the batch will land, so that recovery can find out how
// much of it did. Ok is false after Close, stale true when the records have
// moved and are to be taken anew.
func (q *Queue) begin(b batch) (ok, stale bool) {
	q.look()
	q.locked(func() {
		ok, stale = !q.stopping, q.stale(b)
		q.draining = ok && !stale
	})
	if !ok || stale || q.c.Mark == nil {
		return ok, stale
	}
	if mark := q.c.Mark(len(b.lines)); mark != [32]byte{} {
		b.from.note(mark)
	}
	return true, false
}

func (l *live) note(mark [32]byte) {
	q := l.q
	q.locked(func() {
		if q.mapped == nil || l.epoch != q.epoch {
			return
		}
		q.pos.gen++
		q.pos.mark, q.pos.marked = mark, true
		putSlot(q.page, q.pos, q.id)
	})
}

// call runs Drain; a panic in a sink is a failed batch, not the end of the
// service.
func (q *Queue) call(lines []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("drain: panic: %v", p)
		}
	}()
	return q.c.Drain(lines)
}

// commit counts the result of a Drain and returns how many bytes of the batch
// are done with. Of a stale batch these are all: what is pending of it is in
// another one by now.
func (q *Queue) commit(b batch, accepted int, err error) int {
	done := len(b.lines)
	q.locked(func() {
		q.draining = false
		if err == nil {
			q.stats.Batches++
		} else {
			q.stats.DrainErrors++
		}
		if q.stale(b) {
			return
		}
		bytes, lines := b.from.advance(accepted)
		q.stats.Drained += lines
		if bytes > 0 {
			q.reclaim(bytes == len(b.lines))
			q.announceProgress()
		}
		done = bytes
	})
	return done
}

// advance implements source. It is called with mu held.
func (l *live) advance(accepted int) (bytes int, lines uint64) {
	q := l.q
	head := q.pos.head
	for len(l.runs) > 0 && bytes+l.runs[0].bytes <= accepted {
		r := l.runs[0]
		l.runs = l.runs[1:]
		r.s.next += r.count
		r.s.nextOff += r.bytes
		head = r.last + 1
		bytes += r.bytes
		lines += uint64(r.count)
	}
	for len(l.runs) > 0 { // the sink stopped within this one
		r := &l.runs[0]
		e := q.entry(r.s, r.s.next)
		if bytes+e.len > accepted {
			break
		}
		r.s.next++
		r.s.nextOff += e.len
		r.count--
		r.bytes -= e.len
		head = e.seq + 1
		bytes += e.len
		lines++
	}
	q.pos.evicted += head - q.pos.head - lines
	q.pos.head = head
	q.pos.gen++
	q.pos.marked = false
	putSlot(q.page, q.pos, q.id)
	return bytes, lines
}

// reclaim frees the segments that are wholly drained. At the end of a batch
// no segment is pinned any more.
func (q *Queue) reclaim(end bool) {
	freed := false
	for _, list := range []*[]*segment{&q.sealed, &q.rescued} {
		kept := (*list)[:0]
		for _, s := range *list {
			if end {
				s.pinned = false
			}
			if s.next < s.count {
				kept = append(kept, s)
				continue
			}
			q.release(s)
			freed = true
		}
		clear((*list)[len(kept):])
		*list = kept
	}
	if s := q.open; s.count > 0 {
		s.pinned = s.pinned && !end
		if s.next == s.count {
			q.clear(s)
			freed = true
		}
	}
	if freed {
		q.sealOnly()
		q.fullSince, q.tight = time.Time{}, false
		q.admit()
	}
}

func (q *Queue) announceProgress() {
	close(q.progress)
	q.progress = make(chan struct{})
}

// rest waits between two attempts and lets observers see what has come in
// meanwhile. It reports false after Close.
func (q *Queue) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.stop:
		return false
	}
	if q.c.Observe == nil {
		return true
	}
	for {
		q.mu.Lock()
		s, epoch := q.unseen(), q.epoch
		if s == nil {
			q.mu.Unlock()
			return true
		}
		pinned := s.pinned
		lines := q.data[s.start+s.seenOff : s.start+s.used]
		s.seenOff, s.pinned = s.used, true
		q.mu.Unlock()
		q.observe(lines)
		q.mu.Lock()
		if epoch == q.epoch {
			s.pinned = pinned
		}
		q.mu.Unlock()
	}
}

// unseen returns the oldest segment with lines that were not observed yet.
func (q *Queue) unseen() *segment {
	for _, list := range [][]*segment{q.rescued, q.sealed, {q.only, q.open}} {
		for _, s := range list {
			if s.seenOff < s.used {
				return s
			}
		}
	}
	return nil
}

func (q *Queue) observe(lines []byte) {
	defer func() { _ = recover() }() // as in call; nobody waits for an observer
	q.c.Observe(lines)
}

// finish puts the queue's file away: removed when nothing is left in it,
// otherwise left for the next Open.
func (q *Queue) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.open = none
	for _, m := range q.replaced {
		m.close(q.mapped == nil) // another file may have its name
	}
	if q.mapped == nil {
		return
	}
	empty := q.pending() == 0
	q.page, q.data = make([]byte, headerBytes), nil
	q.mapped.close(empty)
}
