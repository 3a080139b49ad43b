package queue

import (
	"cmp"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"
)

// Somebody may cut or delete the file of a queue that is in use, as with
// "truncate -s 0 /var/log/app/*" on a full disk. A page beyond the end of the
// file is gone, and touching it is a SIGBUS, which would end the service. So
// everything that touches the file lets the runtime turn that into a panic,
// catches it, and continues in a new file, or in memory, with the records that
// are still there.

// errCut and errDeleted are what happened to the file.
var (
	errCut     = errors.New("the file was cut while it was in use")
	errDeleted = errors.New("the file was deleted while it was in use")
)

// caught is what Append does with a panic: after a fault it replaces the file
// and appends the record to the next. The memory of the queue is touched with mu
// held and only then, so mu is held here.
func (q *Queue) caught(p any, level slog.Level, line []byte) bool {
	if p == nil { // the goroutine ends
		return false
	}
	if !faulted(p) {
		panic(p)
	}
	q.replace(errCut)
	q.mu.Unlock()
	q.rouse() // the draining goroutine reports it
	return q.Append(level, line)
}

// faulted says whether a panic is that of a page that is not there.
func faulted(p any) bool {
	_, ok := p.(interface{ Addr() uintptr }) // runtime/debug.SetPanicOnFault
	return ok
}

// locked runs f, which touches the file, with mu held. If it was cut it is
// replaced; what f works on is stale then. It is for the draining goroutine, in
// which faults are panics.
func (q *Queue) locked(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			if !faulted(p) {
				panic(p)
			}
			q.replace(errCut)
		}
	}()
	f()
}

// look replaces the file if it was cut or deleted. That no page is missed does
// not tell: what is left of the last one reads as zeros. The draining goroutine
// calls it, which alone closes files.
func (q *Queue) look() {
	q.mu.Lock()
	m := q.mapped
	q.mu.Unlock()
	if m == nil {
		return
	}
	if err := m.intact(); err != nil {
		q.mu.Lock()
		if q.mapped == m {
			q.replace(err)
		}
		q.mu.Unlock()
		q.tell()
	}
}

// replace continues in a new file, or in memory where none can be made, with
// the records that can still be read. A batch that is on its way is offered
// again. It is called with mu held.
func (q *Queue) replace(reason error) {
	if q.mapped == nil {
		return
	}
	m, err := q.newMapping()
	if err != nil && errors.Is(reason, errDeleted) {
		// What is mapped still works, and perhaps the folder comes back.
		if !q.told {
			q.untold = append(q.untold, Event{Name: EventDegraded, Path: q.mapped.path(), Err: errors.Join(reason, err)})
		}
		q.told = true
		return
	}
	pending, kept := q.pending(), q.salvage()
	e := Event{Name: EventReplaced, Path: q.mapped.path(), Err: reason}
	q.replaced = append(q.replaced, q.mapped)
	q.mapped, q.told = m, false
	q.epoch++
	if err != nil || !q.refill(m.bytes(), kept, pending) {
		e.Name, e.Err = EventDegraded, errors.Join(reason, err)
		if m != nil { // it was cut already
			q.replaced, q.mapped = append(q.replaced, m), nil
		}
		q.refill(make([]byte, headerBytes+len(q.segments)*q.segmentBytes), kept, pending)
	}
	e.Records, e.Torn = uint64(len(kept)), pending-uint64(len(kept))
	q.stats.Torn += e.Torn
	q.stats.Path = q.mapped.path()
	q.untold = append(q.untold, e)
	q.fullSince, q.tight = time.Time{}, false
	q.dismiss()
	q.announceProgress()
}

// newMapping makes another file like the first.
func (q *Queue) newMapping() (m *mapping, err error) {
	q.shield(func() {
		m, err = createMapping(q.c.Path, header{segmentBytes: q.segmentBytes, segments: len(q.segments), id: q.id, created: q.created})
	}, func() { m, err = nil, errCut })
	return m, err
}

// shield runs f, and then cut if f touched a page that is not there.
func (q *Queue) shield(f, cut func()) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			if !faulted(p) {
				panic(p)
			}
			cut()
		}
	}()
	f()
}

// refill puts records that have their numbers already into memory; whole is
// false when it is that of a file which was cut meanwhile. Pending is how many
// there were.
func (q *Queue) refill(memory []byte, kept []salvaged, pending uint64) (whole bool) {
	evicted := q.evicted
	q.shield(func() {
		q.layOut(memory)
		for _, r := range kept {
			q.putAgain(r)
		}
		q.evicted += pending - uint64(len(kept))
		le.PutUint64(q.page[counterSeq:], q.nextSeq)
		le.PutUint64(q.page[counterEvict:], q.evicted)
		q.pos.gen++
		q.pos.marked = false
		putSlot(q.page, q.pos, q.id)
		whole = true
	}, func() { q.evicted = evicted })
	return whole
}

// salvaged is a record that could be read after its file was cut.
type salvaged struct {
	entry
	line []byte
	seen bool // by Observe
}

// salvage returns the records not yet drained that can still be read, in order.
func (q *Queue) salvage() []salvaged {
	var kept []salvaged
	for _, list := range [][]*segment{q.sealed, q.rescued, {q.only, q.open}} {
		for _, s := range list {
			if s.next == s.count {
				continue
			}
			b := make([]byte, s.size)
			q.copyPages(b, q.data[s.start:s.start+s.size])
			for i := s.next; i < s.count; i++ {
				e := getEntry(b[s.size-entryBytes*(i+1):])
				from := e.off - s.start
				if e.seq == 0 || from < 0 || from+e.len > s.size {
					continue
				}
				if line := b[from : from+e.len]; e.intact(line, q.id) {
					kept = append(kept, salvaged{entry: e, line: line, seen: from < s.seenOff})
				}
			}
		}
	}
	slices.SortFunc(kept, func(a, b salvaged) int { return cmp.Compare(a.seq, b.seq) })
	// Eviction copies a record before it forgets the original.
	return slices.CompactFunc(kept, func(a, b salvaged) bool { return a.seq == b.seq })
}

// putAgain adds a record that has its number already. There is room: the
// records had it before, and need less when they are closer together.
func (q *Queue) putAgain(r salvaged) {
	s := q.open
	if !s.fits(len(r.line)) {
		q.sealOpen()
		need := (len(r.line) + entryBytes + q.segmentBytes - 1) / q.segmentBytes
		s = q.take(need, 0)
		if need > 1 {
			q.sealed = append(q.sealed, s)
		} else {
			q.open = s
		}
	}
	q.place(s, r.seq, r.level, r.line, checksum(r.line, q.id))
	if r.seen {
		s.seenOff = s.used
	}
}

const pageBytes = 4096

// copyPages copies what can be read; pages that are gone stay zero. Src begins
// with a page.
func (q *Queue) copyPages(dst, src []byte) {
	for at := 0; at < len(src); at += pageBytes {
		q.shield(func() { copy(dst[at:min(at+pageBytes, len(src))], src[at:]) }, func() {})
	}
}

// tell reports what replace has left to be reported.
func (q *Queue) tell() {
	q.mu.Lock()
	events := q.untold
	q.untold = nil
	q.mu.Unlock()
	for _, e := range events {
		q.c.Report(e)
	}
}

// stale says whether a batch was made before its records were moved.
func (q *Queue) stale(b batch) bool {
	l, ok := b.from.(*live)
	return ok && l.epoch != q.epoch
}
