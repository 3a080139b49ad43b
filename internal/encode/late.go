package encode

import (
	"log/slog"

	"github.com/pairly/pairlog/redact"
)

// late is a scope whose attrs are encoded for one line only, when its turn comes.
// Most scopes have one line between two changes, and a block for it would cost
// more than it saves.
type late struct {
	ids   IDs
	attrs []slog.Attr // nobody's to change
	// told is set from Late to the end of the line.
	told bool
	// written is set, by the bits of their index, for attrs that are on the line.
	written uint32
}

// maxLate is how many attrs a scope without a block may have: the bits of written.
const maxLate = 32

// Late writes the request id of a scope and remembers the rest of it for
// [Line.Scope]. It reports false, and does nothing, where the scope needs a
// [ScopeBlock]: an attr has a place of its own, or a value that is more than a
// text, a number or a time. attrs must not change before Scope has returned.
func (l *Line) Late(ids IDs, attrs []slog.Attr) bool {
	if len(attrs) > maxLate {
		return false
	}
	for i := range attrs {
		a := &attrs[i]
		if a.Key == "" || !isScalarKind(a.Value.Kind()) || placeOf(a.Key) != 0 {
			return false
		}
	}
	l.late = late{ids: ids, attrs: attrs, told: true}
	l.taken |= ids.places()
	l.idAt = len(l.buf)
	l.id(l.e.own.requestID, ids.RequestID)
	l.idEnd = len(l.buf)
	return true
}

// Lend tells the line of the attrs of a scope that has a block, for values
// FromScope. They must not change before Scope has returned.
func (l *Line) Lend(attrs []slog.Attr) { l.late.attrs = attrs }

// isScalarKind reports whether a value of this kind is written without calling a
// method of it, as one member.
func isScalarKind(k slog.Kind) bool {
	switch k {
	case slog.KindString, slog.KindInt64, slog.KindBool, slog.KindFloat64, slog.KindUint64, slog.KindTime:
		return true
	}
	return false
}

// write writes the attrs that the line does not have yet, the trace and the span.
func (s *late) write(l *Line) {
	if len(s.attrs) > 0 {
		s.writeAttrs(l)
		s.attrs = nil
	}
	if len(l.trace) > 0 {
		l.buf = append(l.buf, l.trace...)
	} else {
		l.id(l.e.own.traceID, s.ids.TraceID)
	}
	if len(l.span) > 0 {
		l.buf = append(l.buf, l.span...)
	} else {
		l.id(l.e.own.spanID, s.ids.SpanID)
	}
	s.ids, s.told = IDs{}, false
}

func (s *late) writeAttrs(l *Line) {
	var root seen
	looked := false
	for i := range s.attrs {
		if s.written&(1<<i) != 0 {
			continue
		}
		a := &s.attrs[i]
		k := l.e.key(a.Key)
		if k.class == redact.ClassLength || k.out != a.Key || k.allow {
			// It gets another name than its own, or a part of it is left out, which a
			// block sees to.
			b := new(ScopeBlock)
			l.e.ScopeBlock(b, IDs{}, s.attrs[i:])
			l.scopeAttrs(b)
			return
		}
		if !looked {
			root, looked = l.rootSeen(), true
		}
		if root.has(k) {
			if l.roots = l.rootMembers(); l.hasRoot(k) {
				continue
			}
		}
		secret := k.class == redact.ClassSecret || k.pair == redact.PairValue && l.rootNames()
		l.buf = append(l.buf, k.block...)
		if secret {
			l.mark()
		} else {
			l.scalar(&a.Value, a.Value.Kind(), k.class, k.ms)
		}
		l.buf = append(l.buf, ',')
	}
}

// take returns the attr named key, if the scope has it, and leaves it out of what
// is still to be written.
func (s *late) take(key string) (v slog.Value, ok bool) {
	for i := range s.attrs {
		if s.attrs[i].Key == key {
			s.written |= 1 << i // the bits are read where there are no more attrs than bits
			return s.attrs[i].Value, true
		}
	}
	return v, false
}

// has reports whether the scope has an attr that is written like k.
func (s *late) has(l *Line, k *key) bool {
	for i := range s.attrs {
		if l.e.key(s.attrs[i].Key).same(k) {
			return true
		}
	}
	return false
}
