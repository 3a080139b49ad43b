package redact

import "strings"

// Tokens of services are found by their fixed prefix. A run of at least 16 name
// characters is read once; two bytes of each prefix index a table, so that a
// run in which no pair occurs costs one look-up a byte.

// charset is what the rest of a token is made of.
type charset uint8

const (
	csName  charset = iota // letters, digits, '_', '-'
	csAlnum                // letters and digits
	csHex                  // hexadecimal digits
	csUpper                // capital letters and digits
	csDot                  // csName and '.'
	csWide                 // csDot and "=+/~"
	csPipe                 // csWide and '|', '%', ':'
)

var charsets = [...][256]bool{
	csName:  byteSet("-", true),
	csAlnum: alnumSet(isAlnum),
	csHex:   alnumSet(isHex),
	csUpper: alnumSet(func(c byte) bool { return isUpper(c) || isDigit(c) }),
	csDot:   byteSet("-.", true),
	csWide:  byteSet("-.=+/~", true),
	csPipe:  byteSet("-.=+/~|%:", true),
}

func alnumSet(f func(byte) bool) (t [256]bool) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

// token is one format.
type token struct {
	prefix string
	pair   int     // offset in prefix of the two bytes that index the table
	set    charset // of the rest
	min    int     // shortest rest
	exact  bool    // the rest has exactly min characters
	digit  bool    // the rest must hold a digit, or look random without: the prefix is also a word
	alone  bool    // no '_' or '-' may stand before the prefix
	back   int     // characters before the prefix that belong to the token
	find   finder  // a special format, judged by code
}

type finder uint8

const (
	findPrefix  finder = iota
	findJWT            // base64 of JSON, perhaps a JWT
	findEncoded        // base64 of a JWT
	findStripe         // pi_…_secret_…
)

// tokenIndex maps the hash of two bytes to the tokens with that pair. The set of
// the pairs themselves comes before it: it has no collisions, and few pairs of a
// random text are in it.
type tokenIndex struct {
	pairs [128][2]uint64
	list  [1024][]*token
}

// has reports whether a token has the pair a, b; for bytes that are not ASCII
// the answer may be wrongly true.
func (x *tokenIndex) has(a, b byte) bool {
	return x.pairs[a&127][b>>6&1]>>(b&63)&1 != 0
}

var tokenTable = func() *tokenIndex {
	x := new(tokenIndex)
	for i := range tokens {
		t := &tokens[i]
		a, b := t.prefix[t.pair], t.prefix[t.pair+1]
		x.pairs[a][b>>6] |= 1 << (b & 63)
		h := pairHash(a, b)
		x.list[h] = append(x.list[h], t)
	}
	return x
}()

func pairHash(a, b byte) uint16 { return (uint16(a)*37 ^ uint16(b)*5) & 1023 }

// minName is the shortest run of name characters that is searched for tokens.
const minName = 16

// name searches the run of name characters around k for tokens, and judges it
// as a random string. The run is examined once. whole says that eight name
// characters begin at k.
func (sc *scanner) name(k int, whole bool) (span, bool) {
	s := sc.s
	b := k
	for b > sc.lo && b > sc.nameEnd && nameBytes[s[b-1]] {
		b--
	}
	e := k
	if whole {
		e += 8
	}
	for e < len(s) && nameBytes[s[e]] {
		e++
	}
	sc.nameEnd = e
	if e-b < minName {
		if e < len(s) && (s[e] == '+' || s[e] == '/') {
			return sc.head(b, unglueRun(s, b, e), e) // base64 parts the run early
		}
		return span{}, false
	}
	if isUUID(s[b:e]) {
		return span{}, false
	}
	if !sc.r.off[idToken] || !sc.r.off[idJWT] || !sc.r.off[idEncoded] {
		for j := max(sc.lo, b-8); j+1 < e; j++ {
			if tokenTable.has(s[j], s[j+1]) {
				if sp, ok := sc.tokenAt(j, pairHash(s[j], s[j+1])); ok {
					return sp, true
				}
			}
		}
	}
	h := b
	if b > 0 && glues[s[b-1]] {
		h = unglueRun(s, b, e)
	}
	if sp, ok := sc.head(b, h, e); ok {
		return sp, true
	}
	if sp, ok := sc.shaped(h, e); ok {
		return sp, true
	}
	return sc.random(h, e)
}

// tokenAt tries the tokens whose pair is at j.
func (sc *scanner) tokenAt(j int, h uint16) (span, bool) {
	s := sc.s
	for _, t := range tokenTable.list[h] {
		p := j - t.pair
		if p < sc.lo || !strings.HasPrefix(s[p:], t.prefix) {
			continue
		}
		var sp span
		var ok bool
		switch t.find {
		case findJWT:
			sp, ok = sc.jwt(p)
		case findEncoded:
			sp, ok = sc.encodedToken(p)
		case findStripe:
			sp, ok = sc.clientSecret(p, t)
		default:
			sp, ok = sc.prefixed(p, t)
		}
		if ok {
			return sp, true
		}
	}
	return span{}, false
}

// prefixed judges the token t whose prefix is at p.
func (sc *scanner) prefixed(p int, t *token) (span, bool) {
	s := sc.s
	if sc.r.off[idToken] || t.back == 0 && !boundary(s, p) || t.alone && p > 0 && (s[p-1] == '_' || s[p-1] == '-') {
		return span{}, false
	}
	set := &charsets[t.set]
	i := p + len(t.prefix)
	body := i
	digit := false
	for i < len(s) && set[s[i]] {
		digit = digit || isDigit(s[i])
		i++
	}
	for i > body && s[i-1] == '.' {
		i--
	}
	n := i - body
	if n < t.min || t.exact && (n != t.min || i < len(s) && nameBytes[s[i]]) ||
		t.digit && !digit && !mixedCase(s[body:i]) && (t.set != csUpper || n != 16) {
		return span{}, false
	}
	start := max(sc.lo, p-t.back)
	for start < p && !nameBytes[s[start]] {
		start++
	}
	return span{start, sc.tokenTail(i), idToken}, true
}

// tokenTail extends a token over name characters that its set does not have: a
// longer token than the format says is still a token.
func (sc *scanner) tokenTail(i int) int {
	for i < len(sc.s) && nameBytes[sc.s[i]] {
		i++
	}
	return i
}

// clientSecret redacts Stripe's client secrets whole: pi_123_secret_456.
func (sc *scanner) clientSecret(p int, t *token) (span, bool) {
	s := sc.s
	start := p
	for start > sc.lo && p-start < 64 && nameBytes[s[start-1]] {
		start--
	}
	start = unglueRun(s, start, p)
	switch head := s[start:p]; {
	case strings.HasPrefix(head, "pi_"), strings.HasPrefix(head, "seti_"), strings.HasPrefix(head, "src_"),
		strings.HasPrefix(head, "cs_"), strings.HasPrefix(head, "cuss_"), strings.HasPrefix(head, "pm_"):
	default:
		return span{}, false
	}
	i := p + len(t.prefix)
	body := i
	for i < len(s) && nameBytes[s[i]] {
		i++
	}
	if i-body < t.min || sc.r.off[idToken] {
		return span{}, false
	}
	return span{start, i, idToken}, true
}
