package redact

import (
	"strconv"
	"strings"
)

// number copies a number; a card number becomes a mark, a coordinate is rounded.
func (w *walker) number(c Class) bool {
	n := numberEnd(w.s[w.i:])
	if n == 0 {
		return false
	}
	lit := w.s[w.i : w.i+n]
	w.i += n
	if c == ClassCoordinate {
		w.dst = w.r.appendCoordinate(w.dst, lit)
		return true
	}
	if mark, ok := w.r.literal(lit); ok {
		w.dst = append(append(append(w.dst, '"'), mark...), '"')
		return true
	}
	w.dst = append(w.dst, lit...)
	return true
}

// literal is the card check for a number as it is written, json.Number too.
func (r *Redactor) literal(lit string) (string, bool) {
	if len(lit) < 12 {
		return "", false
	}
	if v, err := strconv.ParseUint(strings.TrimPrefix(lit, "-"), 10, 64); err == nil {
		return r.Uint(v)
	}
	if f, err := strconv.ParseFloat(lit, 64); err == nil {
		return r.Float(f)
	}
	return "", false
}

// Number is [Redactor.Int] for a number that is already text, as json.Number.
func (r *Redactor) Number(lit string) (mark string, redacted bool) { return r.literal(lit) }

// numberEnd returns the length of the JSON number at the start of s, 0 when
// there is none (RFC 8259 section 6).
func numberEnd(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}
