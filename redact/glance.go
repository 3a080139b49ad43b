package redact

// Most texts of a record are short words or identifiers. Their shape alone says
// that no rule can apply, and a glance costs less than setting up a scan.

// glance looks at texts of which the shape decides. With ok false nothing is
// known; with ok true the text may be written as it is, up to what f says.
// Whatever rules are off, the answer is the same.
func glance(s string) (f Finding, ok bool) {
	switch n := len(s); {
	case n < minName:
		return glanceShort(s)
	case n == len("550e8400-e29b-41d4-a716-446655440000"):
		return 0, harmlessUUID(s)
	case n <= maxHexID:
		return 0, harmlessHex(s)
	}
	return 0, false
}

// glanceShort decides about texts that are shorter than every token. Without
// the bytes at which a rule begins there can only be numbers in them, and with
// at most five digits and two dots no rule for numbers applies.
func glanceShort(s string) (f Finding, ok bool) {
	if s == "" {
		return 0, true
	}
	var acc uint32 // fewer than 16 bytes: no count overflows into the next
	for i := 0; i < len(s); i++ {
		acc += sums[s[i]]
	}
	const many = 15
	if acc&(many*unitSpot) != 0 || acc&(many*unitDigit) > 5*unitDigit || acc&(many*unitDot) > 2*unitDot ||
		acc&(many*unitDash) > 1*unitDash {
		return 0, false
	}
	if c := s[0]; c <= ' ' || c == 'b' || c == '{' || c == '[' {
		return 0, false // a credential's scheme in small letters, or JSON
	}
	if acc&(many*unitEscape) != 0 {
		f = NeedsEscape
	}
	return f, true
}

// maxHexID is the longest hexadecimal identifier that a glance decides about.
// No token of so few hexadecimal digits in small letters is known.
const maxHexID = 32

// harmlessHex reports whether s is hexadecimal in small letters, with a letter
// in it. It is neither a number then nor, without a country at its beginning, a
// bank account.
func harmlessHex(s string) bool {
	seen := uint8(0)
	for i := 0; i < len(s); i++ {
		h := hexBytes[s[i]]
		if h&(hexLower|hexDigit) == 0 {
			return false
		}
		seen |= h
	}
	return seen&hexLower != 0 && !country(s, 0)
}

// Kinds of hexadecimal digits.
const (
	hexDigit = 1 << iota
	hexLower
	hexUpper
)

var hexBytes = func() (t [256]uint8) {
	for i := range t {
		switch c := byte(i); {
		case isDigit(c):
			t[i] = hexDigit
		case isHex(c) && isLower(c):
			t[i] = hexLower
		case isHex(c):
			t[i] = hexUpper
		}
	}
	return t
}()

// harmlessUUID reports whether s is a UUID in which no group begins like the
// number of a bank account.
func harmlessUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if hexBytes[s[i]] == 0 && i != 8 && i != 13 && i != 18 && i != 23 {
			return false
		}
	}
	return !country(s, 0) && !country(s, 9) && !country(s, 14) && !country(s, 19) && !country(s, 24)
}

// country reports whether two letters and two digits stand at i, as at the
// beginning of the number of a bank account.
func country(s string, i int) bool {
	return isLetter(s[i]) && isLetter(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3])
}
