package encode

import (
	"log/slog"
	"math"

	"github.com/pairly/pairlog/redact"
)

// Attrs writes the attrs of the call. The slice is not kept.
func (l *Line) Attrs(attrs []slog.Attr) {
	for i := 0; i < len(attrs); i++ {
		if l.cur.trust && !l.careful {
			if i += l.expected(attrs[i:]); i == len(attrs) {
				return
			}
		}
		l.Attr(&attrs[i])
	}
}

// Record writes the attrs of r.
func (l *Line) Record(r *slog.Record) {
	// Its methods have copies of it as receivers.
	if front, back, ok := attrsOf(r); ok {
		l.Attrs(front)
		if len(back) > 0 {
			l.Attrs(back)
		}
		return
	}
	r.Attrs(func(a slog.Attr) bool {
		l.Attr(&a)
		return true
	})
}

// expected writes attrs while they are as the shape has them, each a member under
// its own key. It returns how many it has written.
func (l *Line) expected(attrs []slog.Attr) int {
	sh, from := l.shape, l.next
	n := min(len(attrs), len(sh.in)-from, maxShape-from)
	if n <= 0 || from != l.members {
		return 0
	}
	in, at := sh.in[from:from+n], l.at[from:from+n]
	line := l.e.lim.Line
	i := 0
	for ; i < n; i++ {
		a, k := &attrs[i], &in[i]
		start := len(l.buf)
		if !k.quick || start > line {
			break
		}
		if name := a.Key; len(name) == k.size {
			if load8(name) != k.head || load8(name[len(name)-8:]) != k.tail {
				break
			}
		} else if name != k.key.name {
			break
		}
		if s, ok := textOf(&a.Value); ok {
			if k.class == redact.ClassKeep {
				l.textMember(&k.words, k.length, s)
			} else {
				l.classMember(&k.words, k.length, s, k.class)
			}
			at[i] = start
			continue
		}
		if k.class != redact.ClassKeep {
			break
		}
		num, kind, ok := bitsOf(&a.Value)
		if !ok {
			if kind = a.Value.Kind(); kind == slog.KindAny {
				x := a.Value.Any()
				if x == nil && a.Key == "" {
					break // an attr that is to be left out
				}
				l.next, l.members = from+i+1, from+i
				l.member(&l.cur, k.key, x, l.in)
				if !l.cur.trust { // it got another name
					return i + 1
				}
				continue
			}
		}
		if !isScalarKind(kind) {
			break
		}
		l.scalarMember(k, &a.Value, kind, num, ok)
		at[i] = start
	}
	l.next, l.members = from+i, from+i
	return i
}

// scalarMember writes a member with a value of a scalar kind, and the comma behind
// it. num are the bits of the value where they are known.
func (l *Line) scalarMember(k *expectedKey, v *slog.Value, kind slog.Kind, num uint64, known bool) {
	p := len(l.buf)
	b := room(l.buf, keyWords*8+maxDigits+2)
	putWords(b[p:], &k.words)
	p += k.length
	switch {
	case known && kind == slog.KindInt64 && int64(num) > -smallestPAN && int64(num) < smallestPAN:
		p += putInt(b[p:], int64(num))
	case known && kind == slog.KindBool:
		p += putBool(b[p:], num != 0)
	case known && kind == slog.KindFloat64 && k.ms && math.Abs(math.Float64frombits(num)) < smallestPAN/100:
		p += putHundredths(b[p:], int64(math.RoundToEven(math.Float64frombits(num)*100)))
	default:
		l.buf = b[:p]
		l.scalar(v, kind, redact.ClassKeep, k.ms)
		l.buf = append(l.buf, ',')
		return
	}
	b[p] = ','
	l.buf = b[:p+1]
}

// room returns b with at least n bytes behind its length, as part of it.
func room(b []byte, n int) []byte {
	if end := len(b) + n; end <= cap(b) {
		return b[:end]
	}
	return grown(b, n)
}

func grown(b []byte, n int) []byte {
	g := make([]byte, len(b)+n, 2*cap(b)+n)
	copy(g, b)
	return g
}

func putBool(b []byte, v bool) int {
	if v {
		return copy(b, "true")
	}
	return copy(b, "false")
}

// Attr writes one attr of the call. a is not kept.
func (l *Line) Attr(a *slog.Attr) {
	if l.hidden {
		return
	}
	if len(l.buf) > l.e.lim.Line {
		l.e.truncated.Add(1)
		return
	}
	l.keyed(&l.cur, l.key(a.Key), a, l.in)
}
