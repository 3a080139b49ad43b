package redact

import "strings"

// maxWeak bounds, in bytes, what is read of a value before its key alone makes it no
// secret.
const maxWeak = 2048

// valueOf decides about the value after a key with the verdict v. sep is the
// separator, i the position after it.
func (sc *scanner) valueOf(key keySpan, v verdict, sep byte, i int) (span, bool) {
	s := sc.s
	rule := idAssignment
	if v.str == strHeader {
		rule = idHeader
	}
	window := s
	if v.str < strWord {
		window = s[:min(len(s), i+maxWeak)] // most are no secrets, and the text goes on
	}
	val := parseValue(window, i)
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
	if trivial(text) || len(text) == 1 && hasFold(s[key.start:key.end], "accesskey") {
		return span{}, false // nothing, or a key of the keyboard in HTML
	}
	if sep == ':' && !val.quoted && !key.quoted && (v.str == strHeader || digitKeys[strings.ToLower(s[key.start:key.end])]) && state(s, val) {
		return span{}, false
	}
	switch v.str {
	case strHint:
		if !strongRandom(text) && !sc.settingLine(key, val, sep) && !(sep == '=' && besideState(s, key, val)) {
			return span{}, false
		}
	case strStructured:
		if isUUID(strings.Trim(text, "{}")) && !key.quoted || !structured && !weakRandom(text) && !pinNumber(s[key.start:key.end], text) {
			return span{}, false
		}
	case strWord:
		if sep == ':' && !structured && !val.quoted && val.start > i && prose(s, val) || fewDigits(text) {
			return span{}, false
		}
	case strStrong:
		if !val.quoted && (sep == ':' && !v.compound && sentence(s, val) || fewDigits(text) && counts(s[key.start:key.end])) {
			return span{}, false
		}
	}
	if !val.quoted && reference(s[key.start:key.end], text) {
		return span{}, false
	}
	if !val.quoted && (placeholder(text) || objectName(s[key.start:key.end], text)) {
		return span{}, false
	}
	if len(window) < len(s) && val.close >= len(window) {
		val = parseValue(s, i)
	}
	if v.str >= strWord && !val.quoted {
		if n := strings.Index(s[val.start:min(val.end, val.start+16)], "://"); n > 0 {
			val.end = max(val.end, linkEnd(s, val.end))
		}
		if sep == ':' {
			val.end = sc.extend(key, v, val, i)
		}
		val.end = groupsEnd(s, val)
	}
	return span{val.start, val.end, rule}, true
}

// digitKeys are keys of which the values have digits.
var digitKeys = map[string]bool{"otp": true, "totp": true, "cvv": true, "cvc": true, "cvv2": true}

// state reports whether the line from val on says how the thing of the key is, and not
// what: "cookie: not set", "otp: expired".
func state(s string, val value) bool {
	if !wordIn(proseWords, s[val.start:val.end]) {
		return false
	}
	for _, c := range []byte(s[val.end:lineEnd(s, val.end)]) {
		if !isLower(c) && c != ' ' && c != '.' && c != ',' && c != ')' {
			return false
		}
	}
	return true
}

// besideState reports whether key is the code of a query that has a state too, as a
// server of authorization sends it back (RFC 6749, section 4.1.2).
func besideState(s string, key keySpan, val value) bool {
	if key.end-key.start != len("code") || !hasFold(s[key.start:], "code") || key.start == 0 || s[key.start-1] != '?' && s[key.start-1] != '&' {
		return false
	}
	const state = "state="
	from, to := key.start-1, val.end
	for from > 0 && key.start-from < maxLinkQuery && s[from] != '?' && urlByte(s[from]) {
		from--
	}
	for to < len(s) && to-val.end < maxLinkQuery && urlByte(s[to]) {
		to++
	}
	for _, part := range []string{s[from:key.start], s[val.end:to]} {
		if i := strings.Index(part, state); i > 0 && (part[i-1] == '?' || part[i-1] == '&') {
			return true
		}
	}
	return false
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
		return closedBefore(s, key.open, val.start, headerEnd(s, val.start))
	}
	// No list follows, unless the key is one of several: backup codes.
	next := val.end >= len(s) || s[val.end] != ',' && s[val.end] != ';' || counts(s[key.start:key.end])
	if next && i < len(s) && isSpace(s[i]) && atLineStart(s, key.open) {
		end := lineEnd(s, val.end)
		if quote := strings.IndexAny(s[val.end:end], "\"'`"); quote >= 0 {
			end = val.end + quote
		}
		return max(val.end, trimRight(s, val.end, end))
	}
	return listEnd(s, s[key.start:key.end], val)
}

