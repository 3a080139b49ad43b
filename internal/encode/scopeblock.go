package encode

import (
	"log/slog"

	"github.com/pairly/pairlog/redact"
)

// IDs are the names of a request that stand at fixed places of its lines.
type IDs struct {
	RequestID, TraceID, SpanID string
}

// ScopeBlock is what a scope adds to each of its lines, encoded once. It is
// immutable after [Encoder.ScopeBlock].
type ScopeBlock struct {
	enc *Encoder
	// buf holds, one after the other: request_id, the attrs, trace_id, span_id.
	buf                []byte
	idEnd              int
	attrsEnd, traceEnd int
	seen               seen
	placed             place
	// ids are the places of the ids that the scope has of its own.
	ids place
	// paired is set when there is a value among the attrs that may belong to a name.
	paired   bool
	segs     []seg
	bufArray [256]byte
	segArray [6]seg
}

// For reports whether the block was made by e.
func (b *ScopeBlock) For(e *Encoder) bool { return b.enc == e }

// ScopeBlock encodes ids and attrs into b, which must be fresh. An attr named
// request_id, trace_id or span_id is that id where there is none, and gets an
// underscore where there is one. attrs is not kept.
func (e *Encoder) ScopeBlock(b *ScopeBlock, ids IDs, attrs []slog.Attr) {
	l := e.NewLine()
	defer l.Free()
	l.reset()
	l.buf = l.buf[:0]
	b.ids = ids.places()
	l.taken = b.ids
	l.idAt = 0
	l.id(e.own.requestID, ids.RequestID)
	l.idEnd = len(l.buf)
	for i := range attrs {
		l.attr(&l.cur, &attrs[i], l.in)
	}
	l.EndAttrs()
	b.enc = e
	b.idEnd = l.idEnd
	b.attrsEnd = len(l.buf)
	b.seen = l.cur.seen
	b.placed = l.placed
	members := l.segs
	if l.placed != 0 {
		members = l.roots
	}
	b.segs = b.segArray[:0]
	for _, s := range members {
		if s.key.place&placeIDs == 0 {
			b.segs = append(b.segs, s)
			b.paired = b.paired || s.key.pair == redact.PairValue
		}
	}
	if len(l.trace) > 0 {
		l.buf = append(l.buf, l.trace...)
	} else {
		l.id(e.own.traceID, ids.TraceID)
	}
	b.traceEnd = len(l.buf)
	if len(l.span) > 0 {
		l.buf = append(l.buf, l.span...)
	} else {
		l.id(e.own.spanID, ids.SpanID)
	}
	b.buf = append(b.bufArray[:0], l.buf...)
}

// places returns the places of the ids that there are.
func (ids *IDs) places() (p place) {
	if ids.RequestID != "" {
		p = placeRequestID
	}
	if ids.TraceID != "" {
		p |= placeTraceID
	}
	if ids.SpanID != "" {
		p |= placeSpanID
	}
	return p
}

// id writes an id, unless it is empty.
func (l *Line) id(k *key, v string) {
	if v == "" {
		return
	}
	l.buf = append(l.buf, k.block...)
	l.text(v, redact.ClassKeep)
	l.buf = append(l.buf, ',')
}

// RequestID writes the scope's request id, which has its place before the event.
// [Line.Late] does it for a scope without a block.
func (l *Line) RequestID(b *ScopeBlock) {
	l.idAt = len(l.buf)
	l.buf = append(l.buf, b.buf[:b.idEnd]...)
	l.idEnd = len(l.buf)
	l.taken |= b.ids
}

// Scope writes the scope's attrs that the line does not have yet, and its trace
// and span. A nil b stands for the scope that Late was told of, or for none.
func (l *Line) Scope(b *ScopeBlock) {
	if b == nil {
		if l.late.told || len(l.trace) > 0 || len(l.span) > 0 {
			l.late.write(l)
		}
		return
	}
	l.late.attrs = nil
	l.scopeAttrs(b)
	if len(l.trace) > 0 {
		l.buf = append(l.buf, l.trace...)
	} else {
		l.buf = append(l.buf, b.buf[b.attrsEnd:b.traceEnd]...)
	}
	if len(l.span) > 0 {
		l.buf = append(l.buf, l.span...)
	} else {
		l.buf = append(l.buf, b.buf[b.traceEnd:]...)
	}
}

// scopeAttrs writes the attrs of b that the line does not have yet.
func (l *Line) scopeAttrs(b *ScopeBlock) {
	l.placed |= b.placed
	root := l.rootSeen()
	named := b.paired && l.rootNames()
	moved := l.taken & b.placed & placeMessage
	if !named && moved == 0 && !root.meets(&b.seen) {
		l.buf = append(l.buf, b.buf[b.idEnd:b.attrsEnd]...)
	} else {
		l.roots = l.rootMembers()
		for i, s := range b.segs {
			end := b.attrsEnd
			if i+1 < len(b.segs) {
				end = b.segs[i+1].at
			}
			if s.key.place&moved != 0 {
				l.scopeAside(s.key, b.buf[s.at+len(s.key.block):end])
				continue
			}
			switch {
			case l.hasRoot(s.key):
			case named && s.key.pair == redact.PairValue:
				l.buf = append(l.buf, s.key.block...)
				l.mark()
				l.buf = append(l.buf, ',')
			default:
				l.buf = append(l.buf, b.buf[s.at:end]...)
			}
		}
	}
}

// scopeAside writes an attr of the scope whose key the line has from elsewhere. value
// is what stands behind the key.
func (l *Line) scopeAside(k *key, value []byte) {
	if k = l.e.free(k); !l.hasRoot(k) {
		l.buf = append(append(l.buf, k.block...), value...)
	}
}

// SampleWeight writes how many records this one stands for.
func (l *Line) SampleWeight(n uint64) {
	l.buf = append(l.buf, `"sample_weight":`...)
	l.uint(n, redact.ClassKeep)
	l.buf = append(l.buf, ',')
}

// Recorded marks a line of the flight recorder.
func (l *Line) Recorded() { l.buf = append(l.buf, `"recorded":true,`...) }
