package redact

import "strings"

// arrow looks at key -> value, as Scala and OCaml print maps; k is the dash.
func (sc *scanner) arrow(k int) (span, bool) {
	s := sc.s
	key, ok := keyBefore(s, k, sc.lo)
	if !ok || !sc.mayBeSecret(s[key.start:key.end]) || sc.r.verdict(s[key.start:key.end]).str < strWord {
		return span{}, false
	}
	val := parseValue(s, k+2)
	if val.end <= val.start || isMark(s[val.start:]) {
		return span{}, false
	}
	if text := s[val.start:val.end]; val.quoted && !trivial(text) || weakRandom(text) {
		return span{val.start, val.end, idAssignment}, true
	}
	return span{}, false
}

// pair redacts the second of two quoted strings when the first is the name of a
// secret: setProperty("API_TOKEN", "x"), ["Authorization", "Bearer x"].
func (sc *scanner) pair(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idAssignment] || k == 0 || !isQuote(s[k-1]) {
		return span{}, false
	}
	if keyFollows(s, k+1) {
		return span{}, false
	}
	if _, may := sc.quotedGrams(k - 1); !may {
		return span{}, false
	}
	key, ok := keyBefore(s, k, sc.lo)
	if !ok || !key.quoted {
		return span{}, false
	}
	name := s[key.start:key.end]
	if !sc.mayBeSecret(name) {
		return span{}, false
	}
	v := sc.r.verdict(name)
	if v.most() < strWord {
		return span{}, false
	}
	val := parseValue(s, k+1)
	if !val.quoted || val.end <= val.start || isMark(s[val.start:]) || trivial(s[val.start:val.end]) || v.stays(s[val.start:val.end]) {
		return span{}, false
	}
	text := s[val.start:val.end]
	if (v.most() == strWord && plainWord(text) || plainName(text)) && !setter(s, key.open) {
		return span{}, false // a list of words, such as column names
	}
	return span{val.start, val.end, idAssignment}, true
}

// setter reports whether the parenthesis before i is that of a function which
// sets its first argument to the second: setProperty("password", "x").
func setter(s string, i int) bool {
	if i == 0 || s[i-1] != '(' {
		return false
	}
	end := i - 1
	start := end
	for start > 0 && end-start < 32 && nameBytes[s[start-1]] {
		start--
	}
	name := s[start:end]
	return containsFold(name, "set") || containsFold(name, "put") || containsFold(name, "add") || containsFold(name, "header") || containsFold(name, "with")
}

// quoted redacts a quoted string after a word that names a password: PASSWORD
// 'x', IDENTIFIED BY 'x', PASSWORD('x'), passphrase "x". k is the quote.
func (sc *scanner) quoted(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idAssignment] {
		return span{}, false
	}
	end := k - 1
	start := end
	for start > sc.lo && end-start < 16 && isLetter(s[start-1]) {
		start--
	}
	word := s[start:end]
	if start > sc.lo && s[start-1] == '_' && sc.variable(start, end) {
		word = "password"
	}
	switch len(word) {
	case 1:
		if !secretFlag(s, start) {
			return span{}, false
		}
	case 2, 3:
		switch {
		case hasFold(word, "by"):
			if start < 11 || !hasFold(s[start-11:], "identified ") {
				return span{}, false
			}
		case hasFold(word, "is"), hasFold(word, "was"):
			if start == 0 || s[start-1] != ' ' || !passwordWord(lastWordOf(s, start-1)) {
				return span{}, false
			}
		default:
			return span{}, false
		}
	case 5:
		return sc.duplicate(word, k)
	case 6, 8, 10:
		if !passwordWord(word) && !(hasFold(word, "phrase") && start > sc.lo && sc.r.verdict(lastWordOf(s, start-1)+word).str >= strStrong) {
			return span{}, false
		}
	default:
		return span{}, false
	}
	val := parseValue(s, k)
	if val.end <= val.start || isMark(s[val.start:]) || trivial(s[val.start:val.end]) || wordIn(proseWords, s[val.start:val.end]) {
		return span{}, false
	}
	return span{val.start, val.end, idAssignment}, true
}

// variable reports whether the word that ends at end is the name of a variable of
// the environment that holds a secret: setx API_KEY "x".
func (sc *scanner) variable(start, end int) bool {
	s := sc.s
	for start > sc.lo && end-start < maxKeyBack && nameBytes[s[start-1]] {
		start--
	}
	return upperName(s[start:end]) && sc.r.verdict(s[start:end]).str >= strWord
}

func passwordWord(word string) bool {
	switch len(word) {
	case 6:
		return hasFold(word, "passwd")
	case 8:
		return hasFold(word, "password") || hasFold(word, "passcode")
	case 10:
		return hasFold(word, "passphrase")
	}
	return false
}

