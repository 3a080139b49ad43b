package redact

import "strings"

// value is the extent of a value in text.
type value struct {
	start, end int // without quotes
	close      int // after the closing quote
	quoted     bool
}

// valueOf decides about the value after a key with the verdict v. sep is the
// separator, i the position after it.
func (sc *scanner) valueOf(key keySpan, v verdict, sep byte, i int) (span, bool) {
	s := sc.s
	rule := idAssignment
	if v.str == strHeader {
		rule = idHeader
	}
	val := parseValue(s, i)
	if sep == ':' && !val.quoted && v.str >= strWord {
		if end, ok := yamlBlock(s, key.open, i); ok {
			return span{i, end, rule}, true
		}
	}
	if val.end <= val.start {
		return span{}, false
	}
	text := s[val.start:val.end]
	if isMark(s[val.start:]) {
		return span{}, false
	}
	structured := val.quoted && (key.quoted || sep == '=')
	if !val.quoted && v.str >= strWord && (text[0] == '[' || text[0] == '{') && !strings.HasPrefix(text, "{{") {
		return sc.bracketed(val, rule)
	}
	if trivial(text) {
		return span{}, false
	}
	switch v.str {
	case strHint:
		if !strongRandom(text) && !sc.settingLine(key, val, sep) {
			return span{}, false
		}
	case strStructured:
		if isUUID(strings.Trim(text, "{}")) && !key.quoted || !structured && !weakRandom(text) && !pinNumber(s[key.start:key.end], text) {
			return span{}, false
		}
	case strWord:
		if sep == ':' && !structured && !val.quoted && prose(s, val) {
			return span{}, false
		}
	}
	if !val.quoted && (placeholder(text) || objectName(s[key.start:key.end], text)) {
		return span{}, false
	}
	if v.str >= strWord && !val.quoted && sep == ':' {
		val.end = sc.extend(key, v, val, i)
	}
	return span{val.start, val.end, rule}, true
}

// objectName reports whether the value of a key such as token is how a program
// prints an object, and not a secret: Token{2f2ff2b3, android.os.Proxy@6c7bd17.
func objectName(key, text string) bool {
	if n := len(key); n < 5 || !hasFold(key[n-5:], "token") && (n < 7 || !hasFold(key[n-7:], "session")) {
		return false
	}
	i := 0
	for i < len(text) && (isLetter(text[i]) || text[i] == '.' || text[i] == '$') {
		i++
	}
	if i < 2 || i >= len(text) {
		return false
	}
	switch text[i] {
	case '{', '(':
		return isUpper(text[0])
	case '@':
		return strings.IndexByte(text[:i], '.') > 0 && len(text)-i <= 9 && isHexRun(text[i+1:])
	}
	return false
}

// placeholder reports whether text is the named place of a value in SQL: :name.
func placeholder(text string) bool {
	if len(text) < 2 || len(text) > 24 || text[0] != ':' && text[0] != '@' {
		return false
	}
	for i := 1; i < len(text); i++ {
		if !isLower(text[i]) && text[i] != '_' {
			return false
		}
	}
	return true
}

// pinNumber reports whether text is the number of a key such as card_pin.
func pinNumber(key, text string) bool {
	return len(key) >= 3 && hasFold(key[len(key)-3:], "pin") && len(text) >= 4 && len(text) <= 8 && digitsIn(text) == len(text)
}

// settingLine reports whether the line is nothing but "key: value", as in a
// configuration file or a header, with a value that looks like a secret. The
// community of SNMP is a password in all but name.
func (sc *scanner) settingLine(key keySpan, val value, sep byte) bool {
	s := sc.s
	if sep != ':' || !atLineStart(s, key.open) || !wholeLine(s, val.close) {
		return false
	}
	return weakRandom(s[val.start:val.end]) || hasFold(s[key.start:key.end], "community")
}

