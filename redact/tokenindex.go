package redact

import (
	"math/bits"
	"strings"
)

// A run of at least 16 name characters is searched for tokens once. A token
// begins where no letter or digit stands before it, so that only the beginnings
// of a run's words are looked up, by their first two bytes.

// tokenIndex finds tokens by the beginning of their prefix.
type tokenIndex struct {
	// starts has a bit for each pair of first bytes, six bits of each.
	starts [64]uint64
	// group is the index in groups of the tokens with a pair.
	group  [1024]uint8
	groups [][]indexed
	// inner are the tokens in whose prefix there is a byte that is no character of
	// a name, as in "hvs.", and innerPairs the last such bytes, each with the one
	// before it.
	inner      []indexed
	innerPairs [64]uint64
	// hex are the prefixes of hexadecimal digits in small letters.
	hex []string
}

// indexed is a token with the first bytes of its prefix, at most eight.
type indexed struct {
	*token
	head, mask uint64
	inner      int // bytes of the prefix that lie before the run of name characters
}

var tokenTable = newTokenIndex(tokens)

func newTokenIndex(tokens []token) *tokenIndex {
	x := &tokenIndex{groups: make([][]indexed, 1)}
	for i := range tokens {
		x.add(&tokens[i])
	}
	return x
}

func (x *tokenIndex) add(t *token) {
	e := indexed{token: t, head: lastWord(t.prefix[:min(8, len(t.prefix))], 0), mask: ^uint64(0)}
	if n := len(t.prefix); n < 8 {
		e.mask >>= 8 * (8 - n)
		e.head &= e.mask
	} else {
		e.head = load8(t.prefix)
	}
	a, b := t.prefix[0], t.prefix[1]
	x.starts[a&63] |= 1 << (b & 63)
	g := &x.group[pairHash(a, b)]
	if *g == 0 {
		*g = uint8(len(x.groups)) // there are fewer than 255 pairs
		x.groups = append(x.groups, nil)
	}
	x.groups[*g] = append(x.groups[*g], e)

	e.inner = len(t.prefix)
	for e.inner > 0 && nameBytes[t.prefix[e.inner-1]] {
		e.inner--
	}
	switch {
	case e.inner > 1:
		x.innerPairs[t.prefix[e.inner-2]&63] |= 1 << (t.prefix[e.inner-1] & 63)
		x.inner = append(x.inner, e)
	case e.inner == 1:
		for a := range x.innerPairs {
			x.innerPairs[a] |= 1 << (t.prefix[0] & 63)
		}
		x.inner = append(x.inner, e)
	case hexID(t.prefix):
		x.hex = append(x.hex, t.prefix)
	}
}

func pairHash(a, b byte) uint16 { return (uint16(a)*37 ^ uint16(b)*5) & 1023 }

// innerAt reports whether the two bytes before b may be part of a prefix.
func (x *tokenIndex) innerAt(s string, b int) bool {
	return b > 0 && !nameBytes[s[b-1]] && (b == 1 || x.innerPairs[s[b-2]&63]>>(s[b-1]&63)&1 != 0)
}