// lastWordOf returns the word of letters that ends before i.
func lastWordOf(s string, i int) string {
	start := i
	for start > 0 && i-start < 24 && isLetter(s[start-1]) {
		start--
	}
	return s[start:i]
}

// secretFlag reports whether the letter at i is the flag by which a program that
// stands before it takes a password: sshpass -p, redis-cli -a, ldapsearch -w.
func secretFlag(s string, i int) bool {
	if i < 2 || s[i-1] != '-' || s[i-2] != ' ' {
		return false
	}
	before := s[max(0, i-96) : i-2]
	switch s[i] {
	case 'p':
		return strings.Contains(before, "sshpass") || strings.Contains(before, " login")
	case 'a':
		return strings.Contains(before, "redis-cli")
	case 'w':
		return strings.Contains(before, "ldap")
	}
	return false
}

// duplicate looks at MySQL's "Duplicate entry 'x' for key 'sessions.token'": the
// value stands before its name. k is the first quote.
func (sc *scanner) duplicate(word string, k int) (span, bool) {
	const between = " for key "
	if !hasFold(word, "entry") {
		return span{}, false
	}
	s := sc.s
	val := parseValue(s, k)
	if val.end <= val.start || !strings.HasPrefix(s[val.close:], between) || isMark(s[val.start:]) {
		return span{}, false
	}
	name := parseValue(s, val.close+len(between))
	if !name.quoted || name.end-name.start > maxKeyBack || sc.r.verdict(lastSegments(s[name.start:name.end], true)).str < strWord {
		return span{}, false
	}
	return span{val.start, val.end, idAssignment}, true
}

// tuple redacts the second of {password,"x"}, as Erlang writes pairs; k is the
// quote.
func (sc *scanner) tuple(k int) (span, bool) {
	s := sc.s
	start := k - 1
	for start > sc.lo && k-start < maxKeyBack && nameBytes[s[start-1]] {
		start--
	}
	name := s[start : k-1]
	if sc.r.off[idAssignment] || start == 0 || s[start-1] != '{' || !sc.mayBeSecret(name) || sc.r.verdict(name).str < strWord {
		return span{}, false
	}
	val := parseValue(s, k)
	if val.end <= val.start || isMark(s[val.start:]) || trivial(s[val.start:val.end]) || plainName(s[val.start:val.end]) {
		return span{}, false
	}
	return span{val.start, val.end, idAssignment}, true
}

// plainName reports whether text is itself the name of a field: ["password",
// "email", "user_id"].
func plainName(text string) bool {
	if len(text) > 24 {
		return false
	}
	capital := isUpper(text[0]) // Www-Authenticate
	for i := 0; i < len(text); i++ {
		c := text[i]
		first := i == 0 || text[i-1] == '-'
		if isLower(c) && !(capital && first) || c == '_' && !capital || capital && (c == '-' && i > 0 || first && isUpper(c)) {
			continue
		}
		return false
	}
	return !capital || strings.IndexByte(text, '-') > 0
}

// flag redacts the value of a command-line flag with a sensitive name, in the
// forms --password x, "--password" "x" and --password, x; k is the first dash.
func (sc *scanner) flag(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idFlag] || k > 0 && !isSpace(s[k-1]) && !isQuote(s[k-1]) && s[k-1] != '[' && s[k-1] != ',' && s[k-1] != '\n' ||
		k+3 >= len(s) || !isLetter(s[k+2]) {
		return span{}, false
	}
	end := k + 2
	for end < len(s) && nameBytes[s[end]] {
		end++
	}
	name := s[k+2 : end]
	if len(name) > maxKeyBack || !sc.mayBeSecret(name) || sc.r.verdict(name).str < strWord {
		return span{}, false
	}
	i := end
	for i < len(s) && i-end < 4 && (isSpace(s[i]) || s[i] == ',' || i == end && isQuote(s[i])) {
		i++
	}
	if i == end || i >= len(s) || s[i] == '-' || s[i] == '=' || s[i] == '<' || s[i] == '|' {
		return span{}, false
	}
	val := parseValue(s, i)
	if val.end <= val.start || isMark(s[val.start:]) || trivial(s[val.start:val.end]) {
		return span{}, false
	}
	if text := s[val.start:val.end]; !val.quoted && wordIn(proseWords, text) {
		return span{}, false
	}
	return span{val.start, val.end, idFlag}, true
}

