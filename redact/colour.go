package redact

import "strings"

// Colours of a terminal stand between keys, separators and values of what
// programs write for people: ESC [ 36 m, with the escape character itself or, in
// a log of a log, one of its spellings.

// escapes are the spellings of the escape character.
var escapes = []string{"\x1b", `\u001b`, `\u001B`, `\x1b`, `\x1B`, `\033`, `\e`}

// colourLength returns the length of the colour that s begins with, or 0.
func colourLength(s string) int {
	for _, esc := range escapes {
		if !strings.HasPrefix(s, esc) || len(s) < len(esc)+2 || s[len(esc)] != '[' {
			continue
		}
		i := len(esc) + 1
		for i < len(s) && i < len(esc)+12 && (isDigit(s[i]) || s[i] == ';') {
			i++
		}
		if i < len(s) && s[i] == 'm' {
			return i + 1
		}
	}
	return 0
}

// colourStart returns where the colour that ends before p begins, or -1.
func colourStart(s string, p int) int {
	i := p - 2
	if i < 1 || s[p-1] != 'm' {
		return -1
	}
	for i > 0 && p-i < 16 && (isDigit(s[i]) || s[i] == ';') {
		i--
	}
	if s[i] != '[' {
		return -1
	}
	for _, esc := range escapes {
		if strings.HasSuffix(s[:i], esc) {
			return i - len(esc)
		}
	}
	return -1
}
