package redact

// Most values under the keys of addresses are written the plain way. These are
// masked here without being parsed in full; everything else takes the rules of
// email.go and ip.go, which come to the same result for plain ones too.

// appendPlainIP masks s when it is four decimal numbers without leading zeros:
// an IPv4 address as it is printed everywhere.
func appendPlainIP(dst []byte, s string) ([]byte, bool) {
	if len(s) < len("0.0.0.0") || len(s) > len("255.255.255.255") {
		return dst, false
	}
	i, last := 0, 0
	var v uint
	for part := 0; ; part++ {
		if i >= len(s) || s[i]-'0' > 9 {
			return dst, false
		}
		last = i
		v = uint(s[i] - '0')
		i++
		if i < len(s) && s[i]-'0' <= 9 && v > 0 {
			v = v*10 + uint(s[i]-'0')
			i++
			if i < len(s) && s[i]-'0' <= 9 {
				v = v*10 + uint(s[i]-'0')
				i++
			}
		}
		if part == 3 {
			break
		}
		if v > 255 || i >= len(s) || s[i] != '.' {
			return dst, false
		}
		i++
	}
	if v > 255 || i != len(s) {
		return dst, false
	}
	if v == 0 {
		return append(dst, "[IP]"...), true // its own network
	}
	dst = append(dst, s[:last]...)
	return append(dst, "0/24"...), true
}

// Kinds of characters in a plain e-mail address.
const (
	mailLower = 1 << iota
	mailUpper
	mailDigit
	mailDot
)

var mailBytes = func() (t [256]uint8) {
	for i := range t {
		switch c := byte(i); {
		case isLower(c):
			t[i] = mailLower
		case isUpper(c):
			t[i] = mailUpper
		case isDigit(c):
			t[i] = mailDigit
		case c == '.':
			t[i] = mailDot
		}
	}
	return t
}()

// Longest parts of a plain address: shorter than any token, so that only the
// rule for addresses can apply.
const (
	maxPlainLocal  = minName - 1
	maxPlainDomain = 30
)

// appendPlainEmail masks s when it is an address of letters and dots, with at
// most three digits before the '@' and a domain in small letters.
func appendPlainEmail(dst []byte, s string) ([]byte, bool) {
	at, digits := 0, 0
	for at < len(s) && at <= maxPlainLocal && mailBytes[s[at]] != 0 {
		if mailBytes[s[at]] == mailDigit {
			digits++
		}
		at++
	}
	domain := at + 1
	if at == 0 || domain >= len(s) || s[at] != '@' || digits > 3 || len(s)-domain > maxPlainDomain || !isLetter(s[0]) {
		return dst, false
	}
	label, longest := domain, 0
	for i := domain; i < len(s); i++ {
		switch mailBytes[s[i]] {
		case mailLower:
		case mailDot:
			if i == label {
				return dst, false
			}
			longest = max(longest, i-label)
			label = i + 1
		default:
			return dst, false
		}
	}
	last := s[label:]
	if label == domain || len(last) < 2 || max(longest, len(last)) >= minName || fileEnding(last) {
		return dst, false
	}
	if at > 1 {
		dst = append(dst, s[0])
	}
	dst = append(dst, "***"...)
	return append(dst, s[at:]...), true
}

// fileEnding is fileEndings for small letters, without a look-up in a map for
// the endings of most addresses.
func fileEnding(last string) bool {
	switch last {
	case "com", "net", "org", "de", "io", "dev", "test", "example":
		return false
	}
	return fileEndings[last]
}