// hexToken reports whether a prefix of hexadecimal digits is in s.
func (x *tokenIndex) hexToken(s string) bool {
	for _, p := range x.hex {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// minName is the shortest run of name characters that is searched for tokens.
const minName = 16

// name searches the run of name characters around the eight at i for tokens, and
// judges it as a random string. The run is examined once.
func (sc *scanner) name(i int) (span, bool) {
	s := sc.s
	e := i + 8
	for e < len(s) && nameBytes[s[e]] {
		e++
	}
	b, floor := i, max(sc.lo, sc.nameEnd)
	for b > floor && nameBytes[s[b-1]] {
		b--
	}
	sc.nameEnd = e
	if e-b < minName {
		if e < len(s) && (s[e] == '+' || s[e] == '/') {
			return sc.head(b, unglueRun(s, b, e), e) // base64 parts the run early
		}
		return span{}, false
	}
	if isUUID(s[b:e]) {
		if harmlessUUID(s[b:e]) && sc.apart(b) {
			sc.numEnd, sc.done = e, e
		}
		return span{}, false
	}
	id := hexID(s[b:e])
	h := b
	if b > 0 && glues[s[b-1]] {
		h = unglueRun(s, b, e)
	}
	if sp, ok := sc.tokenIn(b, e, id); ok {
		return sc.widest(sp, b, h, e), true
	}
	if id && e-b < 36 && b > sc.lo && s[b-1] == '/' {
		// An identifier in a path. That a piece of base64 has no other characters
		// does not happen.
		if sp, ok := sc.headAt(b); ok {
			return sp, true
		}
	} else {
		if sp, ok := sc.head(b, h, e); ok {
			return sp, true
		}
		if sp, ok := sc.shaped(h, e); ok {
			return sp, true
		}
	}
	if sp, ok := sc.random(h, e, id); ok {
		return sp, true
	}
	if id && harmlessHex(s[b:e]) && sc.apart(b) {
		sc.numEnd, sc.done = e, e
	}
	return span{}, false
}

// widest returns sp, which tokenIn has found in the run b..e, or the token that it is a
// part of: random characters may be the prefix of another. h is as in name.
func (sc *scanner) widest(sp span, b, h, e int) span {
	for _, find := range [...]func() (span, bool){
		func() (span, bool) { return sc.head(b, h, e) },
		func() (span, bool) { return sc.shaped(h, e) },
	} {
		if w, ok := find(); ok && w.start <= sp.start && w.end >= sp.end {
			sp = w
		}
	}
	return sp
}

// apart reports whether nothing before b can be the beginning of a number or of
// an escape that goes on at b.
func (sc *scanner) apart(b int) bool {
	if b == 0 {
		return true
	}
	switch c := sc.s[b-1]; c {
	case '%', '\\', '.', '-', '_':
		return false
	case ' ':
		return !anyDigit(sc.s[max(0, b-40):b])
	default:
		return !isAlnum(c)
	}
}

// maxTokenBack bounds, in bytes, how far before a run of name characters the
// token is sought that the run is part of.
const maxTokenBack = 40

// tokenIn looks for a token that begins in the run of name characters b..e, or
// before it. id is the answer of hexID.
func (sc *scanner) tokenIn(b, e int, id bool) (span, bool) {
	s := sc.s
	off := &sc.r.off
	if off[idToken] && off[idJWT] && off[idEncoded] {
		return span{}, false
	}
	if tokenTable.innerAt(s, b) {
		for i := range tokenTable.inner {
			if sp, ok := sc.judge(&tokenTable.inner[i], b-tokenTable.inner[i].inner); ok {
				return sp, true
			}
		}
	}
	if id && !tokenTable.hexToken(s[b:e]) {
		return span{}, false // identifiers, hashes
	}
	// A token of other characters too may have begun some runs ago.
	from := b
	for from > sc.lo && b-from < maxTokenBack && charsets[csPipe][s[from-1]] {
		from--
	}
	for p := from; p <= b; p++ {
		if p == b || p == from || !isAlnum(s[p-1]) {
			if sp, ok := sc.tokenAt(p); ok {
				return sp, true
			}
		}
	}
	if b > 0 && glues[s[b-1]] {
		for p := b + 1; p <= b+5; p++ { // behind an escape
			if sp, ok := sc.tokenAt(p); ok {
				return sp, true
			}
		}
	}
	run := s[:e]
	for i := b; i < e; i += 8 {
		var w uint64
		if e-i >= 8 {
			w = at8(s, i)
		} else {
			w = lastWord(run, i)
		}
		for m := pack(within(w, '-', '-') | within(w, '_', '_')); m != 0; m &= m - 1 {
			p := i + bits.TrailingZeros(m)
			if s[p] == '_' {
				if sp, ok := sc.tokenAt(p); ok {
					return sp, true
				}
			}
			if sp, ok := sc.tokenAt(p + 1); ok {
				return sp, true
			}
		}
	}
	return span{}, false
}

func (sc *scanner) tokenAt(p int) (span, bool) { return sc.tokenOf(tokenTable, p) }

// tokenOf tries the tokens of x that may begin at p, and returns the longest.
func (sc *scanner) tokenOf(x *tokenIndex, p int) (best span, found bool) {
	s := sc.s
	if p+1 >= len(s) || x.starts[s[p]&63]>>(s[p+1]&63)&1 == 0 {
		return span{}, false
	}
	group := x.groups[x.group[pairHash(s[p], s[p+1])]]
	for i := range group {
		if sp, ok := sc.judge(&group[i], p); ok && (!found || sp.end > best.end) {
			best, found = sp, true
		}
	}
	return best, found
}

// judge reports whether the token t begins at p.
func (sc *scanner) judge(t *indexed, p int) (span, bool) {
	s := sc.s
	if p < sc.lo || len(s)-p < len(t.prefix) {
		return span{}, false
	}
	if len(s)-p >= 8 {
		if at8(s, p)&t.mask != t.head || len(t.prefix) > 8 && !strings.HasPrefix(s[p:], t.prefix) {
			return span{}, false
		}
	} else if !strings.HasPrefix(s[p:], t.prefix) {
		return span{}, false
	}
	switch t.find {
	case findJWT:
		return sc.jwt(p)
	case findEncoded:
		return sc.encodedToken(p)
	case findKey:
		return sc.encodedKey(p)
	case findStripe:
		return sc.clientSecret(p, t.token)
	}
	return sc.prefixed(p, t.token)
}
