package redact

import (
	"strconv"
	"strings"
)

// Payment card numbers: an issuer's prefix with a length that it issues, and
// the Luhn check digit (ISO/IEC 7812). The prefixes are the public issuer
// identification ranges; a word such as "card" just before makes up for an
// unknown prefix.

// cardLengths returns the lengths that are issued for a prefix, as a bit set.
func cardLengths(d []byte) uint32 {
	const (
		l13, l14, l15, l16 = 1 << 13, 1 << 14, 1 << 15, 1 << 16
		l17, l18, l19      = 1 << 17, 1 << 18, 1 << 19
		l16to19            = l16 | l17 | l18 | l19
	)
	p2 := int(d[0])*10 + int(d[1])
	p4 := p2*100 + int(d[2])*10 + int(d[3])
	switch {
	case d[0] == 4: // Visa
		return l13 | l16 | l19
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720: // Mastercard
		return l16
	case p2 == 34, p2 == 37: // American Express
		return l15
	case p4 >= 3528 && p4 <= 3589: // JCB
		return l16to19
	case p2 == 36, p2 == 38, p2 == 39, p4 >= 3000 && p4 <= 3059, p4 == 3095: // Diners Club
		return l14 | l16
	case p2 == 62: // UnionPay
		return l15 | l16to19
	case p2 == 81, p2 == 82: // UnionPay, RuPay
		return l16to19
	case p2 == 60, p2 == 64, p2 == 65: // Discover, RuPay, Hipercard
		return l16to19
	case p2 == 50, p2 >= 56 && p2 <= 58, p2 == 61, p2 == 63, p2 >= 66 && p2 <= 69: // Maestro, Verve, Elo
		return l16 | l18 | l19
	case p4 >= 2200 && p4 <= 2204: // Mir
		return l16to19
	case p4 == 9792: // Troy
		return l16
	case d[0] == 1: // UATP
		return l15
	}
	return 0
}

// luhn reports whether the check digit of d is right.
func luhn(d []byte) bool {
	sum := 0
	double := false
	for i := len(d) - 1; i >= 0; i-- {
		v := int(d[i])
		if double {
			v *= 2
			if v > 9 {
				v -= 9
			}
		}
		sum += v
		double = !double
	}
	return sum%10 == 0
}

// isCard judges a whole number, digit values most significant first.
func isCard(d []byte) bool {
	n := len(d)
	return n >= 12 && n <= 19 && cardLengths(d)&(1<<n) != 0 && luhn(d)
}

// card looks for a card number whose first digit is at g. It reads at most 19
// digits in groups that are parted by up to two spaces or dashes.
func (sc *scanner) card(g int) (span, bool) {
	s := sc.s
	if !cardBefore(s, g) {
		return span{}, false
	}
	var d [20]byte
	n, group, i := 0, 0, g
	for i < len(s) {
		start := i
		for i < len(s) && isDigit(s[i]) {
			if n == 19 {
				return span{}, false
			}
			d[n] = s[i] - '0'
			n++
			i++
		}
		size := i - start
		group++
		more := false
		next := i
		if i < len(s) && (s[i] == ' ' || s[i] == '-') {
			next++
			if next < len(s) && s[next] == s[i] {
				next++
			}
			more = next < len(s) && isDigit(s[next])
		}
		if n >= 12 && cardAfter(s, i) && (isCard(d[:n]) || d[0] != 0 && luhn(d[:n]) && cardWord(s, g)) {
			sc.afterCard(i)
			return span{g, i, idCard}, true
		}
		if !more || group == 1 && size < 3 || size < 2 {
			return span{}, false
		}
		i = next
	}
	return span{}, false
}

// cardBefore reports whether a number may begin at g: not inside an identifier
// and not as decimals.
func cardBefore(s string, g int) bool {
	if g == 0 {
		return true
	}
	switch c := s[g-1]; {
	case c == '_':
		return false
	case c == '-' || c == '.':
		return g >= 2 && !isAlnum(s[g-2]) && s[g-2] != '-' && s[g-2] != '_'
	case isAlnum(c):
		return c == 'B' && g >= 2 && s[g-2] == '%' || boundary(s, g) // %B begins the track of a card
	}
	return true
}

