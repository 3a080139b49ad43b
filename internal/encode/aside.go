package encode

import (
	"log/slog"
	"slices"
	"sync/atomic"
)

// ActiveID is the value of an attr trace_id or span_id at the root that wins over
// that of the scope: the id of the span that is active where the line is logged. It
// is a text for any handler.
type ActiveID string

// LogValue implements [slog.LogValuer].
func (id ActiveID) LogValue() slog.Value { return slog.StringValue(string(id)) }

// activeKey returns the key of an [ActiveID] in place of k.
func (e *Encoder) activeKey(k *key) *key {
	switch k.place {
	case placeTraceID:
		return e.own.traceID
	case placeSpanID:
		return e.own.spanID
	}
	return k
}

// isActive reports whether k is the key of an [ActiveID]: the one that the encoder
// itself writes such an id with.
func (e *Encoder) isActive(k *key) bool { return k == e.own.traceID || k == e.own.spanID }

// asides are what a prefix is on lines that have some of the keys of its root attrs
// from elsewhere, by the places of those keys; each is made when first needed.
type asides [placeVarying + 1]atomic.Pointer[Prefix]

// asidesOf returns the asides of a prefix with root attrs of these places; nil where
// it is the same on all lines.
func asidesOf(placed place) *asides {
	if placed&placeVarying == 0 {
		return nil
	}
	return new(asides)
}

// besides returns p for a line that has the keys of taken from elsewhere. A logger
// does not know the scope that its lines will be in, or whether they tell of events.
func (e *Encoder) besides(p *Prefix, taken place) *Prefix {
	taken &= placeVarying
	if p.aside == nil || taken == 0 {
		return p
	}
	slot := &p.aside[taken]
	q := slot.Load()
	if q == nil {
		q = e.setAside(p, taken)
		slot.Store(q)
	}
	return q
}

// setAside returns p with an underscore behind the keys of taken at its root; p itself
// where there are none but those of active ids.
func (e *Encoder) setAside(p *Prefix, taken place) *Prefix {
	moves := func(s seg) bool { return s.key.place&taken != 0 && !e.isActive(s.key) }
	if !slices.ContainsFunc(p.rootMembers(), moves) {
		return p
	}
	q := *p
	q.buf, q.segs, q.rootSegs = slices.Clone(p.buf), slices.Clone(p.segs), slices.Clone(p.rootSegs)
	q.placed &^= taken
	q.apart, q.aside = new(atomic.Pointer[shape]), nil
	root, names := &q.segs, &q.seen
	if q.open > 0 {
		root, names = &q.rootSegs, &q.rootSeen
	}
	for i := 0; i < len(*root); i++ {
		s := (*root)[i]
		if !moves(s) {
			if s.key.place&taken != 0 {
				q.placed |= s.key.place
			}
			continue
		}
		free := e.free(s.key)
		if other := slices.IndexFunc(*root, func(o seg) bool { return o.key.same(free) }); other >= 0 {
			// The later one stays, as of all that have one key.
			first := min(i, other)
			q.drop(root, first)
			i--
			if first < other {
				continue
			}
			s = (*root)[i]
		}
		(*root)[i].key = free
		q.replace(s.at, s.at+len(s.key.block), free.block)
		names.add(free)
	}
	return &q
}

// rootMembers returns the members of the root that are in buf.
func (p *Prefix) rootMembers() []seg {
	if p.open > 0 {
		return p.rootSegs
	}
	return p.segs
}

// drop takes the member at i of the root out, which is not the group that is open.
func (p *Prefix) drop(root *[]seg, i int) {
	start, end := (*root)[i].at, len(p.buf)
	if i+1 < len(*root) {
		end = (*root)[i+1].at
	}
	*root = slices.Delete(*root, i, i+1)
	p.replace(start, end, "")
}

// replace puts text in the place of the bytes from start to end.
func (p *Prefix) replace(start, end int, text string) {
	p.buf = slices.Replace(p.buf, start, end, []byte(text)...)
	more := len(text) - (end - start)
	for _, segs := range [][]seg{p.segs, p.rootSegs} {
		for i := range segs {
			if segs[i].at > start {
				segs[i].at += more
			}
		}
	}
}
