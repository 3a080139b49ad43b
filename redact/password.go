package redact

import "strings"

// Passwords after the bare word: the lines of ~/.netrc, and sentences that say what a
// password is.

// passwordsIn looks at the words password and passwd of which the w is in the eight
// bytes before i or in i..end.
func (sc *scanner) passwordsIn(i, end int) (span, bool) {
	s := sc.s
	for k := max(i-8, sc.lo+4, 4); k < end; k++ {
		if s[k]|0x20 == 'w' && hasFold(s[k-4:], "pass") {
			if sp, ok := sc.passwordAt(k); ok {
				return sp, true
			}
		}
	}
	return span{}, false
}

// passwordAt looks at what follows the word password or passwd with its w at k.
func (sc *scanner) passwordAt(k int) (span, bool) {
	s := sc.s
	start, end := k-4, k
	switch {
	case start < sc.lo || sc.r.off[idContext]:
		return span{}, false
	case hasFold(s[k:], "word"):
		end += len("word")
	case hasFold(s[k:], "wd"):
		end += len("wd")
	default:
		return span{}, false
	}
	i := end
	for i < len(s) && isSpace(s[i]) && i-end < 16 {
		i++
	}
	if i == end || i >= len(s) || s[i] == '\n' || s[i] == '\r' || start > 0 && (isAlnum(s[start-1]) || s[start-1] == '_' || s[start-1] == '-') && !escapedBlank(s, start) {
		return span{}, false
	}
	if sp, ok := sc.netrc(start, i); ok {
		return sp, true
	}
	for _, verb := range [...]string{"is ", "was ", "is now "} {
		if hasFold(s[i:], verb) {
			i += len(verb)
			stop := i
			for stop < len(s) && !argumentEnds[s[stop]] && s[stop] != '\\' && s[stop] != ',' && s[stop] != ')' {
				stop++
			}
			for stop > i && (s[stop-1] == '.' || s[stop-1] == '!' || s[stop-1] == '?') {
				stop--
			}
			if chosen(s[i:stop]) {
				return span{i, stop, idContext}, true
			}
			if verb == "is " && hasFold(s[i:], "now ") {
				i -= len(verb)
				continue
			}
			return span{}, false
		}
	}
	return span{}, false
}

// netrc redacts the password of a machine: machine h login u password p, on a line or
// on three; the word password is at start, the password at i.
func (sc *scanner) netrc(start, i int) (span, bool) {
	s := sc.s
	name, at := wordBackward(s, start)
	if name == "" || s[start] != 'p' {
		return span{}, false
	}
	label, at2 := wordBackward(s, at)
	if label == "login" || label == "user" {
		name, at = wordBackward(s, at2)
		if name != "default" {
			label, _ = wordBackward(s, at)
		}
	}
	if label != "machine" && name != "default" {
		return span{}, false
	}
	stop := i
	for stop < len(s) && s[stop] > ' ' && !(s[stop] == '\\' && stop+1 < len(s) && (s[stop+1] == 'n' || isQuote(s[stop+1]))) && s[stop] != '"' {
		stop++
	}
	if stop == i || isMark(s[i:]) || trivial(s[i:stop]) {
		return span{}, false
	}
	return span{i, stop, idContext}, true
}

// blanksEnd returns where the white space at i ends, of which line ends may be
// escaped.
func blanksEnd(s string, i int) int {
	for n := 0; i < len(s) && n < 32; n++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 't' || s[i+1] == 'r'):
			i += 2
		default:
			return i
		}
	}
	return i
}

// escapedBlank reports whether an escaped line end or tab is before i.
func escapedBlank(s string, i int) bool {
	return i > 1 && s[i-2] == '\\' && (s[i-1] == 'n' || s[i-1] == 't' || s[i-1] == 'r')
}

// wordBackward returns the word before the white space before i, and where it begins.
func wordBackward(s string, i int) (string, int) {
	end := i
	for end > 0 && i-end < 32 && (s[end-1] <= ' ' || escapedBlank(s, end)) {
		if s[end-1] > ' ' {
			end--
		}
		end--
	}
	start := end
	for start > 0 && end-start < 128 && s[start-1] > ' ' && s[start-1] != '"' && s[start-1] != '`' && !escapedBlank(s, start) {
		start--
	}
	if end == i {
		return "", i
	}
	return s[start:end], start
}

// chosen reports whether a word of a sentence looks like a password that somebody has
// chosen, and not like the name of a method or of a thing that is counted.
func chosen(text string) bool {
	if len(text) < 6 || len(text) > 64 || !weakRandom(text) || !anyDigit(text) || strings.IndexByte(text, '=') >= 0 {
		return false
	}
	for _, method := range [...]string{"sha", "md5", "pbkdf2", "argon2", "base64"} {
		if hasFold(text, method) && !anyDigit(strings.TrimLeft(text[len(method):], "0123456789-_")) {
			return false
		}
	}
	// user42, utf-8
	name := strings.TrimRight(strings.TrimRight(text, "0123456789"), "_-#")
	if len(name) < len(text) && wordIn(countedNames, name) {
		return false
	}
	// 30days, 12-character
	rest := strings.TrimLeft(strings.TrimLeft(text, "0123456789"), "-+")
	return len(rest) == len(text) || anyDigit(rest) || !letters(rest)
}

// letters reports whether s has only letters.
func letters(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) {
			return false
		}
	}
	return true
}

// countedNames are words that a number follows: methods, things.
var countedNames = map[string]bool{
	"base": true, "oauth": true, "utf": true, "ipv": true, "pkcs": true, "rfc": true, "ntlm": true, "ntlmv": true,
	"aes": true, "crypt": true, "bcrypt": true, "scrypt": true, "http": true, "version": true, "method": true, "level": true, "step": true, "phase": true,
	"stage": true, "attempt": true, "try": true, "field": true, "line": true, "column": true, "row": true, "user": true,
	"account": true, "node": true, "host": true, "server": true, "rule": true, "policy": true, "page": true, "option": true,
	"entry": true, "item": true, "number": true, "slot": true, "index": true, "key": true, "test": true, "case": true,
	"type": true, "group": true, "part": true, "section": true, "form": true, "input": true, "prompt": true, "worker": true,
	"client": true, "device": true, "tenant": true, "service": true, "latin": true, "iso": true, "windows": true,
}
