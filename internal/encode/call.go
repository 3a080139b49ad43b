package encode

import (
	"log/slog"
	"math"
)

// Attrs writes the attrs of the call. The slice is not kept.
func (l *Line) Attrs(attrs []slog.Attr) {
	for i := range attrs {
		l.Attr(&attrs[i])
	}
}

// Attr writes one attr of the call. a is not kept. Plain values under plain keys
// are written here, everything else by keyed.
func (l *Line) Attr(a *slog.Attr) {
	k := l.key(a.Key)
	if !k.quick || l.careful || len(l.buf) > l.e.lim.Line {
		l.attrCareful(k, a)
		return
	}
	at := len(l.buf)
	switch a.Value.Kind() {
	case slog.KindString:
		s := a.Value.String()
		if len(s) > l.e.lim.String || l.e.red.Check(s) != 0 {
			break
		}
		b := l.open(k, len(s)+3)
		n := k.size
		b[n] = '"'
		n += 1 + copy(b[n+1:], s)
		b[n] = '"'
		b[n+1] = ','
		l.buf = l.buf[:at+n+2]
		l.written(&l.cur, k, at)
		return
	case slog.KindInt64:
		v := a.Value.Int64()
		if v <= -smallestPAN || v >= smallestPAN {
			break
		}
		b := l.open(k, maxDigits+1)
		n := k.size + putInt(b[k.size:], v)
		b[n] = ','
		l.buf = l.buf[:at+n+1]
		l.written(&l.cur, k, at)
		return
	case slog.KindFloat64:
		v := a.Value.Float64()
		if !k.ms || !(math.Abs(v) < smallestPAN/100) {
			break
		}
		b := l.open(k, maxDigits+2)
		n := k.size + putHundredths(b[k.size:], int64(math.RoundToEven(v*100)))
		b[n] = ','
		l.buf = l.buf[:at+n+1]
		l.written(&l.cur, k, at)
		return
	}
	l.keyed(&l.cur, k, a, l.in)
}

// attrCareful is Attr below a group with a class, for keys that are not quick,
// and for a line that may be full.
func (l *Line) attrCareful(k *key, a *slog.Attr) {
	if l.hidden {
		return
	}
	if len(l.buf) > l.e.lim.Line {
		l.e.truncated.Add(1)
		return
	}
	l.keyed(&l.cur, k, a, l.in)
}

// open writes the block of k and returns it with at least n bytes of room behind
// it. The length of l.buf is left for the caller to set.
func (l *Line) open(k *key, n int) []byte {
	at := len(l.buf)
	end := at + keyWords*8 + n
	if end > cap(l.buf) {
		l.grow(end)
	}
	b := l.buf[at:end]
	k.put(b)
	return b
}

// grow makes the buffer hold at least n bytes.
func (l *Line) grow(n int) {
	b := make([]byte, len(l.buf), n+cap(l.buf))
	copy(b, l.buf)
	l.buf = b
}
