package redact

import "strings"

// A random string is no secret by itself: hashes, identifiers and block names
// look the same. It becomes one when a word before it says so.

// random judges the run of name characters b..e: three parts joined by dots as
// a bot token, and an opaque run after a word such as "token" as a secret.
func (sc *scanner) random(b, e int) (span, bool) {
	s := sc.s
	if e < len(s) && s[e] == '.' && e-b >= 23 && e-b <= 28 && !sc.r.off[idToken] && boundary(s, b) {
		if end, ok := botToken(s, e); ok {
			return span{b, end, idToken}, true
		}
	}
	run := s[b:e]
	if sc.r.off[idContext] || !boundary(s, b) || !opaque(run) {
		return span{}, false
	}
	if isHexRun(run) && (len(run) == 32 || len(run) == 40) && contextContains(s, b, 128, "datadog") {
		return span{b, e, idContext}, true
	}
	if sc.contextWord(b) {
		return span{b, e, idContext}, true
	}
	return span{}, false
}

// botToken matches the second and third part of a Discord bot token.
func botToken(s string, dot int) (int, bool) {
	i := dot + 1
	start := i
	for i < len(s) && nameBytes[s[i]] {
		i++
	}
	if n := i - start; n < 5 || n > 8 || i >= len(s) || s[i] != '.' {
		return 0, false
	}
	i++
	start = i
	for i < len(s) && nameBytes[s[i]] {
		i++
	}
	n := i - start
	return i, n >= 26 && n <= 44
}

// opaque reports whether a run looks like random characters: long enough, with
// letters and digits mixed, and not an identifier made of words and numbers.
func opaque(run string) bool {
	if len(run) < 20 || isUUID(run) {
		return false
	}
	digits, letters, changes := 0, 0, 0
	prev := byte(0)
	for i := 0; i < len(run); i++ {
		c := run[i]
		kind := byte('-')
		switch {
		case isDigit(c):
			digits++
			kind = 'd'
		case isLower(c):
			letters++
			kind = 'l'
		case isUpper(c):
			letters++
			kind = 'u'
		}
		if i > 0 && kind != prev && kind != '-' && prev != '-' {
			changes++
		}
		prev = kind
	}
	return digits >= 2 && letters >= 2 && changes*6 >= len(run)
}

func isHexRun(run string) bool {
	for i := 0; i < len(run); i++ {
		if !isHex(run[i]) {
			return false
		}
	}
	return true
}

func isUUID(run string) bool {
	if len(run) != 36 {
		return false
	}
	for i := 0; i < len(run); i++ {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (run[i] == '-') || !dash && !isHex(run[i]) {
			return false
		}
	}
	return true
}

// contextWords announce a secret. They are matched as parts of words, so that
// apiKeyReplacer and authtoken announce one too.
var contextWords = []string{
	"token", "secret", "password", "passwd", "apikey", "api_key", "api key", "api-key",
	"app_key", "appkey", "app key", "access key", "accesskey", "private key", "credential",
	"bearer", "signing key",
}

// contextWord reports whether one of contextWords stands in the 32 bytes before
// b, on the same line.
func (sc *scanner) contextWord(b int) bool {
	s := sc.s[max(0, b-40):b]
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[i+1:]
	}
	for i := 0; i+5 <= len(s); i++ {
		switch s[i] | 0x20 {
		case 't', 's', 'p', 'a', 'c', 'b':
			for _, w := range contextWords {
				if hasFold(s[i:], w) {
					return !countedWord(s[i+len(w):])
				}
			}
		}
	}
	return false
}

// countedWord reports whether what follows makes the word harmless: a token
// count, a token type, a token id.
func countedWord(rest string) bool {
	rest = strings.TrimLeft(rest, "_- ")
	for _, w := range []string{"type", "count", "id", "hash", "name", "for ", "manager", "endpoint"} {
		if hasFold(rest, w) && (len(rest) == len(w) || !isLower(rest[len(w)])) {
			return true
		}
	}
	return false
}

// contextContains reports whether word, in lower case, stands anywhere in the
// distance bytes before p.
func contextContains(s string, p, distance int, word string) bool {
	from := max(0, p-distance)
	for i := from; i+len(word) <= p; i++ {
		if s[i]|0x20 == word[0] && hasFold(s[i:], word) {
			return true
		}
	}
	return false
}
