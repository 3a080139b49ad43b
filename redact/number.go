package redact

import (
	"math"
	"strconv"
)

// number looks at the run of digits around k: cards, bank accounts, social
// security numbers and IPv4 addresses. The run is digits parted by single or
// double separators; it is examined once.
func (sc *scanner) number(k int) (span, bool) {
	p := sc.numberStart(k)
	if isTime(sc.s[p:]) && (p == 0 || !nameBytes[sc.s[p-1]] && sc.s[p-1] < 0x80) { // token2024-01-15T10: is a key
		// The seconds may be the beginning of something else.
		sc.done = p + timeLen - len("05")
		sc.numEnd = sc.done
		return span{}, false
	}
	return sc.numberFrom(p)
}

// numberStart returns where the run of digits around k begins.
func (sc *scanner) numberStart(k int) int {
	s := sc.s
	floor := max(sc.lo, sc.numEnd)
	p := k
	for p > floor && k-p < 40 && (isDigit(s[p-1]) || numberSep(s[p-1]) && p-1 > floor && (isDigit(s[p-2]) || s[p-2] == s[p-1])) {
		p--
	}
	for !isDigit(s[p]) {
		p++
	}
	return p
}

// numberFrom is number for a run that begins at p.
func (sc *scanner) numberFrom(p int) (span, bool) {
	s := sc.s
	if p > 0 && s[p-1] == '%' && p+2 < len(s) && isDigit(s[p+1]) {
		p += 2 // %20 before the number
	}
	digits, dots, end := 0, 0, p
	limit := min(len(s), p+maxNumberRun)
	for i := p; i < limit; i++ {
		c := s[i]
		if isDigit(c) {
			digits++
			end = i + 1
		} else if numberSep(c) && i-end < 2 {
			if c == '.' {
				dots++
			}
		} else {
			break
		}
	}
	for end == limit && end < len(s) && isDigit(s[end]) {
		end++ // a longer run is continued at its next group
	}
	sc.numEnd = end
	if digits >= 8 && !sc.r.off[idIBAN] {
		if sp, ok := sc.ibanNear(p, end); ok {
			return sp, true
		}
	}
	if digits >= 12 && dots > 0 && end < len(s) && s[end]|0x20 == 'e' && !sc.r.off[idCard] {
		if sp, ok := cardFloat(s, p, end); ok {
			sc.numEnd = sp.end
			return sp, true
		}
	}
	if digits == end-p && end < len(s) && (isAlnum(s[end]) || s[end] == '_') {
		return span{}, false // the beginning of something else
	}
	if sp, ok := sc.namedNumber(p, end, digits, dots); ok || digits < 9 && dots < 3 {
		return sp, ok
	}
	for g := p; g < end; g++ {
		if !isDigit(s[g]) || g > p && isDigit(s[g-1]) {
			continue
		}
		sp, ok := sc.numberAt(g, digits, dots)
		if ok {
			sc.numEnd = sp.end
			return sp, true
		}
	}
	return span{}, false
}

// cardFloat finds a card number in the notation of floating-point numbers, as fmt prints
// a float64: 4.111111111111111e+15. p is where the run of its digits begins, at the
// earliest, and exp is the letter e.
func cardFloat(s string, p, exp int) (span, bool) {
	dot := exp
	for dot > p && isDigit(s[dot-1]) {
		dot--
	}
	start := dot - 2 // one digit and the point
	if start < p || s[dot-1] != '.' || !isDigit(s[start]) || start > 0 && (nameBytes[s[start-1]] || s[start-1] == '.') {
		return span{}, false
	}
	end := exp + 1
	if end < len(s) && s[end] == '+' {
		end++
	}
	if end+1 >= len(s) || s[end] != '1' || !isDigit(s[end+1]) || end+2 < len(s) && (nameBytes[s[end+2]] || s[end+2] == '.') {
		return span{}, false
	}
	n := 10 + int(s[end+1]-'0') + 1
	var d [20]byte
	d[0] = s[start] - '0'
	size := 1 + exp - dot
	if size > n || size < n-3 || n > 19 {
		return span{}, false // no whole number, or one of so many zeros that it is rounded
	}
	for i := dot; i < exp; i++ {
		d[1+i-dot] = s[i] - '0'
	}
	if !isCard(d[:n]) {
		return span{}, false
	}
	return span{start, end + 2, idCard}, true
}

