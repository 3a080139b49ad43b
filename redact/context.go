package redact

import (
	"encoding/base64"
	"strings"
)

// A random string is no secret by itself: hashes, identifiers and block names
// look the same. It becomes one when a word before it says so.

// random judges the run of name characters b..e: three parts joined by dots as
// a bot token, and an opaque run after a word such as "token" as a secret. id is
// the answer of hexID.
func (sc *scanner) random(b, e int, id bool) (span, bool) {
	s := sc.s
	if !boundary(s, b) {
		return span{}, false
	}
	before, after := byte(0), byte(0)
	if b > 0 {
		before = s[b-1]
	}
	if e < len(s) {
		after = s[e]
	}
	run := s[b:e]
	if after == '.' && len(run) >= 23 && len(run) <= 28 && !sc.r.off[idToken] {
		if end, ok := botToken(s, e); ok {
			return span{b, end, idToken}, true
		}
	}
	if before == '/' {
		if sp, ok := sc.hookPath(b, e); ok {
			return sp, true
		}
	}
	if before == '|' && b > sc.lo && !sc.r.off[idToken] {
		if sp, ok := sc.appToken(b - 1); ok {
			return sp, true
		}
	}
	if after == '=' && !sc.r.off[idEncoded] && encodedPair(run) {
		for e < len(s) && s[e] == '=' {
			e++
		}
		return span{b, e, idEncoded}, true
	}
	if sc.r.off[idContext] {
		return span{}, false
	}
	// Datadog's keys have no mark of their own: 32 or 40 hexadecimal digits.
	if (len(run) == 32 || len(run) == 40) && isHexRun(run) && contextContains(s, b, 128, "datadog") && !sc.identified(b) {
		return span{b, e, idContext}, true
	}
	if !id {
		if sp, ok := sc.contextBase64(b, e); ok {
			return sp, true
		}
	}
	if len(run) >= minOpaque && (anyDigit(run) || letterNoise(run)) && sc.contextOrLink(b) && opaque(run) {
		return span{b, e, idContext}, true
	}
	if len(run) < minOpaque && before == '/' && sc.linkBefore(b-1) && randomMix(run) {
		return span{b, e, idContext}, true
	}
	return span{}, false
}

// linkBefore reports whether the part of a path before the slash at k is the end of a
// link that lets in whoever has it. Behind it shorter tokens are found than elsewhere.
func (sc *scanner) linkBefore(k int) bool {
	i := k
	for i > sc.lo && k-i <= maxLinkPath && nameBytes[sc.s[i-1]] {
		i--
	}
	return i > sc.lo && sc.s[i-1] == '/' && wordIn(linkPaths, sc.s[i:k])
}

// contextBase64 is for a run b..e that '+', '/' or '=' join to others: base64 is
// judged and redacted as a whole. A path is none.
func (sc *scanner) contextBase64(b, e int) (span, bool) {
	s := sc.s
	if (b == sc.lo || s[b-1] != '+' && s[b-1] != '/') && (e >= len(s) || s[e] != '+' && s[e] != '/' && s[e] != '=') {
		return span{}, false
	}
	from, to := blobStart(s, sc.lo, b), e
	for to < len(s) && to-e < maxBlob && (isAlnum(s[to]) || s[to] == '+' || s[to] == '/') {
		to++
	}
	text := s[from:to]
	padded := strings.HasPrefix(s[to:], "=")
	if len(text) < 24 || !padded && strings.IndexByte(text, '+') < 0 && len(text) != 40 || !randomBase64(text) || !sc.contextWord(from) {
		return span{}, false
	}
	for to < len(s) && s[to] == '=' {
		to++
	}
	return span{from, to, idContext}, true
}

// randomBase64 is opaque for base64 with '+' and '/' in it.
func randomBase64(text string) bool {
	digits, lower, upper := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			digits++
		case isLower(c):
			lower++
		case isUpper(c):
			upper++
		}
	}
	return digits > 0 && lower*6 >= len(text) && upper*6 >= len(text) || letterNoise(text)
}

// appToken matches Facebook's application tokens at the bar k: the application's
// number, a bar, 27 characters.
func (sc *scanner) appToken(k int) (span, bool) {
	s := sc.s
	id := k
	for id > sc.lo && k-id < 20 && isDigit(s[id-1]) {
		id--
	}
	id = unglueDigits(s, id, k)
	end := sc.tokenTail(k + 1)
	if n, rest := k-id, end-k-1; n < 15 || n > 16 || rest < 26 || rest > 40 {
		return span{}, false
	}
	return span{id, end, idToken}, true
}

// encodedPair reports whether run is base64 of user:password, in printable
// characters and with nothing else in it.
func encodedPair(run string) bool {
	var buf [96]byte
	if len(run) > 120 || strings.ContainsAny(run, "-_") {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], []byte(run))
	if err != nil || n == 0 || buf[0] == '{' || buf[0] == '[' {
		return false // JSON has its own rule
	}
	colon := 0
	for i, c := range buf[:n] {
		if c <= ' ' || c >= 0x7f {
			return false
		}
		if c == ':' && i > 0 {
			colon = i
		}
	}
	return colon > 0 && colon < n-1
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

// minOpaque is the shortest run that looks random.
const minOpaque = 20

