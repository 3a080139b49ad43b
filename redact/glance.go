package redact

import "strings"

// Most texts of a record are short words or identifiers. Their shape alone says
// that no rule can apply, and a glance costs less than setting up a scan.

// glance looks at texts of at least minName bytes of which the shape decides:
// identifiers and times. A text for which it returns true may be written as it is.
// Whatever rules are off, the answer is the same.
func glance(s string) bool {
	switch n := len(s); n {
	case len("550e8400-e29b-41d4-a716-446655440000"):
		return soleUUID(s)
	case len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.000Z"):
		if s[n-1] == 'Z' && s[10] == 'T' {
			return harmlessTime(s)
		}
	}
	return len(s) <= maxHexID && harmlessHex(s)
}

// harmlessTime reports whether s, of 20 or 24 bytes, is a time in UTC as in
// 2006-01-02T15:04:05Z or 2006-01-02T15:04:05.000Z.
func harmlessTime(s string) bool {
	return s[len(s)-1] == 'Z' && s[10] == 'T' && isTime(s) &&
		(len(s) == timeLen+1 || s[timeLen] == '.' && isDigit(s[20]) && isDigit(s[21]) && isDigit(s[22]))
}

// glanceShort decides about texts that are shorter than every token. Without
// the bytes at which a rule begins there can only be numbers in them, and with
// at most five digits and two dots no rule for numbers applies.
func glanceShort(s string) (f Finding, ok bool) {
	if s == "" {
		return 0, true
	}
	acc := sumOf(lastWord(s, len(s)&^7)) // of fewer than 16 bytes
	if len(s) >= 8 {
		acc += sumOf(load8(s))
	}
	const many = 255
	if acc&(many*unitSpot) != 0 || acc&(many*unitDigit) > 5*unitDigit || acc&(many*unitDot) > 2*unitDot ||
		acc&(many*unitDash) > 1*unitDash {
		return 0, false
	}
	if (acc&(many*unitDigit) > 3*unitDigit || acc&(many*unitDash) != 0 || acc&(many*unitWord) >= wordWeight*unitWord) && strings.IndexByte(s, ' ') >= 0 {
		return 0, false // login code 1234, mysql -px, password is x1
	}
	if c := s[0]; c <= ' ' || c == 'b' || c == '{' || c == '[' {
		return 0, false // a credential's scheme in small letters, or JSON
	}
	if acc&anyEscape != 0 {
		f = NeedsEscape
	}
	return f, true
}

// maxHexID is the longest hexadecimal identifier that a glance decides about.
// No token of so few hexadecimal digits in small letters is known.
const maxHexID = 32

// harmlessHex reports whether s, of at least eight bytes, is hexadecimal in small
// letters, with a letter in it. It is neither a number then nor, without a
// country at its beginning, a bank account.
func harmlessHex(s string) bool {
	if len(s) < 8 {
		return false
	}
	seen := uint64(0)
	for i := 0; ; i += 8 {
		i = min(i, len(s)-8)
		w := at8(s, i)
		digits, letters := decimals(w), hexLetters(w)
		if (digits|letters)&^w&highs != highs {
			return false
		}
		seen |= letters
		if i == len(s)-8 {
			return seen&highs != 0 && !country(s, 0)
		}
	}
}

// harmlessHexID is harmlessHex for 24 or 32 bytes.
func harmlessHexID(s string) bool {
	w0, w1, w2, w3 := load8(s), at8(s, 8), at8(s, 16), at8(s, len(s)-8)
	l0, l1, l2, l3 := hexLetters(w0), hexLetters(w1), hexLetters(w2), hexLetters(w3)
	all := (decimals(w0) | l0) & (decimals(w1) | l1) & (decimals(w2) | l2) & (decimals(w3) | l3)
	return all&^(w0|w1|w2|w3)&highs == highs && (l0|l1|l2|l3)&highs != 0 && !country(s, 0)
}

// country reports whether the letters of a country and two digits stand at i, as
// at the beginning of the number of a bank account.
func country(s string, i int) bool {
	return isLetter(s[i]) && isLetter(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) && countries[s[i]&31]>>(s[i+1]&31)&1 != 0
}

// countries are those of ibanLengths, by the five bits of their letters that do
// not depend on the case.
var countries = func() (t [32]uint32) {
	for c := range ibanLengths {
		t[c[0]&31] |= 1 << (c[1] & 31)
	}
	return t
}()