// timeLen is the length of 2006-01-02T15:04:05.
const timeLen = 19

// isTime reports whether s begins with a date and a time of day, with 'T' or a
// space between them. Up to the seconds nothing in them is a number that a rule
// knows, nor the key of a value, nor an IPv6 address.
func isTime(s string) bool {
	if len(s) < timeLen || len(s) > timeLen && (s[timeLen] == ':' || isHex(s[timeLen])) || s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' || s[10] != 'T' && s[10] != ' ' {
		return false
	}
	const date, clock = 0x0080800080808080, 0x8080008080008080
	return within(load8(s), '0', '9') == date && within(at8(s, 8), '0', '9') == clock&^(255<<16) && isDigit(s[17]) && isDigit(s[18])
}

// codeWord reports whether one of the words that announce a one-time code stands
// in s: otp, totp, passcode, verification. cut says that s begins in the middle
// of a word.
func codeWord(s string, cut bool) bool {
	for i := 0; i < len(s); i++ {
		start, word := i, ""
		switch s[i] | 0x20 {
		default:
			continue
		case 'p': // the last letter of the short words, the first of the long one
			if start = i - 2; i > 2 && s[i-3]|0x20 == 't' {
				start, word = i-3, "totp"
			} else if word = "otp"; i+1 < len(s) && s[i+1]|0x20 == 'a' {
				start, word = i, "passcode"
			}
		case 'v':
			word = "verification"
		}
		if start < 0 || !hasFold(s[start:], word) {
			continue
		}
		end := start + len(word)
		if (end == len(s) || !isLetter(s[end])) && (start == 0 && !cut || start > 0 && !isLetter(s[start-1])) {
			return true
		}
	}
	return false
}

// maxMessage is the longest text, in bytes, in which one-time codes of four and five
// digits are sought: that of a text message. Longer texts have too many such
// numbers that are something else.
const maxMessage = 160

// shortCode looks at four digits at k: they may be a one-time code of four or five.
func (sc *scanner) shortCode(k int) (span, bool) {
	s := sc.s
	if k < sc.numEnd || k > 0 && isDigit(s[k-1]) {
		return span{}, false
	}
	stop := k + 4
	for stop < len(s) && stop-k < 6 && isDigit(s[stop]) {
		stop++
	}
	if stop-k < 6 && sc.mayBeCode(k, stop) {
		return sc.number(k)
	}
	return span{}, false
}

// mayBeCode reports whether the digits p..end may be a one-time code, which the
// words around it announce: code, code is, is your, as your.
func (sc *scanner) mayBeCode(p, end int) bool {
	s := sc.s
	if p > 0 && !numberOpens[s[p-1]] {
		return false
	}
	if end+3 < len(s) && s[end] == ' ' && s[end+2] == 's' && s[end+3] == ' ' {
		return true
	}
	if p == 0 || s[p-1] == '#' {
		return p > 0
	}
	i := p
	for i > 0 && p-i < 40 && (s[i-1] == ' ' || s[i-1] == ':' || s[i-1] == '#') {
		i--
	}
	return i > 3 && (hasFold(s[i-4:i], "code") || hasFold(s[i-2:i], "is"))
}

// maxNumberRun bounds, in bytes, how much of a run of digits is looked at at
// once, so that a run of many cards is not counted again for each of them.
const maxNumberRun = 128

// numberAt tries the rules for the group of digits that begins at g.
func (sc *scanner) numberAt(g, digits, dots int) (span, bool) {
	{
		if dots >= 3 && !sc.r.off[idIP] {
			if sp, ok := sc.ipv4(g); ok {
				return sp, true
			}
		}
		if digits >= 12 && !sc.r.off[idCard] {
			if sp, ok := sc.card(g); ok {
				return sc.tokenOfNumber(sp), true
			}
		}
		if digits >= 9 && !sc.r.off[idSSN] {
			if sp, ok := sc.ssn(g); ok {
				return sp, true
			}
		}
	}
	return span{}, false
}

