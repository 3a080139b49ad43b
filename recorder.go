package pairlog

import "log/slog"

// recorder keeps the lines of a scope that are below the level, newest last, in
// a bounded buffer. They cost memory only, unless the scope fails. The scope's mu
// guards it.
type recorder struct {
	// to is the pipeline whose lines these are.
	to *Pipeline
	// buf holds whole lines, ends where each of them ends and levels its level.
	buf    []byte
	ends   []int
	levels []slog.Level
}

// record keeps line for the case that the scope fails, and reports false when it
// has failed already: then the line is to be written at once.
func (s *Scope) record(p *Pipeline, level slog.Level, line []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed {
		return false
	}
	kept := s.begun()
	if kept.recorder == nil {
		kept.recorder = &recorder{to: p}
	}
	r := kept.recorder
	if r.to != p || len(line) > p.recorderBytes {
		p.counts.recorderEvicted.Add(1)
		return true
	}
	r.makeRoom(p.recorderBytes - len(line))
	r.buf = append(r.buf, line...)
	r.ends = append(r.ends, len(r.buf))
	r.levels = append(r.levels, level)
	p.counts.recorded.Add(1)
	return true
}

// makeRoom drops the oldest lines until at most limit bytes are held.
func (r *recorder) makeRoom(limit int) {
	if len(r.buf) <= limit {
		return
	}
	// A quarter at a time: moving the rest down must not be paid for each line.
	limit -= limit / 4
	n, drop := 0, 0
	for n < len(r.ends) && len(r.buf)-drop > limit {
		drop = r.ends[n]
		n++
	}
	r.buf = append(r.buf[:0], r.buf[drop:]...)
	r.ends = append(r.ends[:0], r.ends[n:]...)
	r.levels = append(r.levels[:0], r.levels[n:]...)
	for i := range r.ends {
		r.ends[i] -= drop
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
	if r == nil {
		return
	}
	start := 0
	for i, end := range r.ends {
		if !r.to.append(r.levels[i], r.buf[start:end]) {
			// The queue is full, and has waited as long as one call may wait. The
			// rest would each wait as long.
			r.to.counts.recorderEvicted.Add(uint64(len(r.ends) - i - 1))
			return
		}
		start = end
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
	return len(p.recorder.ends)
}
