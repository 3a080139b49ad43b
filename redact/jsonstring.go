package redact

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// stringValue copies the string at i.
func (w *walker) stringValue(c Class) bool {
	start := w.i
	if c == ClassKeep && w.level == 0 {
		// Most are plain, and nothing in them is sensitive.
		text, ok := upToQuote(w.s[start+1:])
		if !ok {
			return false
		}
		if w.r.Check(text) == 0 {
			w.i = start + len(text) + 2
			return true
		}
	}
	raw, text, ok := w.stringToken()
	if ok {
		w.putString(start, raw, text, c)
	}
	return ok
}

// upToQuote returns what is before the first quote in s.
func upToQuote(s string) (string, bool) {
	i := 0
	for ; i < 24 && len(s)-i >= 8; i += 8 {
		x := at8(s, i) ^ ones*'"'
		if z := (x - ones) &^ x & highs; z != 0 {
			return s[:i+bits.TrailingZeros64(z)>>3], true
		}
	}
	n := strings.IndexByte(s[i:], '"')
	if n < 0 {
		return "", false
	}
	return s[:i+n], true
}

// stringToken reads the string at i: as it is written, and what it says.
func (w *walker) stringToken() (raw, text string, ok bool) {
	s, start := w.s, w.i
	escaped := false
	for i := start + 1; i < len(s); {
		if len(s)-i >= 8 {
			z := jsonStops(at8(s, i))
			if z == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(z) >> 3
		}
		switch c := s[i]; {
		case c == '"':
			w.i = i + 1
			raw = s[start:w.i]
			if !escaped {
				return raw, raw[1 : len(raw)-1], true
			}
			text, ok = unescape(raw[1 : len(raw)-1])
			return raw, text, ok
		case c == '\\':
			escaped = true
			i += 2
		case c < 0x20:
			return "", "", false
		default:
			i++
		}
	}
	return "", "", false
}

// jsonStops has the highest bit set of the first byte of w that is a quote, a
// backslash or a control character, and none when there is no such byte. The bits
// of the bytes behind say nothing.
func jsonStops(w uint64) uint64 {
	q, e := w^ones*'"', w^ones*'\\'
	return ((q-ones)&^q | (e-ones)&^e | (w-ones*0x20)&^w) & highs
}

// putString writes the string raw, which stands at start and says text: as it is
// written when nothing in it is sensitive.
func (w *walker) putString(start int, raw, text string, c Class) {
	same := strings.HasPrefix(w.s[start:], raw) // and not a key with a new name
	if c == ClassKeep && len(text) <= w.r.plainBytes && !looksJSON(text) {
		sc := scanner{r: w.r, s: text, depth: w.level}
		if _, found := sc.next(0); !found && (!sc.needsEscape() || utf8.ValidString(raw)) {
			if !same {
				w.dst = append(w.replace(start), raw...)
			}
			return
		}
	}
	w.changed = true
	if c == ClassKeep {
		w.text = w.r.appendText(w.text[:0], text, w.level+1)
		if len(w.r.cfg.Values) > 0 {
			w.text = w.r.appendCustom(w.text[:0], string(w.text))
		}
	} else {
		w.text = w.r.AppendClass(w.text[:0], c, text)
	}
	if string(w.text) == text && utf8.ValidString(raw) {
		if !same {
			w.dst = append(w.replace(start), raw...)
		}
		return
	}
	w.dst = appendQuoted(w.replace(start), w.text)
}

// bytes8 reads the first eight bytes of b.
func bytes8(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if from := i; len(s)-i >= 8 {
			for len(s)-i >= 8 {
				w := bytes8(s[i:])
				z := jsonStops(w) | (w|(w+ones))&highs // 0x7f and what is not ASCII too
				if z != 0 {
					i += bits.TrailingZeros64(z) >> 3
					break
				}
				i += 8
			}
			if dst = append(dst, s[from:i]...); i == len(s) {
				break
			}
		}
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < 0x80:
			dst = append(dst, c)
		default:
			ch, n := utf8.DecodeRune(s[i:])
			switch {
			case ch == utf8.RuneError && n == 1:
				dst = append(dst, `\ufffd`...)
			case ch < 0xa0 || ch == 0x2028 || ch == 0x2029:
				dst = append(dst, '\\', 'u', hexDigits[ch>>12&15], hexDigits[ch>>8&15], hexDigits[ch>>4&15], hexDigits[ch&15])
			default:
				dst = append(dst, s[i:i+n]...)
			}
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

// unescape decodes the inside of a JSON string.
func unescape(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		n := strings.IndexByte(s[i:], '\\')
		if n < 0 {
			b.WriteString(s[i:])
			break
		}
		b.WriteString(s[i : i+n])
		if i += n + 1; i >= len(s) {
			return "", false
		}
		switch s[i] {
		case '"', '\\', '/':
			b.WriteByte(s[i])
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			ch, n, ok := unicodeRune(s[i-1:])
			if !ok {
				return "", false
			}
			b.WriteRune(ch)
			i += n - 2
		default:
			return "", false
		}
	}
	return b.String(), true
}

// unicodeRune decodes \uXXXX or a surrogate pair at the start of s and returns
// its length.
func unicodeRune(s string) (rune, int, bool) {
	hex4 := func(s string) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		v, err := strconv.ParseUint(s[2:6], 16, 32)
		return rune(v), err == nil
	}
	hi, ok := hex4(s)
	if !ok {
		return 0, 0, false
	}
	if hi >= 0xd800 && hi < 0xdc00 {
		if lo, ok := hex4(s[6:]); ok && lo >= 0xdc00 && lo < 0xe000 {
			return (hi-0xd800)<<10 | (lo - 0xdc00) + 0x10000, 12, true
		}
	}
	return hi, 6, true
}
