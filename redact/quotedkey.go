package redact

import (
	"math/bits"
	"strings"
)

// Text with JSON in it has a key in quotes every few bytes. Most are none that a
// rule cares about, and are told from those that are before they are read in full.

// quotedGrams walks back over the string that the quote at q ends and reports
// whether three letters in a row of it, or anything else, may belong to a key of
// the key rules. n are its bytes.
func (sc *scanner) quotedGrams(q int) (n int, may bool) {
	s := sc.s
	floor := max(sc.lo, q-maxKeyBack-16)
	h, grams := uint32(0), sc.r.grams
	i := q - 1
	for ; i >= floor; i-- {
		c := s[i]
		g := uint32(gramCodes[c])
		if g >= gramStop {
			if isQuote(c) {
				break
			}
			if c >= 0x80 {
				return 0, true
			}
			g = 0
		}
		h = h>>5 | g
		if grams[h>>6&511]>>(h&63)&1 != 0 {
			return 0, true
		}
	}
	for q > floor && s[q-1] == '\\' {
		q--
	}
	return q - 1 - i, q-2 >= floor && s[q-1]|0x20 == 'w' && s[q-2]|0x20 == 'p'
}

// keyFollows reports whether a string in quotes with a colon behind it comes next,
// as in a JSON object: a key and no value.
func keyFollows(s string, i int) bool {
	for i < len(s) && (s[i] == ' ' || s[i] == '\\') {
		i++
	}
	if i >= len(s) || !isQuote(s[i]) {
		return false
	}
	n := strings.IndexByte(s[i+1:min(len(s), i+1+maxKeyBack)], s[i])
	end := i + n + 2
	return n >= 0 && end < len(s) && s[end] == ':'
}

// maxLabel is the length of the longest name for which assign has a rule of its
// own: header.
const maxLabel = 6

// plainKey reports whether the string in quotes before the colon at k is a key that
// was judged before, and found to say nothing about its value, and whether the
// bytes around it are as in a JSON object, so that no other rule applies.
func (sc *scanner) plainKey(k int) bool {
	s := sc.s
	if k-10 < sc.lo || k+1 >= len(s) || s[k+1] == ':' || s[k+1] == '/' {
		return false
	}
	slot := plainSlot(s, k)
	for i := range uint64(plainWays) {
		key := sc.r.cache.plain[slot^i].Load()
		if key == nil {
			return false
		}
		if open := k - len(*key); open-2 >= sc.lo && s[open:k] == *key {
			return s[open-1] == ',' || s[open-1] == '{' && s[open-2] == ':' || s[open-1] <= ' ' && sc.opensMember(open-1)
		}
	}
	return false
}

// opensMember reports whether what parts the members of a JSON object stands before
// the white space that ends with the byte at p.
func (sc *scanner) opensMember(p int) bool {
	s, floor := sc.s, max(sc.lo, p-64)
	for p > floor && isBlank[s[p]] {
		p--
	}
	if s[p] != '{' {
		return s[p] == ','
	}
	for p--; p > floor && isBlank[s[p]]; {
		p--
	}
	return p >= floor && (s[p] == ':' || s[p] == ',' || s[p] == '[')
}

// isBlank are the bytes of JSON's white space.
var isBlank = func() (t [256]bool) {
	t[' '], t['\t'], t['\n'], t['\r'] = true, true, true, true
	return t
}()

// plainWays is in how many places a key may be remembered. A power of two.
const plainWays = 4

// plainSlot returns where the key before the colon at k is remembered: a hash of
// its last eight bytes, or of all when it is shorter.
func plainSlot(s string, k int) uint64 {
	w := at8(s, k-9)
	x := w ^ ones*'"'
	if z := (x - ones) &^ x & highs; z != 0 {
		w >>= (64 - bits.LeadingZeros64(z)) & 63
	}
	return w * 0x9e3779b97f4a7c15 >> 55
}

// rememberPlain notes that the key s[open:k], with its quotes, says nothing about
// its value.
func (sc *scanner) rememberPlain(open, k int) {
	s := sc.s
	if k < 10 || open < sc.lo || k-open > maxCachedKey || s[k] != ':' || s[k-1] != '"' || s[open] != '"' {
		return
	}
	slot := plainSlot(s, k)
	for i := range uint64(plainWays) {
		p := &sc.r.cache.plain[slot^i]
		if p.Load() == nil {
			text := strings.Clone(s[open:k])
			p.Store(&text)
			return
		}
	}
	// A place is given up for one miss in eight: see verdict.
	if n := sc.r.cache.miss.Add(1); n%8 == 0 {
		text := strings.Clone(s[open:k])
		sc.r.cache.plain[slot^uint64(n>>3%plainWays)].Store(&text)
	}
}
