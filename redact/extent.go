package redact

import "strings"

// value is the extent of a value in text.
type value struct {
	start, end int // without quotes
	close      int // after the closing quote
	quoted     bool
}

// headerEnd returns the end of a header's value that begins at i. A scheme with
// a single credential ends there; everything else takes the line, up to a quote
// or bracket that surrounds the header.
func headerEnd(s string, i int) int {
	end := lineEnd(s, i)
	word := i
	for word < end && (isAlnum(s[word]) || s[word] == '-') {
		word++
	}
	if word < end && isSpace(s[word]) {
		if wordIn(schemeWords, s[i:word]) {
			cred := word
			for cred < end && isSpace(s[cred]) {
				cred++
			}
			stop := cred
			for stop < end && !isSpace(s[stop]) && s[stop] != ',' && s[stop] != ';' && !isQuote(s[stop]) && s[stop] != ']' {
				stop++
			}
			return stop
		}
	}
	// A quote after '=' opens a part of the header, as in realm="x"; the next one
	// like it closes that part. Any other quote surrounds the header.
	open := byte(0)
	for stop := i; stop < end; stop++ {
		switch c := s[stop]; {
		case !isQuote(c):
		case c == open:
			open = 0
		case open != 0:
		case stop > i && s[stop-1] == '=':
			open = c
		default:
			return stop
		}
	}
	return trimRight(s, i, end)
}

// schemeWords are authorization schemes with a single credential.
var schemeWords = map[string]bool{
	"bearer": true, "basic": true, "token": true, "apikey": true, "negotiate": true, "key": true,
	"api-token": true, "jwt": true, "api-key": true,
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// lineEnd returns the end of the line that i is on; an escaped line end counts.
func lineEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch s[i] {
		case '\n', '\r':
			return i
		case '\\':
			if i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r') {
				return i
			}
		}
	}
	return i
}

// atLineStart reports whether nothing but white space, a list dash or a comment
// sign stands before p on its line.
func atLineStart(s string, p int) bool {
	for i := p - 1; i >= 0 && p-i < 64; i-- {
		switch s[i] {
		case ' ', '\t', '-', '#':
		case '\n', '\r':
			return true
		case 'n':
			return i > 0 && s[i-1] == '\\'
		default:
			return false
		}
	}
	return p < 64
}

// wholeLine reports whether nothing follows p on its line.
func wholeLine(s string, p int) bool { return trimRight(s, p, lineEnd(s, p)) == p }

// parseValue finds the value at i, in quotes of any kind or bare.
func parseValue(s string, i int) value {
	start := i
	for i < len(s) && isSpace(s[i]) && i-start < 64 {
		i++
	}
	j := i
	for j < len(s) && s[j] == '\\' && j-i < 16 {
		j++
	}
	if j < len(s) && isQuote(s[j]) {
		return quotedValue(s, j, j-i)
	}
	if strings.HasPrefix(s[i:], "%22") {
		if e := strings.Index(s[i+3:], "%22"); e >= 0 {
			return value{i + 3, i + 3 + e, i + 6 + e, true}
		}
	}
	if strings.HasPrefix(s[i:], "&quot;") {
		if e := strings.Index(s[i+6:], "&quot;"); e >= 0 {
			return value{i + 6, i + 6 + e, i + 12 + e, true}
		}
	}
	end := bareEnd(s, i)
	return value{i, end, end, false}
}

// quotedValue finds the end of a value whose quote at q has slashes backslashes
// before it. A value without an end runs to the end of the line: better too
// much than half a secret.
func quotedValue(s string, q, slashes int) value {
	quote := s[q]
	run := 0
	for i := q + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			run++
			continue
		case c == quote && (slashes == 0 && run%2 == 0 || slashes > 0 && run <= slashes || quote == '`'):
			return value{q + 1, i - min(run, slashes), i + 1, true}
		}
		run = 0
	}
	end := lineEnd(s, q+1)
	return value{q + 1, end, end, true}
}

// bareEnd finds the end of a value without quotes: white space, a quote, a
// bracket or separator that something follows as it would follow a value.
func bareEnd(s string, i int) int {
	start := i
	if strings.HasPrefix(s[i:], "${") {
		if e := strings.IndexByte(s[i:min(len(s), i+64)], '}'); e > 0 {
			return i + e + 1
		}
	}
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r', '"', '\'', '`', '<', '|':
			return i
		case '\\':
			if i+1 >= len(s) || s[i+1] == 'n' || s[i+1] == 'r' || s[i+1] == 't' || isQuote(s[i+1]) || s[i+1] == '\\' ||
				s[i+1] == 'u' {
				return i
			}
		case '&', ',', ';':
			if i > start && listGoesOn(s, i) {
				return i
			}
		case ')', ']', '}', '>':
			if i > start && (i+1 >= len(s) || !isAlnum(s[i+1])) {
				return i
			}
		case '%':
			if i > start && strings.HasPrefix(s[i:], "%26") || strings.HasPrefix(s[i:], "%22") || strings.HasPrefix(s[i:], "%0A") {
				return i
			}
		}
	}
	return i
}

// listGoesOn reports whether the separator at i parts this value from a next
// one, and is not a character of the value.
func listGoesOn(s string, i int) bool {
	j := i + 1
	if j >= len(s) || isSpace(s[j]) || isQuote(s[j]) || s[j] == '\n' || s[j] == '\r' {
		return true
	}
	if strings.HasPrefix(s[i:], "&quot;") || strings.HasPrefix(s[i:], "&amp;") {
		return true
	}
	for j < len(s) && (keyBytes[s[j]] || s[j] == ']') && j-i < maxKeyBack {
		j++
	}
	return j > i+1 && j < len(s) && (s[j] == '=' || s[j] == ':') || j == len(s) && s[i] == '&'
}

// yamlBlock finds a value of YAML on the lines after "key:": a block (| or >)
// or a list. key is where the key begins, i the position after the colon.
func yamlBlock(s string, key, i int) (int, bool) {
	eol := i
	for eol < len(s) && s[eol] != '\n' && eol-i < 8 {
		eol++
	}
	if eol >= len(s) || s[eol] != '\n' {
		return 0, false
	}
	head := strings.TrimSpace(s[i:eol])
	block := head != "" && (head[0] == '|' || head[0] == '>')
	if head != "" && !block {
		return 0, false
	}
	indent := 0
	for p := key; p > 0 && s[p-1] != '\n'; p-- {
		indent++
	}
	end := eol
	for end < len(s) {
		next := end + 1
		stop := next
		for stop < len(s) && s[stop] != '\n' {
			stop++
		}
		line := s[min(next, len(s)):stop]
		body := strings.TrimLeft(line, " \t")
		deeper := len(line)-len(body) > indent
		if body == "" && !block || !block && !strings.HasPrefix(body, "- ") || block && !deeper && body != "" {
			break
		}
		end = stop
	}
	if strings.TrimSpace(s[eol:end]) == "" {
		return 0, false
	}
	return end, true
}
