package redact

import "math/bits"

// Eight bytes at once, as one word with the first byte lowest.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load8 reads the first eight bytes of s.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// at8 reads the eight bytes of s at i. It costs less than load8 of a part of s.
func at8(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// load4 reads the first four bytes of s.
func load4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// blank fills a word that is not full. No rule knows it.
const blank = '!'

// lastWord returns the bytes i.. of s, fewer than eight, and blanks.
func lastWord(s string, i int) uint64 {
	n := len(s) - i
	if len(s) >= 8 {
		// The last eight bytes, less those before i.
		return at8(s, len(s)-8)>>(8*(8-uint(n))) | ones*blank<<(8*uint(n)&63)
	}
	s = s[i:]
	w := uint64(ones*blank) << (8 * uint(n) & 63)
	switch {
	case n >= 4:
		return w | load4(s) | load4(s[n-4:])<<(8*uint(n-4)&63)
	case n > 0:
		return w | uint64(s[0]) | uint64(s[n>>1])<<(8*uint(n>>1)&63) | uint64(s[n-1])<<(8*uint(n-1)&63)
	}
	return w
}

// sumOf adds the counts of the bytes of w.
func sumOf(w uint64) uint64 {
	t := &sums
	return t[byte(w)] + t[byte(w>>8)] + t[byte(w>>16)] + t[byte(w>>24)] +
		t[byte(w>>32)] + t[byte(w>>40)] + t[byte(w>>48)] + t[byte(w>>56)]
}

// within sets the highest bit of each byte of w from lo to hi, which are ASCII
// (Hacker's Delight, section 6-1).
func within(w uint64, lo, hi byte) uint64 {
	x := w &^ highs
	return (x + ones*uint64(128-lo)) &^ (x + ones*uint64(127-hi)) &^ w & highs
}

// pack moves the highest bits of the bytes of f, of which no other bit is set,
// together, the first byte lowest.
func pack(f uint64) uint { return uint(f >> 7 * 0x0102040810204080 >> 56) }

// numberDigits has a bit for each digit of a block that may be part of a number that a
// rule knows. Such a number is in a row of at least six digits, spaces, dashes, dots or
// other punctuation, and in two blocks in a row it has six digits. may are the bytes of
// the block before and of this one that may be part of a number, d their digits.
func numberDigits(may, d uint) uint {
	r := may
	r &= r >> 1
	r &= r >> 2
	r &= r >> 2 // where six of them begin
	r |= r << 1
	r |= r<<2 | r<<4 // where one of the six is
	if r &= d; bits.OnesCount(r) < 6 {
		return 0
	}
	return r >> 8
}

// numberBits has a bit for each byte of w that may be part of a number; all
// punctuation from the space to the question mark is taken for that.
func numberBits(w uint64) uint {
	x := (w ^ ones*' ') & (ones * 0xe0) >> 1
	return pack(^(x + ones*127) & highs)
}

// notHexID sets the highest bit of each byte of w that is neither a digit nor a
// letter from a to f nor a dash.
func notHexID(w uint64) uint64 {
	return highs &^ (within(w, '0', '9') | within(w, 'a', 'f') | within(w, '-', '-'))
}

// hexID reports whether s is made of hexadecimal digits in small letters, and
// dashes.
func hexID(s string) bool {
	if len(s) < 8 {
		for i := 0; i < len(s); i++ {
			if notHexID(uint64(s[i]))&128 != 0 {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(s)-8; i += 8 {
		if notHexID(at8(s, i)) != 0 {
			return false
		}
	}
	return notHexID(at8(s, len(s)-8)) == 0
}

// decimals and hexLetters have the highest bit of each byte of w set that is a
// digit, or a letter from a to f. They are right for words of ASCII only, and say
// nothing in the other bits.
func decimals(w uint64) uint64   { return (w + ones*(128-'0')) &^ (w + ones*(127-'9')) }
func hexLetters(w uint64) uint64 { return (w + ones*(128-'a')) &^ (w + ones*(127-'f')) }

// anyDigit reports whether there is a digit in s.
func anyDigit(s string) bool {
	if len(s) < 8 {
		for i := 0; i < len(s); i++ {
			if isDigit(s[i]) {
				return true
			}
		}
		return false
	}
	for i := 0; i < len(s)-8; i += 8 {
		if within(at8(s, i), '0', '9') != 0 {
			return true
		}
	}
	return within(at8(s, len(s)-8), '0', '9') != 0
}
