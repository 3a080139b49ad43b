package redact

import "strings"

// Numbers that a word beside them makes a secret: one-time codes, bank accounts,
// national numbers.

// namedNumber judges the run p..end of digits and separators.
func (sc *scanner) namedNumber(p, end, digits, dots int) (span, bool) {
	s := sc.s
	if digits == 11 && dots == 2 && end-p == 14 && s[p+3] == '.' && s[p+7] == '.' && s[p+11] == '-' && validCPF(s[p:end]) {
		return span{p, end, idContext}, !sc.r.off[idContext]
	}
	if digits < 4 || digits < 6 && len(s) > maxMessage || digits > 18 || digits != end-p && digits != 12 || p > 0 && !numberOpens[s[p-1]] || sc.r.off[idContext] || !cardEnd(s, end) {
		return span{}, false
	}
	before, last := words(s, p)
	if sc.identifier(last) {
		return span{}, false // the order that a code was sent for
	}
	if digits == end-p && digits <= 8 && (digits >= 6 && codeWord(s[lineStart(s, p, 32):p], p > 32 && isLetter(s[p-33])) ||
		len(last) == 4 && hasFold(last, "code") && wordIn(codeWords, before) || codeAfter(s, end) ||
		len(last) == 2 && hasFold(last, "is") && hasFold(before, "code") && containsFold(s[max(0, p-48):p], "your ") || boundCode(s, p)) {
		return span{p, end, idContext}, true // a one-time code
	}
	return span{p, end, idContext}, digits >= 6 && numberWord(before, last, digits)
}

// numberOpens are the characters after which such a number may begin.
var numberOpens = byteSet(" #-\n:\"'`", false)

// cardEnd is cardAfter for numbers that a sentence may end with.
func cardEnd(s string, i int) bool {
	return cardAfter(s, i) || s[i] == '-'
}

// words returns the last two words before p, without what stands between words.
func words(s string, p int) (before, last string) {
	take := func(i int) (string, int) {
		for i > 0 && (s[i-1] == ' ' || s[i-1] == '#' || s[i-1] == ':') && p-i < 40 {
			i--
		}
		end := i
		for i > 0 && p-i < 40 && (nameBytes[s[i-1]] || s[i-1] == '/') {
			i--
		}
		return s[i:end], i
	}
	last, i := take(p)
	before, _ = take(i)
	return before, last
}

// boundCode reports whether the number at p is a code that a message binds to a
// site: "@example.com #123456" (WICG, origin-bound one-time codes).
func boundCode(s string, p int) bool {
	if p < 4 || s[p-1] != '#' || s[p-2] != ' ' {
		return false
	}
	i := p - 2
	for i > 0 && p-i < 64 && (nameBytes[s[i-1]] || s[i-1] == '.') {
		i--
	}
	return i > 0 && i < p-2 && s[i-1] == '@'
}

// codeWords say of a code that it is to be used once.
var codeWords = map[string]bool{
	"otp": true, "one-time": true, "onetime": true, "login": true, "log-in": true, "signin": true, "sign-in": true,
	"verification": true, "confirmation": true, "security": true, "authentication": true, "auth": true, "access": true,
	"2fa": true, "mfa": true, "tfa": true, "two-factor": true, "your": true, "use": true, "enter": true, "recovery": true,
	"backup": true, "reset": true, "sms": true,
}

// codeAfter reports whether "is your … code" or the like follows at i.
func codeAfter(s string, i int) bool {
	rest := s[i:min(len(s), i+64)]
	for _, head := range []string{" is your ", " is the ", " as your "} {
		if tail, ok := strings.CutPrefix(rest, head); ok {
			tail, _, _ = strings.Cut(tail, "\n")
			for _, w := range []string{"code", "otp", "passcode", "password", "pin"} {
				if containsFold(tail, w) {
					return true
				}
			}
		}
	}
	return false
}

// numberWord reports whether the words before a number make it one of a bank
// account or of a person.
func numberWord(before, last string, digits int) bool {
	if len(last) < 2 || len(last) > 10 {
		return false
	}
	switch {
	case wordIn(personNumbers, last):
		return digits >= 9
	case hasFold(last, "acct") && len(last) == 4, last == "a/c", last == "A/C":
		return digits >= 8
	case hasFold(last, "number"), hasFold(last, "no"), hasFold(last, "num"), hasFold(last, "nr"):
		return (wordIn(accountWords, before) || wordIn(personNumbers, before)) && digits >= 6
	}
	return false
}

// personNumbers are names of national numbers.
var personNumbers = map[string]bool{"aadhaar": true, "aadhar": true, "uidai": true, "cpf": true}

// accountWords, with the word number, name the number of a bank account.
var accountWords = map[string]bool{"account": true, "acct": true, "a/c": true, "ac": true}

// validCPF checks both check digits of a Brazilian CPF written 000.000.000-00.
// Source: Receita Federal, modulo 11 with weights from 10 and from 11.
func validCPF(s string) bool {
	var d [11]int
	n := 0
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			d[n] = int(s[i] - '0')
			n++
		}
	}
	for _, size := range [...]int{9, 10} {
		sum := 0
		for i := range size {
			sum += d[i] * (size + 1 - i)
		}
		if sum*10%11%10 != d[size] {
			return false
		}
	}
	return true
}
