package encode

import (
	"math"
	"strconv"
	"time"

	"github.com/pairly/pairlog/redact"
)

// int writes a number, unless it is the number of a payment card.
func (l *Line) int(v int64, c redact.Class) {
	if c == redact.ClassCoordinate {
		l.float(float64(v), c)
		return
	}
	if v > -smallestPAN && v < smallestPAN {
		l.buf = appendInt(l.buf, v)
		return
	}
	if mark, is := l.e.red.Int(v); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	l.buf = strconv.AppendInt(l.buf, v, 10)
}

// smallestPAN is the smallest number that redact looks at: a card number has at
// least 12 digits (ISO/IEC 7812-1 allows fewer, no issuer uses them).
const smallestPAN = 1e11

func (l *Line) uint(v uint64, c redact.Class) {
	if v <= math.MaxInt64 {
		l.int(int64(v), c)
		return
	}
	if mark, is := l.e.red.Uint(v); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	l.buf = strconv.AppendUint(l.buf, v, 10)
}

// float writes v as encoding/json does. NaN and the infinities, which JSON does
// not have, become strings.
func (l *Line) float(v float64, c redact.Class) {
	if c == redact.ClassCoordinate {
		v = redact.Coordinate(v)
	}
	switch {
	case v != v:
		l.buf = append(l.buf, `"NaN"`...)
		return
	case v > math.MaxFloat64:
		l.buf = append(l.buf, `"+Inf"`...)
		return
	case v < -math.MaxFloat64:
		l.buf = append(l.buf, `"-Inf"`...)
		return
	}
	if mark, is := l.e.red.Float(v); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	l.buf = appendFloat(l.buf, v, 64)
}

// appendFloat writes a finite number in the form of encoding/json (ES6 number to
// string, see encoding/json/encode.go floatEncoder).
func appendFloat(dst []byte, v float64, bits int) []byte {
	if i := int64(v); float64(i) == v && i < 1e15 && i > -1e15 && (i != 0 || !math.Signbit(v)) {
		return appendInt(dst, i)
	}
	abs := math.Abs(v)
	format := byte('f')
	if abs != 0 {
		if bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21) {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, v, format, -1, bits)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// millis writes a float under a key that ends in _ms: two decimals, always.
func (l *Line) millis(v float64) {
	if v != v || v >= 1e13 || v <= -1e13 {
		l.float(v, redact.ClassKeep)
		return
	}
	l.buf = appendHundredths(l.buf, int64(math.RoundToEven(v*100)))
}

// duration writes d in milliseconds with two decimals, rounded to the nearest.
func (l *Line) duration(d time.Duration) {
	const unit = int64(10 * time.Microsecond)
	n := int64(d)
	q, r := n/unit, n%unit
	switch {
	case r >= unit/2:
		q++
	case r <= -unit/2:
		q--
	}
	l.buf = appendHundredths(l.buf, q)
}

func appendHundredths(dst []byte, n int64) []byte {
	p := len(dst)
	b := room(dst, maxDigits+1)
	return b[:p+putHundredths(b[p:], n)]
}

// appendInt appends n in decimal.
func appendInt(dst []byte, n int64) []byte {
	p := len(dst)
	b := room(dst, maxDigits)
	return b[:p+putInt(b[p:], n)]
}

// maxDigits is the length of the longest int64 in decimal, with its sign.
const maxDigits = 20

// putHundredths writes n/100 with two decimals into b and returns the length.
func putHundredths(b []byte, n int64) int {
	i, u := 0, uint64(n)
	if n < 0 {
		b[0] = '-'
		i, u = 1, -u
	}
	whole := u / 100
	i += putUint(b[i:], whole)
	b[i] = '.'
	putTwo(b[i+1:], uint(u-whole*100))
	return i + 3
}

// putInt writes v in decimal into b and returns the length.
func putInt(b []byte, v int64) int {
	if v >= 0 {
		return putUint(b, uint64(v))
	}
	b[0] = '-'
	return 1 + putUint(b[1:], -uint64(v))
}

// putUint writes v in decimal into b and returns the length.
func putUint(b []byte, v uint64) int {
	switch {
	case v < 100:
		return putPair(b, uint(v))
	case v < 10000:
		q := v / 100
		n := putPair(b, uint(q))
		putTwo(b[n:], uint(v-q*100))
		return n + 2
	}
	n := digits(v)
	b = b[:n]
	for v >= 100 {
		q := v / 100
		putTwo(b[n-2:], uint(v-q*100))
		v, n = q, n-2
	}
	if v < 10 {
		b[n-1] = byte('0' + v)
	} else {
		putTwo(b[n-2:], uint(v))
	}
	return len(b)
}

// putPair writes n, which is below 100, with one digit or two and returns their
// number.
func putPair(b []byte, n uint) int {
	if n < 10 {
		b[0] = byte('0' + n)
		return 1
	}
	putTwo(b, n)
	return 2
}

// putTwo writes n, which is below 100, with two digits.
func putTwo(b []byte, n uint) {
	tens := n * 103 >> 10 // n/10 below 100
	b[1] = byte('0' + n - tens*10)
	b[0] = byte('0' + tens)
}

// digits returns how many decimal digits v has.
func digits(v uint64) int {
	switch {
	case v < 10:
		return 1
	case v < 100:
		return 2
	case v < 1000:
		return 3
	case v < 10000:
		return 4
	}
	n := 4
	for v /= 10000; v > 0; v /= 10 {
		n++
	}
	return n
}
