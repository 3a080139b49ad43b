package redact

import "strings"

// The userinfo of a URL as programs write it, and not as RFC 3986 allows it: a password
// with a '<', a quote, a space or a backslash in it makes net/url refuse the URL, and
// print it in the error.

// looseAt returns where the '@' of the userinfo is that w begins with, when bytes that
// no URL may have stand before it; -1 when there is none. colon is the one after the
// user, and first the first such byte. open is the quote before the URL, 0 when there
// is none, and slashes are the backslashes before that.
func looseAt(w string, colon, first int, open byte, slashes int) int {
	pw := colon + 1
	if loosePlace(w, pw) {
		return -1
	}
	port := first > pw && digitsIn(w[pw:first]) == first-pw
	if port && (isSpace(w[first]) || w[first] == '>' || startsTag(w, first)) {
		return -1
	}
	at, blanks, run := -1, 0, 0
	for i := pw; i < len(w); i++ {
		c := w[i]
		switch {
		case c == '@':
			if i+1 < len(w) && (isAlnum(w[i+1]) || w[i+1] == '[' || w[i+1] >= 0x80) {
				at = i
			}
		case c == '/' || c == '?' || c == '#':
			if at >= 0 {
				return loose(w, pw, at, blanks, open)
			}
		case isSpace(c):
			if at >= 0 || port || open == 0 && (i == pw || strings.IndexByte(",;:.)]}>", w[i-1]) >= 0) {
				return loose(w, pw, at, blanks, open)
			}
			blanks++
		case c == '\\':
			run++
			continue
		case isQuote(c) && (c != open || run <= slashes) && quoteCloses(w, i), c < ' ', c == 0x7f:
			return loose(w, pw, at, blanks, open)
		}
		run = 0
	}
	return loose(w, pw, at, blanks, open)
}

// loose is at, or -1 when w[pw:at] has blanks and is more likely a part of a sentence.
func loose(w string, pw, at, blanks int, open byte) int {
	if at < 0 || blanks == 0 || open != 0 {
		return at
	}
	head, _, _ := strings.Cut(w[pw:at], " ")
	if blanks > 3 || trivial(head) || upperName(strings.TrimLeft(head, "$")) {
		return -1
	}
	i := at + 1
	for i < len(w) && (nameBytes[w[i]] || w[i] == '.') {
		i++
	}
	if i < len(w) && (w[i] == '/' || w[i] == '?' || w[i] == ':' && i+1 < len(w) && isDigit(w[i+1])) ||
		strings.IndexByte(w[at+1:i], '.') < 0 {
		return at
	}
	return -1
}

// loosePlace reports whether the place of a password stands at i: <password>@.
func loosePlace(w string, i int) bool {
	if i >= len(w) || w[i] != '<' {
		return false
	}
	for i++; i < len(w) && (isLetter(w[i]) || w[i] == '_' || w[i] == '-' || w[i] == ' '); i++ {
	}
	return i+1 < len(w) && w[i] == '>' && w[i+1] == '@'
}

// quoteCloses reports whether the quote at i is followed by what comes after a string,
// so that it is no character of a value.
func quoteCloses(s string, i int) bool { return i+1 >= len(s) || afterQuote[s[i+1]] }

// afterQuote are the bytes that stand after a string in quotes.
var afterQuote = byteSet(" \t\n\r,;:.)]}>\\\"'`/&|", false)

// startsTag reports whether a tag of HTML or XML begins with the '<' at i.
func startsTag(s string, i int) bool {
	if i+1 >= len(s) || s[i] != '<' {
		return false
	}
	i++
	if s[i] == '/' || s[i] == '!' || s[i] == '?' {
		return true
	}
	start := i
	for i < len(s) && i-start < maxKeyBack && (nameBytes[s[i]] || s[i] == ':') {
		i++
	}
	if i == start || i >= len(s) {
		return false
	}
	return s[i] == '>' || s[i] == '/' && i+1 < len(s) && s[i+1] == '>' ||
		s[i] == ' ' && strings.IndexByte(s[i:min(len(s), i+maxKeyBack)], '>') > 0
}

