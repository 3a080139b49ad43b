package redact

import "strings"

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
