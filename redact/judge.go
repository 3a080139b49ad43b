package redact

import "strings"

// objectName reports whether the value of a key such as token is how a program
// prints an object, and not a secret: Token{2f2ff2b3, android.os.Proxy@6c7bd17.
func objectName(key, text string) bool {
	if len(text) > 256 {
		return false
	}
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

// trivial reports whether a value is nothing worth hiding: empty, a constant of
// a language, or a reference to where the value comes from.
func trivial(text string) bool {
	switch len(text) {
	case 0:
		return true
	case 1:
		return text == "0" || text == "1" || text[0] < 0x80 && !isAlnum(text[0])
	}
	if n := len(text); n > 16 && isAlnum(text[0]) && text[0] != 'x' && isAlnum(text[n-1]) {
		return false // longer than wordIn looks at, and no punctuation around it
	}
	if wordIn(nothingWords, text) {
		return true
	}
	if plain := strings.Trim(text, "*$?:@%#.,;!-_<>(){}[]|/\\&^~+="); plain == "" && len(text) <= 2 || digitsIn(plain) == len(plain) && text[0] == '$' {
		return true // punctuation, or the place of a value in SQL
	}
	if text[0] == '$' && upperName(text[1:]) && strings.IndexByte(text, '_') > 0 {
		return true // a variable of a shell
	}
	if strings.Trim(text, "*") == "" || strings.Trim(text, "*x") == "" && text[0] == 'x' {
		return true
	}
	return strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") ||
		strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}") ||
		len(text) == 2 && text[0] == '%'
}

// upperName reports whether s is the name of a variable or a constant.
func upperName(s string) bool {
	if s == "" || !isUpper(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !isUpper(s[i]) && s[i] != '_' {
			return false
		}
	}
	return true
}

// marks of other programs for what they have taken out.
var otherMarks = map[string]bool{
	"filtered": true, "redacted": true, "hidden": true, "masked": true, "removed": true, "scrubbed": true, "omitted": true, "private": true,
}

// nothingWords are values that say that there is none.
var nothingWords = map[string]bool{
	"true": true, "false": true, "null": true, "nil": true, "none": true, "<nil>": true,
	"undefined": true, "(null)": true, "empty": true, "{}": true, "[]": true, "()": true,
	"yes": true, "no": true, "n/a": true, "unset": true, "(empty)": true, "<none>": true,
	"<empty>": true, "string": true, "on": true, "off": true, "include": true, "omit": true, "same-origin": true,
	"enabled": true, "disabled": true, "required": true, "optional": true, "always": true, "never": true, "auto": true,
	"amd64": true, "arm64": true, "i386": true, "eof": true, "%!s": true, "...": true,
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

// sentence reports whether a bare value begins a sentence about the key and is
// followed by another word: "password: must not be blank".
func sentence(s string, val value) bool {
	return wordIn(proseWords, s[val.start:val.end]) && val.end+1 < len(s) && isSpace(s[val.end]) && isLetter(s[val.end+1])
}

// fewDigits reports whether text is a number that is too short for a token: a
// count, the status of an answer.
func fewDigits(text string) bool { return len(text) <= 3 && digitsIn(text) == len(text) }

// counts reports whether a key may be the name of a number of secrets: apikeys.
func counts(key string) bool { return key != "" && key[len(key)-1]|0x20 == 's' }

// reference reports whether text says where the value of key is: the path of a
// file, or the variable of the same name in a program.
func reference(key, text string) bool {
	if n := len(key) - len(text); len(text) > 3 && strings.HasSuffix(key, text) && (n == 0 || key[n-1] == '.') {
		return true
	}
	if text[0] != '/' || strings.ContainsAny(text, "+=@$") {
		return false
	}
	if hasFold(key, "pwd") || hasFold(key, "oldpwd") {
		return true // the shell's working directory
	}
	first, rest, ok := strings.Cut(text[1:], "/")
	if !ok || rest == "" {
		return false
	}
	switch first {
	case "etc", "var", "run", "home", "tmp", "usr", "opt", "mnt", "srv", "root", "secrets", "app", "data", "config", "Users":
		return true
	}
	return false
}

// weakRandom reports whether text is more likely a secret than a word, a number
// or a plain identifier: letters and digits mixed.
func weakRandom(text string) bool {
	if len(text) < 6 || isUUID(text) || text[0] == '0' && len(text) <= 18 && text[1]|0x20 == 'x' && isHexRun(text[2:]) {
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
	return digits > 0 && letters > 0 || letters > 0 && len(text) >= 24 && (!strings.ContainsAny(text, "_-./") || letterNoise(text))
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
	return digits >= 2 && letters >= 2 && changes*5 >= len(text) || digits < 2 && letterNoise(text)
}
