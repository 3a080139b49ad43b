package encode

import (
	"log/slog"
	"math"
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

// expected writes attrs while they are as the shape has them: plain values under
// plain keys, at their place. It returns how many it has written.
func (l *Line) expected(attrs []slog.Attr) int {
	sh, from := l.shape, l.next
	n := min(len(attrs), len(sh.in)-from, maxShape-from)
	if n <= 0 || from != l.members {
		return 0
	}
	in, at := sh.in[from:from+n], l.at[from:from+n]
	red, maxText, maxLine := l.e.red, l.e.lim.String, l.e.lim.Line
	buf := l.buf
	i := 0
loop:
	for ; i < n; i++ {
		a, k := &attrs[i], &in[i]
		if !k.quick {
			break
		}
		if name := a.Key; len(name) == k.size {
			if load8(name) != k.head || load8(name[len(name)-8:]) != k.tail {
				break
			}
		} else if name != k.key.name {
			break
		}
		start := len(buf)
		if start > maxLine {
			break
		}
		kind := a.Value.Kind()
		if kind == slog.KindString {
			s := a.Value.String()
			if len(s) > maxText || red.Check(s) != 0 {
				break
			}
			b := room(buf, keyWords*8+len(s)+3)
			putWords(b[start:], &k.words)
			p := start + k.length
			b[p] = '"'
			p += 1 + copy(b[p+1:], s)
			b[p], b[p+1] = '"', ','
			buf = b[:p+2]
			at[i] = start
			continue
		}
		b := room(buf, keyWords*8+maxDigits+2)
		putWords(b[start:], &k.words)
		p := start + k.length
		switch kind {
		case slog.KindInt64:
			v := a.Value.Int64()
			if v <= -smallestPAN || v >= smallestPAN {
				break loop
			}
			p += putInt(b[p:], v)
		case slog.KindFloat64:
			v := a.Value.Float64()
			if !k.ms || !(math.Abs(v) < smallestPAN/100) {
				break loop
			}
			p += putHundredths(b[p:], int64(math.RoundToEven(v*100)))
		case slog.KindBool:
			p += putBool(b[p:], a.Value.Bool())
		default:
			break loop
		}
		b[p] = ','
		buf = b[:p+1]
		at[i] = start
	}
	l.buf = buf
	l.next += i
	l.members += i
	return i
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
