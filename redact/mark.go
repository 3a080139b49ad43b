package redact

import "strings"

// isMark reports whether s begins with a mark of ours and nothing is glued to
// it, so that redacting twice changes nothing.
func isMark(s string) bool {
	if len(s) == 0 || s[0] != '[' {
		return false
	}
	for _, m := range []string{Mark, "[CARD", "[IBAN]", "[SSN]", "[EMAIL", "[IP", "[PHONE"} {
		if !strings.HasPrefix(s, m) {
			continue
		}
		end := strings.IndexByte(s[:min(len(s), 64)], ']')
		if m[len(m)-1] == ']' {
			return len(s) == len(m) || !isAlnum(s[len(m)])
		}
		return end > 0 && markBody(s[len(m):end]) && (end+1 == len(s) || !isAlnum(s[end+1]))
	}
	return false
}

// markBody reports whether text is what our own marks have between the name and
// the bracket: nothing, the last four digits, or key id and hash.
func markBody(text string) bool {
	if text == "" {
		return true
	}
	if strings.HasPrefix(text, " ****") {
		return len(text) <= 9 && digitsIn(text) == len(text)-5
	}
	i := strings.LastIndexByte(text, ':')
	if i < 1 || text[0] != ':' || len(text)-i-1 != hashLetters {
		return false
	}
	for _, c := range []byte(text[i+1:]) {
		if c < 'a' || c > 'p' {
			return false
		}
	}
	return ValidKeyID(text[1:i])
}
