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
			for stop < end && !credentialStops[s[stop]] {
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

// closedBefore takes the bracket off the end of the value from..end that closes one right
// before its key, which is at open: (Authorization: Bearer x).
func closedBefore(s string, open, from, end int) int {
	if open == 0 || end <= from+1 {
		return end
	}
	i := strings.IndexByte("([{", s[open-1])
	if i < 0 || s[end-1] != ")]}"[i] || strings.IndexByte(s[from:end], s[open-1]) >= 0 {
		return end
	}
	return end - 1
}

// credentialStops end a credential.
var credentialStops = byteSet(" \t,;\"'`]", false)

// schemeWords are authorization schemes with a single credential.
var schemeWords = map[string]bool{
	"bearer": true, "basic": true, "token": true, "apikey": true, "negotiate": true, "key": true,
	"api-token": true, "jwt": true, "api-key": true,
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// lineEnd returns the end of the line that i is on; an escaped line end counts.
func lineEnd(s string, i int) int {
	end := len(s)
	if n := strings.IndexByte(s[i:end], '\n'); n >= 0 {
		end = i + n
	}
	if n := strings.IndexByte(s[i:end], '\r'); n >= 0 {
		end = i + n
	}
	for k := i; k < end; k++ {
		n := strings.IndexByte(s[k:end], '\\')
		if n < 0 {
			break
		}
		if k += n; k+1 < len(s) && (s[k+1] == 'n' || s[k+1] == 'r') {
			return k
		}
	}
	return end
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
	i = valueStart(s, i)
	if q := openingQuote(s, i); q >= 0 {
		return quotedValue(s, q, q-i)
	}
	if strings.HasPrefix(s[i:], "%22") {
		return encodedQuote(s, i, "%22")
	}
	if strings.HasPrefix(s[i:], "&quot;") {
		return encodedQuote(s, i, "&quot;")
	}
	end := bareEnd(s, i)
	if v, ok := literal(s, i, end); ok {
		return v
	}
	return value{i, end, end, false}
}

// encodedQuote is quotedValue for quotes that are written as quote, on one line.
func encodedQuote(s string, i int, quote string) value {
	start := i + len(quote)
	end := lineEnd(s, start)
	if e := strings.Index(s[start:end], quote); e >= 0 {
		return value{start, start + e, start + e + len(quote), true}
	}
	return value{start, end, end, true}
}

// valueStart skips what may stand before a value: spaces, a colour of a terminal,
// and the type that PHP writes on the line after an arrow.
func valueStart(s string, i int) int {
	start := i
	for i < len(s) && isSpace(s[i]) && i-start < 64 {
		i++
	}
	if i < len(s) && (s[i] == 0x1b || s[i] == '\\') {
		for n := colourLength(s[i:]); n > 0; n = colourLength(s[i:]) {
			i += n
		}
		for i < len(s) && isSpace(s[i]) {
			i++
		}
	}
	if i < len(s) && s[i] == '\n' && start >= 2 && s[start-2:start] == "=>" {
		rest := strings.TrimLeft(s[i:min(len(s), i+64)], " \t\n")
		if strings.HasPrefix(rest, "string(") {
			if p := strings.IndexByte(rest, ')'); p > 0 && p+2 < len(rest) && rest[p+1] == ' ' {
				return i + strings.IndexByte(s[i:], 's') + p + 2
			}
		}
	}
	return i
}

// openingQuote returns the position of a quote at i, with backslashes before it,
// or -1.
func openingQuote(s string, i int) int {
	j := i
	for j < len(s) && s[j] == '\\' && j-i < 16 {
		j++
	}
	if j < len(s) && isQuote(s[j]) {
		return j
	}
	return -1
}

// literal reads a string with something before its quote at end: b'x', &"x",
// Some("x"), []byte("x"), <<"x">>. What a function that looks something up is
// called with is a name and no value: os.Getenv("DB_PASSWORD").
func literal(s string, i, end int) (value, bool) {
	if strings.HasPrefix(s[i:], `<<"`) {
		return quotedValue(s, i+2, 0), true
	}
	q := openingQuote(s, end)
	if q < 0 || end == i {
		return value{}, false
	}
	head := s[i:end]
	switch c := head[len(head)-1]; {
	case c == '(' || c == '[' && len(head) > 1 && isAlnum(head[len(head)-2]):
		for _, w := range lookups {
			if containsFold(head, w) {
				return value{i, i, i, false}, true
			}
		}
	case literalHead(head):
	default:
		return value{}, false
	}
	return quotedValue(s, q, q-end), true
}

// literalHead reports whether head may stand before the quote of a string in a program:
// b'x', rb'x', N'x', &"x", @"x".
func literalHead(head string) bool {
	switch len(head) {
	case 1:
		return strings.IndexByte("bBrRuUfFnNeExXlLqQ&*@$", head[0]) >= 0
	case 2:
		return hasFold(head, "br") || hasFold(head, "rb") || hasFold(head, "fr") || hasFold(head, "rf") || head == "u8" || head == "qq" || head == "$@" || head == "@$"
	}
	return false
}

// lookups are parts of the names of functions that take the name of a value.
var lookups = []string{"get", "env", "load", "read", "fetch", "find", "param", "query", "input", "config", "flag"}

// containsFold reports whether s contains the lower-case ASCII word w in any case.
func containsFold(s, w string) bool {
	for i := 0; i+len(w) <= len(s); i++ {
		if hasFold(s[i:], w) {
			return true
		}
	}
	return false
}

// quotedValue finds the end of a value whose quote at q has slashes backslashes
// before it. A value without an end runs to the end of the line: better too
// much than half a secret.
func quotedValue(s string, q, slashes int) value {
	quote := s[q]
	run, line := 0, 0
	for i := q + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			run++
			continue
		case c == '\n' && line == 0:
			line = i
		case c == '\'' && quote == c && slashes == 0 && run == 0 && i > q+1 && goesOn(s, i):
			i += goesOnBy(s, i)
			continue
		case c == quote && (slashes == 0 && run%2 == 0 || slashes > 0 && run <= slashes || quote == '`'):
			if line > 0 && (i-line > maxBracketed || opensLine(s, i)) {
				end := lineEnd(s, q+1) // the quote of another value: this one has no end
				return value{q + 1, end, end, true}
			}
			return value{q + 1, i - min(run, slashes), i + 1, true}
		}
		run = 0
	}
	end := lineEnd(s, q+1)
	return value{q + 1, end, end, true}
}