// opaque reports whether a run looks like random characters: long enough, with
// letters and digits mixed, and not an identifier made of words and numbers.
func opaque(run string) bool {
	return len(run) >= minOpaque && randomMix(run)
}

// randomMix is opaque for a run of any length.
func randomMix(run string) bool {
	if isUUID(run) {
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
	return digits >= 2 && letters >= 2 && changes*6 >= len(run) || digits < 2 && letterNoise(run)
}

func isHexRun(run string) bool {
	for i := 0; i < len(run); i++ {
		if !isHex(run[i]) {
			return false
		}
	}
	return true
}

// isUUID reports whether run has the length and the dashes of a UUID, and
// hexadecimal digits where they are looked for.
func isUUID(run string) bool {
	return len(run) == 36 && run[8] == '-' && run[13] == '-' && run[18] == '-' && run[23] == '-' &&
		isHex(run[0]) && isHex(run[4]) && isHex(run[7]) && isHex(run[9]) && isHex(run[12]) && isHex(run[14]) &&
		isHex(run[19]) && isHex(run[24]) && isHex(run[30]) && isHex(run[35])
}

// announcer is a word before a random string. pair is the offset of two letters
// that few other words have.
type announcer struct {
	text string
	pair int
	link bool // only as a part of the path right before
}

// announcers announce a secret. They are matched as parts of words, so that
// apiKeyReplacer and authtoken announce one too. The links let in whoever has
// them: /verify-email/x, /magic-link/x.
var announcers = []announcer{
	{"token", 1, false}, {"secret", 2, false}, {"password", 3, false}, {"passwd", 3, false}, {"apikey", 2, false},
	{"api_key", 3, false}, {"api key", 3, false}, {"api-key", 3, false}, {"app_key", 3, false}, {"appkey", 2, false},
	{"app key", 3, false}, {"access key", 6, false}, {"accesskey", 5, false}, {"private key", 7, false}, {"credential", 0, false},
	{"bearer", 0, false}, {"signing key", 7, false}, {"basic", 0, false}, {"auth plain", 3, false}, {"auth login", 3, false},
	{"auth default", 3, false},
	{"verify", 4, true}, {"confirm", 2, true}, {"activat", 3, true}, {"magic", 2, true}, {"reset", 1, true}, {"unlock", 1, true},
	{"unsubscribe", 1, true}, {"invit", 1, true}, {"recover", 2, true},
}

// announcersByPair are the announcers by their pairs, five bits a letter: all but
// its case.
var announcersByPair = func() (t [1024][]announcer) {
	for _, w := range announcers {
		x := uint32(w.text[w.pair]&31)<<5 | uint32(w.text[w.pair+1]&31)
		t[x] = append(t[x], w)
	}
	return t
}()

// announcerPairs has a bit for each pair.
var announcerPairs = func() (t [16]uint64) {
	for x, list := range announcersByPair {
		if list != nil {
			t[x>>6] |= 1 << (x & 63)
		}
	}
	return t
}()

// contextWord reports whether a word stands in the 40 bytes before b, on the same
// line, that announces a secret.
func (sc *scanner) contextWord(b int) bool { return sc.announced(b, false) }

// contextOrLink is contextWord, or a link that lets in whoever has it.
func (sc *scanner) contextOrLink(b int) bool { return sc.announced(b, b > 3 && sc.s[b-1] == '/') }

func (sc *scanner) announced(b int, links bool) bool {
	s := sc.s[max(0, b-40):b]
	if strings.HasSuffix(s, "AUTH ") && boundary(s, len(s)-5) {
		return true // as Redis takes a password
	}
	x, words := uint32(0), true
	for i := 0; i < len(s); i++ {
		x = (x<<5 | uint32(s[i]&31)) & 1023
		if announcerPairs[x>>6]>>(x&63)&1 == 0 {
			continue
		}
		for _, w := range announcersByPair[x] {
			start := i - 1 - w.pair
			if start < 0 || !hasFold(s[start:], w.text) {
				continue
			}
			rest := s[start+len(w.text):]
			switch {
			case w.link:
				if links && len(rest) <= 32 && nameRun(rest[:len(rest)-1]) {
					return true
				}
			case strings.IndexByte(rest, '\n') >= 0: // on another line
			case words:
				if !countedWord(rest) {
					return !sc.identified(b)
				}
				words = false // the first word counts
			}
		}
	}
	return false
}

// nameRun reports whether s has name characters only.
func nameRun(s string) bool {
	for i := 0; i < len(s); i++ {
		if !nameBytes[s[i]] {
			return false
		}
	}
	return true
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

// lineStart returns where the line of p begins, at most distance bytes before p.
func lineStart(s string, p, distance int) int {
	from := max(0, p-distance)
	return from + strings.LastIndexByte(s[from:p], '\n') + 1
}

// contextContains reports whether word, in lower case, stands anywhere in the
// distance bytes before p.
func contextContains(s string, p, distance int, word string) bool {
	s = s[max(0, p-distance):p]
	first := word[0]
	for len(s) >= len(word) {
		// The next small and the next capital letter; few texts have either.
		i, j := strings.IndexByte(s, first), strings.IndexByte(s, first&^0x20)
		if i < 0 || j >= 0 && j < i {
			i = j
		}
		if i < 0 {
			return false
		}
		if hasFold(s[i:], word) {
			return true
		}
		s = s[i+1:]
	}
	return false
}
