package redact

import (
	"encoding/base64"
	"strings"
)

// scheme looks at a 'b': "Bearer x", "Basic x", or "-----BEGIN … PRIVATE KEY".
func (sc *scanner) scheme(k int) (span, bool) {
	s := sc.s
	if strings.HasPrefix(s[k:], "BEGIN ") {
		return sc.pem(k)
	}
	if sc.r.off[idAuth] || !boundary(s, k) {
		return span{}, false
	}
	if hasFold(s[k:], "bearer") {
		return sc.bearer(k)
	}
	if hasFold(s[k:], "basic") {
		return sc.basic(k)
	}
	return span{}, false
}

// credentialStart skips what parts a scheme from its credential: spaces, %20 or
// a plus sign.
func credentialStart(s string, i int) (int, bool) {
	start := i
	for i < len(s) {
		switch {
		case isSpace(s[i]) && i-start < 16:
			i++
		case strings.HasPrefix(s[i:], "%20"):
			i += 3
		case s[i] == '+' && i == start:
			i++
		default:
			return i, i > start
		}
	}
	return i, false
}

// bearer redacts the credential after "Bearer ". In the middle of a sentence it
// must not be a plain word ("bearer of bad news"); a whole value that begins
// with it is a header's, and all of it goes.
func (sc *scanner) bearer(k int) (span, bool) {
	s := sc.s
	i, ok := credentialStart(s, k+len("bearer"))
	if !ok {
		return span{}, false
	}
	end := i
	for end < len(s) && (tokenBytes[s[end]] || s[end] == ':') {
		end++
	}
	if end == i || isMark(s[i:]) || end < len(s) && s[end-1] == '=' && openingQuote(s, end) >= 0 {
		return span{}, false // a challenge: Bearer realm="x"
	}
	if k == 0 && s[0] == 'B' && strings.IndexByte(s[end:], '\n') < 0 && !proseAfter(s[end:]) {
		return span{i, trimRight(s, i, len(s)), idAuth}, true
	}
	if plainWord(s[i:end]) {
		return span{}, false
	}
	return span{i, end, idAuth}, true
}

// basic redacts the credential after "Basic ": base64 of user:password.
func (sc *scanner) basic(k int) (span, bool) {
	s := sc.s
	i, ok := credentialStart(s, k+len("basic"))
	if !ok {
		return span{}, false
	}
	end := i
	for end < len(s) && base64Bytes[s[end]] {
		end++
	}
	if end-i < 4 || isMark(s[i:]) {
		return span{}, false
	}
	text := s[i:end]
	if decodesToPair(text) || end-i >= 8 && !wordsOnly(text) {
		return span{i, end, idAuth}, true
	}
	return span{}, false
}

// decodesToPair reports whether text is base64 of something with a colon.
func decodesToPair(text string) bool {
	var buf [96]byte
	if len(text) > 120 {
		text = text[:120]
	}
	text = strings.TrimRight(text, "=")
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], []byte(text))
	if err != nil {
		return false
	}
	colon, plain := false, true
	for _, c := range buf[:n] {
		colon = colon || c == ':'
		plain = plain && c >= ' ' && c < 0x7f
	}
	return colon && (plain || !wordsOnly(text))
}

// wordsOnly reports whether text could be words of a sentence, joined by dashes
// or slashes: POSIX-compliant, user/group.
func wordsOnly(text string) bool {
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] != '-' && text[i] != '/' && text[i] != '_' {
			continue
		}
		if word := text[start:i]; !plainWord(word) && !upperName(word) {
			return false
		}
		start = i + 1
	}
	return true
}

// Byte sets of credentials.
var (
	tokenBytes  = byteSet("._~+/=-", true)
	base64Bytes = byteSet("+/=-_", true)
)

func byteSet(extra string, alnum bool) (t [256]bool) {
	for i := range t {
		t[i] = alnum && isAlnum(byte(i))
	}
	t['_'] = alnum
	for i := 0; i < len(extra); i++ {
		t[extra[i]] = true
	}
	return t
}

// plainWord reports whether text could be a word of a sentence: letters of one
// case, perhaps with a capital, and short; or nothing but a number.
func plainWord(text string) bool {
	if len(text) > 20 {
		return false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !isLower(c) && !(i == 0 && isUpper(c)) && !(i == len(text)-1 && (c == '.' || c == ':')) {
			return false
		}
	}
	return true
}

// proseAfter reports whether the text goes on like a sentence.
func proseAfter(s string) bool {
	s = strings.TrimLeft(s, " \t")
	end := 0
	for end < len(s) && isLetter(s[end]) {
		end++
	}
	return wordIn(stateWords, s[:end])
}

// wordIn reports whether s, in any case, is one of words, which are in lower
// case and at most 16 bytes long.
func wordIn(words map[string]bool, s string) bool {
	var buf [16]byte
	if len(s) > len(buf) {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isUpper(c) {
			c |= 0x20
		}
		buf[i] = c
	}
	return words[string(buf[:len(s)])]
}

// stateWords go on a message about a bearer token.
var stateWords = map[string]bool{
	"is": true, "was": true, "has": true, "not": true, "must": true, "should": true, "cannot": true,
	"required": true, "missing": true, "expired": true, "invalid": true, "malformed": true,
	"rejected": true, "found": true, "validation": true, "verification": true, "accepted": true,
}

// trimRight returns the end of s[i:end] without trailing white space.
func trimRight(s string, i, end int) int {
	for end > i && (isSpace(s[end-1]) || s[end-1] == '\n' || s[end-1] == '\r') {
		end--
	}
	return end
}

// proseWords follow a noun in a message about it, and are nobody's password.
var proseWords = map[string]bool{
	"is": true, "was": true, "are": true, "were": true, "has": true, "had": true, "have": true,
	"not": true, "no": true, "must": true, "should": true, "cannot": true, "can": true,
	"could": true, "will": true, "would": true, "may": true, "does": true, "did": true,
	"required": true, "missing": true, "expired": true, "invalid": true, "malformed": true,
	"incorrect": true, "wrong": true, "mismatch": true, "failed": true, "failure": true,
	"error": true, "rejected": true, "denied": true, "revoked": true, "unknown": true,
	"unexpected": true, "unable": true, "too": true, "for": true, "from": true, "of": true,
	"in": true, "on": true, "at": true, "to": true, "with": true, "and": true, "or": true,
	"by": true, "the": true, "a": true, "an": true, "validation": true, "verification": true,
	"parse": true, "parsing": true, "lookup": true, "refresh": true, "used": true,
	"already": true, "successful": true, "succeeded": true, "ok": true, "found": true,
}