// quoteBefore returns the quote before the scheme that ends at k, and how many
// backslashes stand before it; 0 when there is no quote.
func quoteBefore(s string, k int) (quote byte, slashes int) {
	i := k
	for i > 0 && k-i < 32 && (isAlnum(s[i-1]) || s[i-1] == '+' || s[i-1] == '.' || s[i-1] == '-' || s[i-1] == ':') {
		i--
	}
	if i == 0 || !isQuote(s[i-1]) {
		return 0, 0
	}
	quote = s[i-1]
	for i--; i > 0 && s[i-1] == '\\'; i-- {
		slashes++
	}
	return quote, slashes
}

// queuePort queues what net/url takes for the port of a URL whose password has a '/', '?'
// or '#' in it: invalid port ":x" after host. i is where the password ends.
func (sc *scanner) queuePort(i int, password string) {
	const label = "invalid port "
	s := sc.s[i:min(len(sc.s), i+maxUserinfo)]
	n := strings.Index(s, label)
	if n < 0 {
		return
	}
	start := i + n + len(label)
	for start < len(sc.s) && (sc.s[start] == '\\' || isQuote(sc.s[start]) || sc.s[start] == ':') {
		start++
	}
	end := start
	for end < len(sc.s) && end-start < len(password) && sc.s[end] == password[end-start] {
		end++
	}
	if end > start {
		sc.queue(span{start, end, idURL})
	}
}

// portWords stand for a port.
var portWords = map[string]bool{"port": true, "db_port": true, "dbport": true, "server_port": true, "http_port": true}

// refusedPort looks at what net/url leaves of a URL whose password has a '#' in it, and
// takes for a port: parse "postgres://app:x": invalid port ":x" after host.
func (sc *scanner) refusedPort(start int, window string) (span, bool) {
	q := strings.IndexByte(window, '"')
	if q < 0 || !strings.HasPrefix(window[q:], `": invalid port `) {
		return span{}, false
	}
	end := q
	if i := strings.IndexAny(window[:q], `/?\`); i >= 0 {
		end = i
	}
	colon := strings.IndexByte(window[:end], ':')
	if colon < 0 || window[0] == '[' {
		return span{}, false
	}
	text := window[colon+1 : end]
	if text == "" || isMark(text) || trivial(text) || wordIn(portWords, strings.Trim(text, "${}<>")) ||
		digitsIn(text) >= 2 && digitsIn(text) >= len(text)-1 {
		return span{}, false // a slip of the pen, or the place of a port
	}
	sc.queuePort(start+end, text)
	return span{start + colon + 1, start + end, idURL}, true
}

// linkPaths are the ends of paths of links that let in whoever has them.
var linkPaths = map[string]bool{
	"verify": true, "verify-email": true, "verify_email": true, "reset": true, "reset-password": true, "reset_password": true, "password-reset": true,
	"confirm": true, "confirm-email": true, "activate": true, "magic": true, "magic-link": true, "magiclink": true, "unlock": true, "invite": true,
	"recover": true, "accept-invite": true,
}

// paramBytes are the bytes of a parameter of a URL.
var paramBytes = func() (t [256]bool) {
	for i := range t {
		c := byte(i)
		t[i] = urlByte(c) && c != '&' && c != '#' && c != ',' && c != ')' && c != ']' && c != '}'
	}
	return t
}()

// queueLink queues the parameter with a name of one letter of a link such as
// https://x/verify?t=abc123. start is where the host begins, and q how far behind it the
// question mark is.
func (sc *scanner) queueLink(start, q int) {
	s := sc.s
	path := s[start : start+q]
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || !wordIn(linkPaths, path[slash+1:]) || sc.queued.end > 0 || sc.r.off[idContext] {
		return
	}
	for i := start + q + 1; i+2 < len(s) && i-start < maxUserinfo; {
		end := i
		for end < len(s) && end-i < maxUserinfo && paramBytes[s[end]] {
			end++
		}
		if s[i+1] == '=' && isLetter(s[i]) && end-i >= 10 && weakRandom(s[i+2:end]) {
			for end < len(s) && paramBytes[s[end]] {
				end++
			}
			sc.queue(span{i + 2, end, idContext})
			return
		}
		if end >= len(s) || s[end] != '&' {
			return
		}
		i = end + 1
	}
}