// opensLine reports whether the quote at i, on a later line than a quote before it, begins
// a string of its own, or is an apostrophe.
func opensLine(s string, i int) bool {
	if i+1 >= len(s) || !isAlnum(s[i+1]) && s[i+1] != '/' && s[i+1] != '$' && s[i+1] != '{' && s[i+1] != '[' && s[i+1] != '<' && s[i+1] != '%' {
		return false
	}
	for p := i - 1; p > 0; p-- {
		switch s[p] {
		case ' ', '\t':
		case '\n':
			return false // it stands at the beginning of its line
		default:
			return p < i-1 || isAlnum(s[p]) || strings.IndexByte("=:([{,>;", s[p]) >= 0
		}
	}
	return false
}

// goesOn reports whether the single quote at i does not end its string, but stands
// for a quote in it: doubled as in SQL, or as a shell writes it, with a backslash
// between two strings.
func goesOn(s string, i int) bool { return goesOnBy(s, i) > 0 }

func goesOnBy(s string, i int) int {
	if strings.HasPrefix(s[i:], `'\''`) {
		return len(`'\''`) - 1
	}
	if i+2 < len(s) && s[i+1] == '\'' && (isAlnum(s[i+2]) || s[i+2] >= 0x80) {
		return 1
	}
	return 0
}