// tokenOfNumber returns the token that begins with the number sp, or sp.
func (sc *scanner) tokenOfNumber(sp span) span {
	if sp.end >= len(sc.s) || sc.r.off[idToken] {
		return sp
	}
	whole, ok := span{}, false
	switch sc.s[sp.end] {
	case ':':
		whole, ok = sc.telegram(sp.end)
	case '|':
		whole, ok = sc.appToken(sp.end)
	}
	if ok && whole.start <= sp.start {
		return whole
	}
	return sp
}

func numberSep(c byte) bool { return c == ' ' || c == '-' || c == '.' }

// ssn matches ddd-dd-dddd at g by the rules of the Social Security
// Administration: no area 000, 666 or 900 and above, no group 00, no serial
// 0000. A word such as "ssn" before it allows spaces or no separators.
func (sc *scanner) ssn(g int) (span, bool) {
	s := sc.s
	if !cardBefore(s, g) {
		return span{}, false
	}
	var d [9]byte
	n, i := 0, g
	sep := byte(0)
	for n < 9 {
		if i >= len(s) {
			return span{}, false
		}
		if (n == 3 || n == 5) && (s[i] == '-' || s[i] == ' ') {
			if n == 5 && s[i] != sep {
				return span{}, false
			}
			sep = s[i]
			i++
		} else if n == 5 && sep != 0 {
			return span{}, false
		}
		if i >= len(s) || !isDigit(s[i]) {
			return span{}, false
		}
		d[n] = s[i]
		n++
		i++
	}
	if i < len(s) && isDigit(s[i]) || !cardAfter(s, i) || !validSSN(&d) {
		return span{}, false
	}
	if sep != '-' && !wordBefore(s, g, 32, "ssn", "social", "security") {
		return span{}, false
	}
	return span{g, i, idSSN}, true
}

func validSSN(d *[9]byte) bool {
	area := string(d[:3])
	return area != "000" && area != "666" && d[0] != '9' && (d[3] != '0' || d[4] != '0') && string(d[5:]) != "0000"
}

// phone matches an international number at '+': 9 to 15 digits with spaces,
// dashes, dots or parentheses between them (ITU-T E.164).
func (sc *scanner) phone(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idPhone] || k > 0 && (isAlnum(s[k-1]) || s[k-1] == '+') || k+1 >= len(s) || s[k+1] < '1' || s[k+1] > '9' {
		return span{}, false
	}
	n, last := 0, k+1
	for i := k + 1; i < len(s) && i < k+32; i++ {
		c := s[i]
		if isDigit(c) {
			n++
			last = i + 1
		} else if c == '.' || c == ',' || c == ':' || i-last >= 2 || c != ' ' && c != '-' && c != '(' && c != ')' {
			break
		}
	}
	if n < 9 || n > 15 || last < len(s) && (isAlnum(s[last]) || s[last] == '_' || s[last] == ':' ||
		s[last] == '.' && last+1 < len(s) && isDigit(s[last+1])) {
		return span{}, false
	}
	return span{k, last, idPhone}, true
}

// Int returns the mark to write instead of v when v is a card number. A call
// costs a few nanoseconds unless v has 12 digits or more.
func (r *Redactor) Int(v int64) (mark string, redacted bool) {
	if v < 0 {
		v = -v // the sign is no part of a card; the smallest int64 stays negative
	}
	if v < 1e12 {
		return "", false
	}
	return r.Uint(uint64(v))
}

// Uint is [Redactor.Int] for unsigned numbers.
func (r *Redactor) Uint(v uint64) (mark string, redacted bool) {
	if v < 1e12 || v >= 1e19 || r.off[idCard] {
		return "", false
	}
	var d [19]byte
	i := len(d)
	for x := v; x > 0; x /= 10 {
		i--
		d[i] = byte(x % 10)
	}
	if !isCard(d[i:]) {
		return "", false
	}
	r.count(idCard)
	if r.cfg.PAN == PANLast4 {
		return string(r.appendCard(nil, strconv.FormatUint(v, 10))), true
	}
	return "[CARD]", true
}

// Float is [Redactor.Int] for floating-point numbers. Only whole numbers can be
// card numbers.
func (r *Redactor) Float(v float64) (mark string, redacted bool) {
	v = math.Abs(v)
	if !(v >= 1e12 && v < 1e19) || v != math.Trunc(v) {
		return "", false
	}
	return r.Uint(uint64(v))
}