// listEnd lengthens a bare value in the middle of a line: over the other items of a
// list of codes, and the other words of a phrase.
func listEnd(s, key string, val value) int {
	end := val.end
	phrase := containsFold(key, "phrase") || containsFold(key, "mnemonic") || containsFold(key, "words")
	if !phrase && !counts(key) {
		return end
	}
	for end < len(s) {
		i := end
		for i < len(s) && i-end < 2 && (s[i] == ' ' || s[i] == ',' || s[i] == ';') {
			i++
		}
		start := i
		for i < len(s) && nameBytes[s[i]] {
			i++
		}
		item := s[start:i]
		if item == "" || start == end || phrase && digitsIn(item) > 0 || !phrase && digitsIn(item) < 2 && !sameForm(s[val.start:val.end], item) {
			break
		}
		end = i
	}
	return end
}

// sameForm reports whether b is a code of the form of a: as long, with its dashes in the
// same places.
func sameForm(a, b string) bool {
	if len(a) != len(b) || len(a) < 8 || !anyDigit(a) && strings.IndexByte(a, '-') < 0 {
		return false
	}
	for i := 0; i < len(a); i++ {
		if (a[i] == '-') != (b[i] == '-') {
			return false
		}
	}
	return true
}

// groupsEnd lengthens a bare value over further groups of four, as numbers of
// cards, accounts and persons are written: 4111 1111 1111 1111.
func groupsEnd(s string, val value) int {
	end := val.end
	if val.end-val.start != 4 || digitsIn(s[val.start:val.end]) < 2 {
		return end
	}
	for end+2 < len(s) && s[end] == ' ' && isDigit(s[end+1]) {
		i := end + 1
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i-end > 5 || i < len(s) && isAlnum(s[i]) {
			break
		}
		end = i
	}
	return end
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
				if inner == "" || wordIn(otherMarks, inner) || isMark(inner) && strings.IndexByte(inner, ']') < 0 {
					return span{}, false
				}
				return span{val.start, bracketedEnd(s, val.start, i+1), rule}, true
			}
		}
	}
	return span{val.start, lineEnd(s, val.start), rule}, true
}

// bracketedEnd returns where the value ends that begins with brackets from start to i:
// behind them, unless they are only its beginning, as in {SSHA}x.
func bracketedEnd(s string, start, i int) int {
	if i >= len(s) || s[i] <= ' ' || isQuote(s[i]) || s[i] == '\\' || strings.IndexByte(",;)]}>&|<", s[i]) >= 0 {
		return i
	}
	if !isAlnum(s[i]) && (s[start] != '{' || i-start > 24 || !nameRun(s[start+1:i-1])) {
		return i
	}
	return bareEnd(s, i)
}

// linkEnd returns where the URL ends of which a part ends at i: a link that is a secret has
// it in any of its parameters.
func linkEnd(s string, i int) int {
	for i < len(s) && urlByte(s[i]) && s[i] != '|' && !(s[i] == ',' || s[i] == ';') && !(strings.IndexByte(")]}", s[i]) >= 0 && (i+1 >= len(s) || !isAlnum(s[i+1]))) {
		i++
	}
	return i
}
