package pairlog

import (
	"log/slog"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// recorder keeps the lines of a scope that are below the level, newest last, within
// a bound. They cost memory only, unless the scope fails: what is known to stay as it
// is, is copied and encoded when it is wanted. The scope's mu guards it.
type recorder struct {
	// to is the pipeline whose lines these are.
	to *Pipeline
	// buf holds, one after the other, what each of lines has there.
	buf   []byte
	lines []heldLine
	// bytes is the sum of the costs of lines.
	bytes int
	// The first memory of lines and buf: most scopes need no more.
	firstLines [2]heldLine
	firstBytes [184]byte
}

// hold keeps a line as it is given, for the case that the scope fails, and notes it
// as a step. It reports false, and does nothing, where the line must be encoded now:
// the scope has failed, or a value may not be the same later. Lines that have
// breadcrumbs are not for it.
func (s *Scope) hold(h *Handler, t time.Time, level slog.Level, msg string, pc uintptr, weight uint64, attrs []slog.Attr, rec *slog.Record) bool {
	event := h.enc.EventName(msg)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed || s.varies {
		return false
	}
	kept, r := s.recording(h.p)
	text := msg
	if event != "" {
		text = ""
	}
	var copied bool
	start := len(r.buf)
	if r.buf, copied = encode.AppendCopy(r.buf, text, attrs, rec); !copied {
		r.buf = r.buf[:start]
		return false
	}
	if event != "" && !t.IsZero() {
		kept.crumbs.put(crumb{t.UnixNano(), h.logger, event, level})
	}
	if r.to != h.p {
		r.buf = r.buf[:start]
		h.p.counts.recorderEvicted.Add(1)
		return true
	}
	s.shared = true
	x := heldLine{
		from: h, at: t, event: event, pc: pc, weight: weight, attrs: s.attrs, version: s.version, level: level,
		end: len(r.buf), cost: heldLineBytes + len(r.buf) - start + h.prefix.Size(),
	}
	if n := len(r.lines); n == 0 || !r.lines[n-1].shares(&x) {
		x.cost += bytesOf(x.attrs)
	}
	r.add(&x, start)
	return true
}

// recording returns the past of the scope with its recorder, which it makes for a
// pipeline at the first call. The scope's mu is held.
func (s *Scope) recording(to *Pipeline) (*past, *recorder) {
	p := s.past.Load()
	if p != nil && p.recorder != nil {
		return p, p.recorder
	}
	var r *recorder
	if p == nil { // both at once: most scopes begin with a line for the recorder
		var both struct {
			past
			recorder
		}
		p, r = &both.past, &both.recorder
		s.past.Store(p)
	} else {
		r = new(recorder)
	}
	r.to, r.lines, r.buf = to, r.firstLines[:0], r.firstBytes[:0]
	p.recorder = r
	return p, r
}

// record keeps an encoded line for the case that the scope fails, and reports false
// when it has failed already: then the line is to be written at once.
func (s *Scope) record(p *Pipeline, level slog.Level, line []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed {
		return false
	}
	_, r := s.recording(p)
	if r.to != p {
		p.counts.recorderEvicted.Add(1)
		return true
	}
	start := len(r.buf)
	r.buf = append(r.buf, line...)
	r.add(&heldLine{level: level, end: len(r.buf), cost: heldLineBytes + len(line)}, start)
	return true
}

// add keeps x, whose part of buf begins at start, in place of the oldest lines where
// there is no room.
func (r *recorder) add(x *heldLine, start int) {
	limit := r.to.recorderBytes
	if x.cost > limit {
		r.buf = r.buf[:start]
		r.to.counts.recorderEvicted.Add(1)
		return
	}
	r.lines = append(r.lines, *x)
	r.bytes += x.cost
	r.to.counts.recorded.Add(1)
	if r.bytes > limit {
		r.makeRoom(limit)
	}
}

// makeRoom drops the oldest lines until at most limit bytes are held. The last one
// stays.
func (r *recorder) makeRoom(limit int) {
	// A quarter at a time: moving the rest down must not be paid for each line.
	limit -= limit / 4
	n := 0
	for n < len(r.lines)-1 && r.bytes > limit {
		x, next := &r.lines[n], &r.lines[n+1]
		r.bytes -= x.cost
		if x.shares(next) {
			lent := bytesOf(next.attrs)
			next.cost += lent
			r.bytes += lent
		}
		n++
	}
	drop := r.lines[n-1].end
	r.buf = append(r.buf[:0], r.buf[drop:]...)
	kept := append(r.lines[:0], r.lines[n:]...)
	clear(r.lines[len(kept):]) // of what they hold alive
	r.lines = kept
	for i := range r.lines {
		r.lines[i].end -= drop
	}
	r.to.counts.recorderEvicted.Add(uint64(n))
}

// Fail writes the lines that the flight recorder holds, each marked
// "recorded":true, and lets later ones below the level through: the request has
// gone wrong, and its whole story is wanted. A line at ERROR or above fails its
// scope by itself. It may be called more than once, from any goroutine.
func (s *Scope) Fail() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.failed = true
	var r *recorder
	if p := s.past.Load(); p != nil {
		r, p.recorder = p.recorder, nil
	}
	s.mu.Unlock()
	if r != nil {
		r.write(s.ids())
	}
}

// write puts the lines into the queue, as lines of a scope with these ids. It is
// nobody else's recorder any more.
func (r *recorder) write(ids encode.IDs) {
	var block *encode.ScopeBlock
	var version uint32
	start := 0
	for i := range r.lines {
		x := &r.lines[i]
		line := r.buf[start:x.end]
		start = x.end
		var l *encode.Line
		if x.from != nil {
			if e := x.from.enc; block == nil || version != x.version || !block.For(e) {
				block, version = new(encode.ScopeBlock), x.version
				e.ScopeBlock(block, ids, x.attrs)
			}
			l = x.encode(block, line)
			line = l.End()
		}
		written := r.to.append(x.level, line)
		if l != nil {
			l.Free()
		}
		if !written {
			// The queue is full, and has waited as long as one call may wait. The
			// rest would each wait as long.
			r.to.counts.recorderEvicted.Add(uint64(len(r.lines) - i - 1))
			return
		}
	}
}

// Recorded returns how many lines below the level the scope holds back.
func (s *Scope) Recorded() int {
	if s == nil {
		return 0
	}
	p := s.past.Load()
	if p == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.recorder == nil {
		return 0
	}
	return len(p.recorder.lines)
}
