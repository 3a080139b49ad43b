package redact

import "strings"

// Tokens of services are found by their fixed prefix; see tokenindex.go for how.

// charset is what the rest of a token is made of.
type charset uint8

const (
	csName   charset = iota // letters, digits, '_', '-'
	csAlnum                 // letters and digits
	csHex                   // hexadecimal digits
	csUpper                 // capital letters and digits
	csDot                   // csName and '.'
	csWide                  // csDot and "=+/~"
	csPipe                  // csWide and '|', '%', ':'
	csDollar                // csName and '$'
)

var charsets = [...][256]bool{
	csName:   byteSet("-", true),
	csAlnum:  alnumSet(isAlnum),
	csHex:    alnumSet(isHex),
	csUpper:  alnumSet(func(c byte) bool { return isUpper(c) || isDigit(c) }),
	csDot:    byteSet("-.", true),
	csWide:   byteSet("-.=+/~", true),
	csPipe:   byteSet("-.=+/~|%:", true),
	csDollar: byteSet("-$", true),
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
	findKey            // base64 of a private key
)

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
		t.digit && !digit && !mixedCase(s[body:i]) && !letterNoise(s[body:i]) && (t.set != csUpper || n != 16) {
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