// afterCard queues what stands after a card number that ends before i and must
// not be kept either: the rest of a magnetic track, the verification value in
// "4111…|12|2029|123" or after a word such as cvv.
func (sc *scanner) afterCard(i int) {
	s := sc.s[:min(len(sc.s), i+64)]
	if sc.queued.end > 0 || i >= len(s) {
		return
	}
	if s[i] == '^' || s[i] == '=' && i+5 < len(s) && digitsIn(s[i+1:i+5]) == 4 {
		// ISO/IEC 7813: the name, the expiry and the issuer's own data, up to '?'.
		end := i + 1
		for end < len(s) && s[end] != '?' && s[end] != '\n' && !isQuote(s[end]) && (s[i] == '^' || !isSpace(s[end])) {
			end++
		}
		sc.queue(span{i, end, idCard})
		return
	}
	if from, to := pipedCode(s, i); to > from {
		sc.queue(span{from, to, idAssignment})
		return
	}
	s, _, _ = strings.Cut(s[i:], "\n")
	p := strings.IndexByte(s, 'v')
	if upper := strings.IndexByte(s, 'V'); upper >= 0 && (p < 0 || upper < p) {
		p = upper
	}
	if p < 1 || !hasFold(s[p-1:], "cvv") && !hasFold(s[p-1:], "cvc") {
		return
	}
	from := p + 2
	if from < len(s) && s[from] == '2' {
		from++
	}
	for from < len(s) && from < p+8 && !isAlnum(s[from]) {
		from++
	}
	to := from
	for to < len(s) && isDigit(s[to]) {
		to++
	}
	if n := to - from; n == 3 || n == 4 {
		sc.queue(span{i + from, i + to, idAssignment})
	}
}

// pipedCode finds the last of |12|2029|123 or of /12/29/123 at i.
func pipedCode(s string, i int) (from, to int) {
	sep := s[i]
	if sep != '|' && sep != '/' && sep != ':' && sep != ',' && sep != ';' {
		return 0, 0
	}
	for _, widths := range [...][3]int{{2, 2, 3}, {2, 4, 3}, {2, 2, 4}, {2, 4, 4}} {
		p, ok := i, true
		for _, w := range widths {
			end := p + 1 + w
			ok = ok && end <= len(s) && s[p] == sep && digitsIn(s[p+1:end]) == w && (end == len(s) || !isDigit(s[end]))
			if !ok {
				break
			}
			p = end
		}
		if ok {
			return p - widths[2], p
		}
	}
	return 0, 0
}

// cardAfter reports whether a number may end before i.
func cardAfter(s string, i int) bool {
	if i >= len(s) {
		return true
	}
	switch c := s[i]; {
	case c == '_' || isAlnum(c):
		return false
	case c == '-':
		return i+1 >= len(s) || !isAlnum(s[i+1]) && s[i+1] != '-'
	case c == '.':
		return i+1 >= len(s) || !isDigit(s[i+1])
	}
	return true
}

// cardWord reports whether a word just before p speaks of cards.
func cardWord(s string, p int) bool {
	return wordBefore(s, p, 24, "card", "pan", "visa", "mastercard", "amex", "maestro", "discover")
}

// wordBefore reports whether one of words stands, as a whole word in any case,
// in the distance bytes before p.
func wordBefore(s string, p, distance int, words ...string) bool {
	i := max(0, p-distance)
	for i > 0 && i < p && isLetter(s[i-1]) {
		i++ // in the middle of a word
	}
	for i < p {
		start := i
		for i < p && isLetter(s[i]) {
			i++
		}
		for _, w := range words {
			if len(w) == i-start && hasFold(s[start:i], w) {
				return true
			}
		}
		i++
	}
	return false
}

// hasFold reports whether s begins with the lower-case ASCII word w in any case.
func hasFold(s, w string) bool {
	if len(s) < len(w) {
		return false
	}
	for i := 0; i < len(w); i++ {
		c := s[i]
		if isUpper(c) {
			c |= 0x20
		}
		if c != w[i] {
			return false
		}
	}
	return true
}

// appendCard appends the mark of the card number in text. The track after a
// number has no last digits.
func (r *Redactor) appendCard(dst []byte, text string) []byte {
	if r.cfg.PAN != PANLast4 || !isDigit(text[0]) {
		return append(dst, "[CARD]"...)
	}
	if strings.ContainsAny(text, "eE") { // see cardFloat
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			text = strconv.FormatFloat(f, 'f', 0, 64)
		}
	}
	var last [4]byte
	n := 4
	for i := len(text) - 1; i >= 0 && n > 0; i-- {
		if isDigit(text[i]) {
			n--
			last[n] = text[i]
		}
	}
	dst = append(dst, "[CARD ****"...)
	dst = append(dst, last[n:]...)
	return append(dst, ']')
}