// userFlag redacts user:password after -u or --user, as curl takes it; k is the
// colon. A pair of numbers is a user and a group.
func (sc *scanner) userFlag(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idFlag] {
		return span{}, false
	}
	start := k
	for start > 0 && k-start < 128 {
		c := s[start-1]
		if !userStops[c] {
			if start--; k-start == 16 && !sc.userFlagBefore(k) {
				return span{}, false // a path
			}
			continue
		}
		if c != ',' && c != ':' {
			break
		}
		// The first colon of the word answers for all; a list is no user.
		if start--; c == ',' || s[start+1] != '"' && s[start+1] != '\'' {
			return span{}, false
		}
	}
	flag, ok := userAfter(s, start, k)
	if !ok {
		return span{}, false
	}
	start = max(flag, sc.lo) // of the user, a part may be redacted already
	end := k
	for quote := byte(0); end < len(s); end++ {
		c := s[end]
		if c == '\n' || quote == 0 && (isSpace(c) || c == '\\' && end+1 < len(s) && s[end+1] == 'n') {
			break
		}
		if isQuote(c) {
			switch quote {
			case 0:
				quote = c
			case c:
				quote = 0
			}
		}
	}
	// The part before the colon may open a quote that the walk above took for
	// the first one.
	if strings.Count(s[start:k], `"`)%2 == 1 || strings.Count(s[start:k], "'")%2 == 1 {
		q := s[start]
		if e := strings.IndexByte(s[k:], q); isQuote(q) && e >= 0 {
			end = k + e + 1
		}
	}
	if start >= end || start < k && digitsIn(s[start:k]) == k-start && digitsIn(s[k+1:end]) == end-k-1 || isMark(s[start:]) ||
		start == k && (isMark(s[k+1:]) || end == k+1) {
		return span{}, false
	}
	return span{start, end, idFlag}, true
}

// maxUserFlag is how far before a colon, in bytes, userFlag may find its flag.
const maxUserFlag = 256

// userFlagBefore reports whether in the maxUserFlag bytes before k there is anything
// like a flag of userAfter. Nearly always there is none, and a text is searched once.
func (sc *scanner) userFlagBefore(k int) bool {
	if from := max(0, k-maxUserFlag); sc.userAt <= from {
		sc.userAt = userFlagAt(sc.s, from) + 1
	}
	return sc.userAt <= k
}

// userFlagAt returns where, from i on, a dash stands before u, U, or before the a of
// -a and --auth; the length of s when there is none.
func userFlagAt(s string, i int) int {
	for i+1 < len(s) {
		n := strings.IndexByte(s[i:len(s)-1], '-')
		if n < 0 {
			break
		}
		i += n
		if c := s[i+1]; c|0x20 == 'u' || c == 'a' && i > 0 && (s[i-1] == '-' || isSpace(s[i-1])) {
			return i
		}
		i++
	}
	return len(s)
}

// userStops are the bytes at which the walk back over a user looks twice.
var userStops = byteSet(" \t\n,:", false)

// userFlagEnds are the last letters of the flags of userAfter.
var userFlagEnds = byteSet("uUrah", false)

// userAfter reports whether the word start..k follows a flag for a user, and
// where the user begins: -u x, -ux, --user x, --user=x, and -a x of HTTPie.
func userAfter(s string, start, k int) (int, bool) {
	word := s[start:k]
	switch {
	case strings.HasPrefix(word, "--user="):
		return start + len("--user="), true
	case strings.HasPrefix(word, "-u") && len(word) > 2 && isAlnum(word[2]) && containsFold(s[max(0, start-64):start], "curl"):
		return start + 2, true
	}
	end := start
	for end > 0 && start-end < 32 && isSpace(s[end-1]) {
		end--
	}
	if end == 0 || !userFlagEnds[s[end-1]] {
		return start, false // nearly always
	}
	before := s[max(0, end-32):end]
	return start, strings.HasSuffix(before, " -u") || before == "-u" || strings.HasSuffix(before, "-user") ||
		strings.HasSuffix(before, " -U") || strings.HasSuffix(before, "http -a") || strings.HasSuffix(before, "https -a") ||
		strings.HasSuffix(before, " --auth")
}

// percent looks at an encoded separator in a query or form: %3D, %3A, %40.
func (sc *scanner) percent(k int) (span, bool) {
	s := sc.s
	if k+2 >= len(s) {
		return span{}, false
	}
	switch s[k+1 : k+3] {
	case "3D", "3d":
		return sc.assign(k, 3)
	case "3A", "3a":
		return sc.assign(k, 3)
	case "40":
		return sc.at(k, 3)
	case "3E":
		return sc.escapedElement(k, "%3C", "%3E")
	case "3e":
		return sc.escapedElement(k, "%3c", "%3e")
	}
	return span{}, false
}

// unicodeEscape looks at \u003d and \u003a, which JSON writers make of '=' and
// ':' in HTML-safe mode.
func (sc *scanner) unicodeEscape(k int) (span, bool) {
	s := sc.s
	if k+6 > len(s) || s[k+1] != 'u' || s[k+2:k+5] != "003" {
		return span{}, false
	}
	switch s[k+5] {
	case 'd', 'D', 'a', 'A':
		return sc.assign(k, 6)
	case 'e', 'E':
		return sc.escapedElement(k, `\u003c`, `\u003e`)
	}
	return span{}, false
}
