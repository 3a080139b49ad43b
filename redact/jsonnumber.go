package redact

import (
	"strconv"
	"strings"
)

// number copies a number; a card number becomes a mark, a coordinate is rounded.
func (w *walker) number(c Class) bool {
	start := w.i
	n := numberEnd(w.s[start:])
	if n == 0 {
		return false
	}
	w.i += n
	if n < 12 && c != ClassCoordinate {
		return true
	}
	lit := w.s[start:w.i]
	if c == ClassCoordinate {
		w.dst = w.r.appendCoordinate(w.replace(start), lit)
		return true
	}
	if mark, ok := w.r.literal(lit); ok {
		w.dst = append(append(append(w.replace(start), '"'), mark...), '"')
	}
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
	n := digitsAt(s, i)
	if n == 0 {
		return 0
	}
	if s[i] == '0' {
		n = 1 // what follows is no part of it
	}
	i += n
	if i < len(s) && s[i] == '.' {
		if n = digitsAt(s, i+1); n == 0 {
			return 0
		}
		i += 1 + n
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if n = digitsAt(s, i); n == 0 {
			return 0
		}
		i += n
	}
	return i
}

// digitsAt returns how many digits stand at i.
func digitsAt(s string, i int) int {
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i - start
}