// extend lengthens an unquoted value: to the end of the line for headers and
// for a line that is nothing but "key: value".
func (sc *scanner) extend(key keySpan, v verdict, val value, i int) int {
	s := sc.s
	if v.str == strHeader {
		return headerEnd(s, val.start)
	}
	next := val.end >= len(s) || s[val.end] != ',' && s[val.end] != ';' // no list follows
	if next && i < len(s) && isSpace(s[i]) && atLineStart(s, key.open) {
		end := lineEnd(s, val.end)
		if quote := strings.IndexAny(s[val.end:end], "\"'`"); quote >= 0 {
			end = val.end + quote
		}
		return max(val.end, trimRight(s, val.end, end))
	}
	return val.end
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

// maxBracketed bounds, in bytes, how far the bracket that closes a list is
// sought.
const maxBracketed = 16 << 10

// bracketed redacts a list or an object after a strong key, to its closing
// bracket; without one, to the end of the line.
func (sc *scanner) bracketed(val value, rule ruleID) (span, bool) {
	s := sc.s
	depth := 0
	for i := val.start; i < min(len(s), val.start+maxBracketed); i++ {
		switch s[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				inner := strings.TrimSpace(s[val.start+1 : i])
				if inner == "" || isMark(inner) && strings.IndexByte(inner, ']') < 0 {
					return span{}, false
				}
				return span{val.start, i + 1, rule}, true
			}
		}
	}
	return span{val.start, lineEnd(s, val.start), rule}, true
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

// trivial reports whether a value is nothing worth hiding: empty, a constant of
// a language, or a reference to where the value comes from.
func trivial(text string) bool {
	switch len(text) {
	case 0:
		return true
	case 1:
		return text == "0" || text == "1" || text[0] < 0x80 && !isAlnum(text[0])
	}
	if wordIn(nothingWords, text) {
		return true
	}
	if plain := strings.Trim(text, "*$?:@%#.,;!-_<>(){}[]|/\\&^~+="); plain == "" && len(text) <= 2 || digitsIn(plain) == len(plain) && text[0] == '$' {
		return true // punctuation, or the place of a value in SQL
	}
	if strings.Trim(text, "*") == "" || strings.Trim(text, "*x") == "" && text[0] == 'x' {
		return true
	}
	return strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") ||
		strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}") ||
		len(text) == 2 && text[0] == '%'
}

// nothingWords are values that say that there is none.
var nothingWords = map[string]bool{
	"true": true, "false": true, "null": true, "nil": true, "none": true, "<nil>": true,
	"undefined": true, "(null)": true, "empty": true, "{}": true, "[]": true, "()": true,
	"yes": true, "no": true, "n/a": true, "unset": true, "(empty)": true, "<none>": true,
	"<empty>": true, "string": true, "eof": true, "%!s": true, "...": true,
}

// prose reports whether a bare value is the beginning of a sentence about the
// key and not its value: "invalid token: token has expired".
func prose(s string, val value) bool {
	text := s[val.start:val.end]
	if len(text) > 24 {
		return false
	}
	word := strings.TrimRight(text, ".,:;!")
	for i := 0; i < len(word); i++ {
		c := word[i]
		if !isLower(c) && !(i == 0 && isUpper(c)) && c != '\'' {
			return false
		}
	}
	if wordIn(proseWords, word) {
		return true
	}
	return val.end < len(s) && isSpace(s[val.end]) && val.end+1 < len(s) && isLetter(s[val.end+1])
}

// weakRandom reports whether text is more likely a secret than a word, a number
// or a plain identifier: letters and digits mixed.
func weakRandom(text string) bool {
	if len(text) < 6 || isUUID(text) || text[0] == '0' && len(text) <= 18 && text[1]|0x20 == 'x' {
		return false
	}
	digits, letters := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isDigit(c):
			digits++
		case isLetter(c):
			letters++
		case c == '(' || c == ')' || c == '|' || c == '@' || c == ':' || c == '{' || c == '[' || c >= 0x80:
			return false
		case c == '.' && len(text) < 20, c == '/' && len(text) < 20:
			return false
		}
	}
	return digits > 0 && letters > 0 || letters > 0 && len(text) >= 24 && !strings.ContainsAny(text, "_-./")
}

// strongRandom reports whether text looks random on its own.
func strongRandom(text string) bool {
	if len(text) < 12 || isUUID(text) || len(text) > 512 {
		return false
	}
	digits, letters, changes := 0, 0, 0
	prev := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
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
		case !tokenBytes[c]:
			return false
		}
		if i > 0 && kind != prev {
			changes++
		}
		prev = kind
	}
	return digits >= 2 && letters >= 2 && changes*5 >= len(text)
}
