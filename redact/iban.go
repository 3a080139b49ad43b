package redact

// ibanLengths are the lengths of the IBAN registry (SWIFT, ISO 13616), by
// country.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
	"BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
	"DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
	"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
	"IL": 23, "IQ": 23, "IR": 26, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
	"LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
	"MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "MZ": 25, "NI": 28, "NL": 18, "NO": 15,
	"OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33,
	"SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
	"SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
	"DZ": 26, "AO": 25, "BJ": 28, "BF": 28, "CM": 27, "CV": 25, "CI": 28, "MG": 27, "ML": 28,
	"SN": 28, "HN": 28, "KM": 27, "MA": 28, "NE": 28, "TD": 27, "TG": 28, "CF": 27, "CG": 27,
	"GA": 27, "GQ": 27, "GW": 25,
}

// ibanNear looks for an IBAN that ends in or contains the digits p..end. Its
// country letters stand before them, at most two groups of four away.
func (sc *scanner) ibanNear(p, end int) (span, bool) {
	s := sc.s
	from := max(sc.lo, p-32)
	if p == from || p-from > 2 && !(isLetter(s[p-1]) && isLetter(s[p-2])) && !anyDigit(s[from:p-1]) {
		return span{}, false // no country
	}
	for q := p; q >= from; q-- {
		if q < p && !isAlnum(s[q]) && s[q] != ' ' && s[q] != '-' {
			return span{}, false
		}
		if !isLetter(s[q]) || q+4 >= len(s) || !isLetter(s[q+1]) || !isDigit(s[q+2]) || !isDigit(s[q+3]) {
			if q < p-1 && s[q] == ' ' && p-q > 12 {
				return span{}, false // further away than two spaced groups
			}
			continue
		}
		if !boundary(s, q) || q > 0 && s[q-1] == '_' {
			continue
		}
		if stop, ok := iban(s, q); ok && stop >= p {
			return span{q, stop, idIBAN}, true
		}
	}
	return span{}, false
}

// iban reads an IBAN at q, in one piece or in groups of four parted by spaces or dashes. The
// word "iban" before it makes up for a wrong checksum: test numbers and typing
// errors are account numbers too.
func iban(s string, q int) (end int, ok bool) {
	country := [2]byte{s[q] &^ 0x20, s[q+1] &^ 0x20}
	want := ibanLengths[string(country[:])]
	if want == 0 {
		return 0, false
	}
	var d [40]byte
	n, i := 0, q
	for i < len(s) && n < want {
		c := s[i]
		switch {
		case isAlnum(c):
			if isLower(c) {
				c &^= 0x20
			}
			d[n] = c
			n++
		case (c == ' ' || c == '-') && n >= 4 && n%4 == 0 && i+1 < len(s) && isAlnum(s[i+1]):
		default:
			i = len(s)
			continue
		}
		i++
	}
	shaped := n == want && cardAfter(s, i)
	keyword := wordBefore(s, q, 24, "iban", "account")
	if shaped && mod97(d[:n]) == 1 {
		return i, true
	}
	if !keyword {
		return 0, false
	}
	// A shape that no country has but the word vouches for: take the whole run.
	end = q
	for end < len(s) && isAlnum(s[end]) && end-q < 36 {
		end++
	}
	return end, end-q >= 14 && digitsIn(s[q:end]) >= 8
}

// mod97 is the remainder of ISO 7064 with the first four characters moved to
// the end and letters as 10..35.
func mod97(d []byte) int {
	m := 0
	add := func(c byte) {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	for _, c := range d[4:] {
		add(c)
	}
	for _, c := range d[:4] {
		add(c)
	}
	return m
}

func digitsIn(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}
