package encode

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/pairly/pairlog/redact"
)

// Ellipsis marks the place where something was cut off because of a limit.
const Ellipsis = "…"

const hexDigits = "0123456789abcdef"

// text writes s as a JSON string, redacted as the class demands. Under
// ClassLength it writes the length instead, as a number.
func (l *Line) text(s string, c redact.Class) {
	if c != redact.ClassKeep {
		l.textOfClass(s, c, l.e.lim.String)
		return
	}
	if f := l.check(s); f != 0 || len(s) > l.e.lim.String {
		l.textFound(s, f, l.e.lim.String)
		return
	}
	p := len(l.buf)
	b := room(l.buf, len(s)+2)
	b[p] = '"'
	p += 1 + copy(b[p+1:], s)
	b[p] = '"'
	l.buf = b[:p+1]
}

// textOfClass is text under a key with a class.
func (l *Line) textOfClass(s string, c redact.Class, limit int) {
	if c == redact.ClassLength {
		l.buf = append(l.buf, l.e.red.Length(s)...)
		return
	}
	at := len(l.buf)
	l.buf = append(l.buf, '"')
	if limit >= 64 { // as long as what AppendAddress appends; it needs no escaping
		if b, ok := l.e.red.AppendAddress(l.buf, c, s); ok {
			l.buf = append(b, '"')
			return
		}
	}
	if c == classAllowed {
		l.buf = l.e.red.AppendStringGroup(l.buf, s, l.allowing)
	} else {
		l.buf = l.e.red.AppendClass(l.buf, c, s)
	}
	l.finishText(at, limit)
}

// finishText ends the string whose text begins behind the quote at at. What the
// redactor appends is seldom in need of escaping, so it is appended in place and
// looked at afterwards.
func (l *Line) finishText(at, limit int) {
	text := l.buf[at+1:]
	if len(text) <= limit && isPlain(text) {
		l.buf = append(l.buf, '"')
		return
	}
	l.scratch = append(l.scratch[:0], text...)
	l.buf = l.buf[:at]
	l.quoteLimited(l.scratch, limit)
}

// isPlain reports whether every byte of b stands for itself in a JSON string.
func isPlain(b []byte) bool {
	if len(b) < 8 {
		for _, c := range b {
			if c >= utf8.RuneSelf || !plainByte[c] {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(b)-8; i += 8 {
		if !isPlainWord(binary.LittleEndian.Uint64(b[i:])) {
			return false
		}
	}
	return isPlainWord(binary.LittleEndian.Uint64(b[len(b)-8:]))
}

// isPlainWord is isPlain for eight bytes at once: a high bit appears where a byte
// is not ASCII, below a space, DEL, a quote or a backslash (Hacker's Delight,
// section 6-1).
func isPlainWord(w uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	q, s := w^ones*'"', w^ones*'\\'
	return (w|(w-ones*' ')|(q-ones)&^q|(s-ones)&^s|(w+ones))&highs == 0
}

// textFound is text for a value that is long, or in which Check has found f.
// Redaction comes before truncation, so that no secret is cut in two and missed.
func (l *Line) textFound(s string, f redact.Finding, limit int) {
	switch {
	case f&redact.Suspect != 0:
		at := len(l.buf)
		l.buf = l.e.red.AppendString(append(l.buf, '"'), s)
		l.finishText(at, limit)
	case len(s) > limit:
		l.e.truncated.Add(1)
		l.buf = append(l.buf, '"')
		l.buf = appendEscaped(l.buf, truncate(s, limit))
		l.buf = append(l.buf, Ellipsis+`"`...)
	default:
		l.buf = appendQuoted(l.buf, s)
	}
}

func (l *Line) quoteLimited(b []byte, limit int) {
	cut := len(b) > limit
	if cut {
		b = truncate(b, limit)
		l.e.truncated.Add(1)
	}
	l.buf = append(l.buf, '"')
	l.buf = appendEscaped(l.buf, b)
	if cut {
		l.buf = append(l.buf, Ellipsis...)
	}
	l.buf = append(l.buf, '"')
}

// truncate returns the longest prefix of s of at most n bytes that does not cut
// a character in two.
func truncate[T string | []byte](s T, n int) T {
	if len(s) <= n {
		return s
	}
	for i := 0; i < utf8.UTFMax-1 && n > 0 && !utf8.RuneStart(s[n]); i++ {
		n--
	}
	return s[:n]
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// appendEscaped appends s as the inside of a JSON string. Besides what RFC 8259
// section 7 demands it escapes DEL, the C1 controls and the line separators, so
// that no terminal and no line reader sees a control character, and replaces
// invalid UTF-8. It does not escape for HTML.
func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	start := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			if i = plainUntil(s, i); i == len(s) {
				break
			}
			if c := s[i]; c < utf8.RuneSelf {
				dst = append(dst, s[start:i]...)
				dst = appendEscapedByte(dst, c)
				i++
				start = i
				continue
			}
		}
		if size := plainRune(s[i:]); size > 0 {
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		r, size := decodeRune(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, `\ufffd`...)
		} else {
			dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
		}
		i += size
		start = i
	}
	return append(dst, s[start:]...)
}

// plainUntil returns where, from i on, the first byte is that does not stand for
// itself in a JSON string, or begins a character that is not ASCII.
func plainUntil[T string | []byte](s T, i int) int {
	for ; len(s)-i >= 8; i += 8 {
		b := s[i : i+8]
		if !isPlainWord(uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56) {
			break
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf && plainByte[s[i]] {
		i++
	}
	return i
}

// plainRune returns the length of the character of several bytes that s begins
// with, 0 where it does not stand for itself: what is no UTF-8 (RFC 3629, section
// 4), the C1 controls and the line separators.
func plainRune[T string | []byte](s T) int {
	continues := func(b byte) bool { return b&0xc0 == 0x80 }
	switch c := s[0]; {
	case c < 0xc2:
	case c < 0xe0:
		if len(s) >= 2 && continues(s[1]) && (c > 0xc2 || s[1] >= 0xa0) {
			return 2
		}
	case c < 0xf0:
		if len(s) < 3 || !continues(s[1]) || !continues(s[2]) || c == 0xe0 && s[1] < 0xa0 || c == 0xed && s[1] >= 0xa0 ||
			c == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9) { // U+2028, U+2029
			return 0
		}
		return 3
	case c < 0xf5:
		if len(s) < 4 || !continues(s[1]) || !continues(s[2]) || !continues(s[3]) || c == 0xf0 && s[1] < 0x90 || c == 0xf4 && s[1] >= 0x90 {
			return 0
		}
		return 4
	}
	return 0
}

func decodeRune[T string | []byte](s T) (rune, int) {
	if len(s) > utf8.UTFMax {
		s = s[:utf8.UTFMax]
	}
	return utf8.DecodeRuneInString(string(s))
}

func appendEscapedByte(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}

// plainByte says which ASCII bytes stand for themselves in a JSON string.
var plainByte = func() (t [utf8.RuneSelf]bool) {
	for c := 0x20; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()
