package encode

import "unicode/utf8"

// isControl reports whether r could move a terminal's cursor, change its state
// or reverse the order of what is shown (Unicode's bidirectional controls).
func isControl(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
		r >= 0x2060 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

// tame returns text with everything that a terminal would act on escaped.
func tame(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return string(appendTamed(nil, s))
		}
	}
	return s
}

// appendTamed appends text with everything that a terminal would act on escaped.
func appendTamed(dst []byte, s string) []byte {
	start := 0
	for i, r := range s {
		if !isControl(r) && (r != utf8.RuneError || validAt(s, i)) {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
		_, size := utf8.DecodeRuneInString(s[i:])
		start = i + size
	}
	return append(dst, s[start:]...)
}

// validAt reports whether the replacement character at i was written by somebody,
// and does not stand for an invalid byte.
func validAt(s string, i int) bool {
	_, size := utf8.DecodeRuneInString(s[i:])
	return size > 1
}

// needsQuotes reports whether a text would be unclear, or not harmless, without
// quotes.
func needsQuotes(s string) bool {
	for _, r := range s {
		if r <= ' ' || r == '"' || r == '=' || r == utf8.RuneError || isControl(r) {
			return true
		}
	}
	return s == ""
}
