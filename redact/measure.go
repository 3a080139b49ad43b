package redact

import "strings"

// A key with the word of a secret and a word that measures, such as password_length or
// max_secret_size, is harmless for what a measure can be: a number, a boolean, a
// time, nothing. A text under it is as likely the secret itself, as in
// password_bytes: the bytes of one.

// measureWords are the last words of a key that make it a measure.
var measureWords = map[string]bool{
	"bytes": true, "length": true, "len": true, "size": true, "count": true, "counts": true, "max": true, "min": true,
	"total": true, "percent": true, "ratio": true,
}

// quantityWords are the first words of a key that make it a measure. Others of askWords
// ask (has_secret) or say how it is (expired_token): what stands there is an answer.
var quantityWords = map[string]bool{"max": true, "min": true, "num": true, "total": true, "count": true}

// Measures reports whether c is [ClassMeasure] or [ClassNumber].
func (c Class) Measures() bool { return c == ClassMeasure || c == ClassNumber }

// measures reports whether the key is a measure, so that its value decides. Its last
// word measures, or its first one counts.
func (w keyWords) measures() bool {
	n := len(w.ends)
	if first := string(w.run(0, 0)); askWords[first] {
		return quantityWords[first]
	}
	return measureWords[string(w.run(n-1, n-1))]
}

// most is the strength of a key whose value is yet to be looked at; see stays.
func (v verdict) most() strength { return max(v.str, v.measured) }

// stays reports whether text is a measure under a key that measures.
func (v verdict) stays(text string) bool { return v.measured != strNone && isMeasure(v.class, text) }

// measureClass is the class of a measure: under the name of a code, such as a PIN, a
// text of digits may be the code.
func (w keyWords) measureClass() Class {
	for i := range w.ends {
		if word := string(trimDigits(w.run(i, i))); shortCodes[word] || strings.HasSuffix(word, "code") || strings.HasSuffix(word, "pin") || strings.HasSuffix(word, "otp") {
			return ClassNumber
		}
	}
	return ClassMeasure
}

// shortCodes are the names of secrets of few digits.
var shortCodes = map[string]bool{
	"cvv": true, "cvc": true, "cvn": true, "cav": true, "csc": true, "ssn": true, "puk": true, "codes": true, "pins": true,
}

// maxMeasure and maxCodeMeasure are how many digits a measure has at the most that is
// written as text, the latter under the name of a code.
const maxMeasure, maxCodeMeasure = 6, 2

// isMeasure reports whether s, a text under a key of class c, is a short number, with a
// unit or without, or a boolean.
func isMeasure(c Class, s string) bool {
	if len(s) > maxMeasure+len(".-")+1+maxUnit {
		return false
	}
	limit := maxMeasure
	if c == ClassNumber {
		limit = maxCodeMeasure
	}
	i, digits := 0, 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	for point := false; i < len(s) && (isDigit(s[i]) || s[i] == '.' && digits > 0 && !point); i++ {
		if s[i] == '.' {
			point = true
		} else {
			digits++
		}
	}
	switch {
	case s == "":
		return true
	case i == 0:
		return wordIn(answers, s)
	case digits == 0 || digits > limit || s[i-1] == '.':
		return false
	case i < len(s) && s[i] == ' ':
		i++
	}
	return i == len(s) || wordIn(units, s[i:])
}

var answers = map[string]bool{"true": true, "false": true, "yes": true, "no": true}

// units may stand behind a number. maxUnit is the longest, in bytes.
var units = map[string]bool{
	"%": true, "b": true, "k": true, "m": true, "g": true, "kb": true, "mb": true, "gb": true, "kib": true, "mib": true, "gib": true,
	"bit": true, "bits": true, "byte": true, "bytes": true, "char": true, "chars": true, "characters": true, "digits": true, "words": true,
	"ns": true, "us": true, "ms": true, "s": true, "sec": true, "secs": true, "seconds": true, "min": true, "minutes": true,
	"h": true, "hours": true, "d": true, "days": true,
}

const maxUnit = len("characters")

// measured returns what must happen to the value at i, which stands under a key of
// class c, a measure: it stays or is a secret.
func (w *walker) measured(c Class) Class {
	switch w.s[w.i] {
	case '"':
		if text, ok := upToQuote(w.s[w.i+1:]); ok && isMeasure(c, text) {
			return ClassKeep
		}
	case '{', '[':
	default:
		return ClassKeep
	}
	return ClassSecret
}

// measure judges the value after a key that measures, like that of the key without the
// word. sep and i are as for valueOf.
func (sc *scanner) measure(key keySpan, v verdict, sep byte, i int) (span, bool) {
	val := parseValue(sc.s[:min(len(sc.s), i+maxWeak)], i)
	text := sc.s[val.start:max(val.start, val.end)] // "" before a list or a block of YAML
	if text != "" && (v.stays(text) || !val.quoted && v.stays(strings.TrimRight(text, ":.,;!?)]}")) || !val.quoted && (sentence(sc.s, val) || computed(text))) {
		return span{}, false
	}
	if v.class == ClassNumber && text != "" && len(text) <= 8 && digitsIn(text) == len(text) {
		return span{val.start, val.end, idAssignment}, true // the code itself
	}
	v.str = v.measured
	return sc.valueOf(key, v, sep, i)
}

// computed reports whether text is an expression or a type of a program: len(token),
// password.length, number.
func computed(text string) bool {
	i := 0
	for i < len(text) && (isLetter(text[i]) || text[i] == '_') {
		i++
	}
	if i == 0 {
		return false
	}
	if i == len(text) {
		return typeNames[text]
	}
	return text[i] == '(' || text[i] == '.' && i+1 < len(text) && strings.IndexFunc(text[i+1:], func(r rune) bool { return r != '_' && !isLetter(byte(r)) }) < 0
}

// typeNames are types of numbers and booleans.
var typeNames = map[string]bool{
	"number": true, "boolean": true, "bool": true, "int": true, "integer": true, "long": true, "uint": true, "float": true, "double": true,
}
