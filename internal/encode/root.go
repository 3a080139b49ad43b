package encode

import "slices"

// EndAttrs ends the call's attrs: it tells what is behind an error among them,
// closes the groups that the logger has opened and brings root attrs with a place
// in the contract to that place. What follows is at the root.
func (l *Line) EndAttrs() {
	l.background()
	if l.learning != nil {
		l.learn()
	}
	if p := l.pre; p != nil && p.grouped {
		l.closePending()
		for range p.open {
			l.closeObject()
		}
	}
	if l.placed != 0 {
		l.settle()
	}
}

// rootMembers returns the members of the root with their places. It is asked for
// only when one of them has to be found.
func (l *Line) rootMembers() []seg {
	p := l.pre
	switch {
	case p == nil || !p.grouped:
		l.distrust()
		return append(append(l.roots[:0], l.brought()...), l.segs...)
	case p.open > 0:
		l.roots = l.roots[:0]
		for _, s := range p.rootSegs {
			l.roots = append(l.roots, seg{s.key, s.at + l.preAt})
		}
		return l.roots
	}
	l.roots = append(l.roots[:0], l.brought()...)
	if !l.vanished {
		l.roots = append(l.roots, seg{p.pending[0], l.pendingAt})
	}
	return l.roots
}

// rootSeen returns the set of names at the root.
func (l *Line) rootSeen() seen {
	p := l.pre
	switch {
	case p == nil || !p.grouped:
		if !l.cur.trust {
			return l.cur.seen
		}
		s := l.cur.seen
		s.join(&l.shape.seen)
		return s
	case p.open > 0:
		return p.rootSeen
	}
	s := p.seen
	if !l.vanished {
		s.add(p.pending[0])
	}
	return s
}

// settle moves request_id before the event, and trace_id and span_id out of the
// line until its end.
func (l *Line) settle() {
	l.roots = l.rootMembers()
	for i := 0; i < len(l.roots); i++ {
		k, start, end := l.roots[i].key, l.roots[i].at, len(l.buf)
		if i+1 < len(l.roots) {
			end = l.roots[i+1].at
		}
		later := l.roots[i+1:]
		switch k.place {
		case placeRequestID:
			replaced := l.moveID(start, end)
			shift(l.roots[:i], replaced-(end-start))
			shift(later, replaced)
		case placeTraceID:
			l.trace = append(l.trace[:0], l.buf[start:end]...)
			shift(later, l.cut(start, end))
		case placeSpanID:
			l.span = append(l.span[:0], l.buf[start:end]...)
			shift(later, l.cut(start, end))
		}
	}
}

// moveID puts the member from start to end where the scope's request_id is, and
// returns the length of that one.
func (l *Line) moveID(start, end int) int {
	l.scratch = append(l.scratch[:0], l.buf[start:end]...)
	l.buf = slices.Delete(l.buf, start, end)
	l.buf = slices.Replace(l.buf, l.idAt, l.idEnd, l.scratch...)
	n := l.idEnd - l.idAt
	l.idEnd = l.idAt + len(l.scratch)
	return n
}

// hasRoot reports whether the root has a member named like k.
func (l *Line) hasRoot(k *key) bool {
	for _, s := range l.roots {
		if s.key.same(k) {
			return true
		}
	}
	return false
}