// bareEnd finds the end of a value without quotes: white space, a quote, a
// bracket or separator that something follows as it would follow a value.
func bareEnd(s string, i int) int {
	start := i
	plain := i > 0 && s[i-1] == '='
	if i >= len(s) || opensNothing(s, i) {
		return i
	}
	if strings.HasPrefix(s[i:], "${") {
		if e := strings.IndexByte(s[i:min(len(s), i+64)], '}'); e > 0 && (i+e+1 >= len(s) || !isAlnum(s[i+e+1])) {
			return i + e + 1
		}
	}
	for ; i < len(s); i++ {
		c := s[i]
		if !bareStops[c] {
			continue
		}
		switch c {
		case ' ', '\t', '\n', '\r', 0x1b:
			return i
		case '"', '\'', '`':
			if quoteCloses(s, i) || i == start || literalHead(s[start:i]) || s[i-1] == '(' || s[i-1] == '[' {
				return i // for literal, too
			}
		case '<':
			if startsTag(s, i) {
				return i
			}
		case '|':
			if !strings.HasPrefix(s[i:], "||") && quoteCloses(s, i) || listGoesOn(s, i) || piped(s, start) {
				return i
			}
		case '\\':
			n := escapeIn(s, i)
			if n == 0 {
				return i
			}
			i += n - 1
		case '&', ',', ';':
			if i > start && listGoesOn(s, i) {
				return i
			}
		case ')', ']', '}', '>':
			if i > start && bracketCloses(s, start, i) {
				return i
			}
		case '%':
			if plain {
				continue // the encoded '&' of a value that is not encoded as a whole
			}
			if i > start && strings.HasPrefix(s[i:], "%26") || strings.HasPrefix(s[i:], "%22") || strings.HasPrefix(s[i:], "%0A") {
				return i
			}
		}
	}
	return i
}

// bareStops are the bytes at which bareEnd looks twice.
var bareStops = byteSet(" \t\n\r\"'`<|\x1b\\&,;)]}>%", false)

// opensNothing reports whether what stands at i, in the place of a value, is none: a
// block of YAML, a tag, a comparison, a redirection, the place of a value as in
// <password>.
func opensNothing(s string, i int) bool {
	next := byte(' ')
	if i+1 < len(s) {
		next = s[i+1]
	}
	switch s[i] {
	case '|':
		n := i + 1
		for n < len(s) && n-i < 4 && (s[n] == '-' || s[n] == '+' || isDigit(s[n])) {
			n++
		}
		return n >= len(s) || s[n] <= ' ' || next == '|'
	case '<':
		if next <= ' ' || strings.IndexByte("<=-%!?/", next) >= 0 {
			return true
		}
		n := strings.IndexByte(s[i:min(len(s), i+64)], '>')
		if n < 0 {
			return false
		}
		inner := s[i+1 : i+n]
		return strings.IndexByte(inner, ' ') >= 0 || !weakRandom(inner) || startsTag(s, i) && !quoteCloses(s, i+n)
	}
	return false
}

// piped reports whether '|' parts the values of the line on which a value begins at i.
func piped(s string, i int) bool {
	before := s[max(0, i-128):i]
	return strings.IndexByte(before[strings.LastIndexByte(before, '\n')+1:], '|') >= 0
}

// escapeIn returns how many bytes of a bare value the backslashes at i and what they
// escape are; 0 when they end it, as a line end, a tab or a quote does.
func escapeIn(s string, i int) int {
	n := i
	for n < len(s) && s[n] == '\\' {
		n++
	}
	if n >= len(s) || isQuote(s[n]) {
		return 0
	}
	switch s[n] {
	case 'n', 'r', 't':
		return 0
	case 'u':
		if n+5 >= len(s) || s[n+1] != '0' || s[n+2] != '0' {
			return n - i // a letter of another alphabet
		}
		switch s[n+3 : n+5] {
		case "3c", "3C", "3e", "3E":
			// '<' or '>': that of a tag, unless the value goes on.
			if isAlnum(s[n+5]) && !strings.Contains(s[n+5:min(len(s), n+maxKeyBack)], `\u003e`) {
				return n + 5 - i
			}
		}
		return 0
	}
	return n - i
}

// bracketCloses reports whether the bracket at i, in or after the value that begins at
// start, is one around the value.
func bracketCloses(s string, start, i int) bool {
	if i+1 >= len(s) {
		return true
	}
	c := s[i+1]
	if isAlnum(c) || strings.IndexByte("!#$^*~@_", c) >= 0 {
		return false
	}
	if afterQuote[c] || c == '<' {
		return true
	}
	open := byte('(')
	switch s[i] {
	case ']':
		open = '['
	case '}':
		open = '{'
	case '>':
		open = '<'
	}
	return strings.IndexByte(s[start:i], open) < 0
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
	return j > i+1 && j < len(s) && (s[j] == '=' || s[j] == ':') || j == len(s) && s[i] == '&' && !weakRandom(s[i+1:])
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
