package redact

// Most values under the keys of addresses are written the plain way. These are
// masked here without being parsed in full; everything else takes the rules of
// email.go and ip.go, which come to the same result for plain ones too.

// AppendAddress is [Redactor.AppendClass] for most values of [ClassIP] and
// [ClassEmail]: one IPv4 address, or an e-mail address of letters, digits and dots,
// that is to be masked. What it appends has at most 64 bytes, and no quote,
// backslash, control character or byte outside of ASCII. It reports false, and
// appends nothing, for any other value, class and policy.
func (r *Redactor) AppendAddress(dst []byte, c Class, s string) (out []byte, ok bool) {
	id := idEmail
	switch {
	case c == ClassEmail && r.plainMask(s, idEmail):
		out, ok = appendPlainEmail(dst, s)
	case c == ClassIP && r.plainMask(s, idIP):
		id = idIP
		out, ok = appendPlainIP(dst, s)
	}
	if !ok {
		return dst, false
	}
	r.count(id)
	return out, true
}

// appendPlainIP masks s when it is four decimal numbers without leading zeros:
// an IPv4 address as it is printed everywhere.
func appendPlainIP(dst []byte, s string) ([]byte, bool) {
	last, ok := plainIP(s)
	switch {
	case !ok:
		return dst, false
	case last == 0:
		return append(dst, "[IP]"...), true // its own network
	}
	return append(append(dst, s[:last]...), "0/24"...), true
}

// plainIP reports whether s is such an address, and where its last number begins; 0
// when that number is 0.
func plainIP(s string) (last int, ok bool) {
	if len(s) < len("0.0.0.0") || len(s) > len("255.255.255.255") {
		return 0, false
	}
	i := 0
	for part := 0; ; part++ {
		if i >= len(s) || s[i]-'0' > 9 {
			return 0, false
		}
		last = i
		v := uint(s[i] - '0')
		i++
		if i < len(s) && s[i]-'0' <= 9 && v > 0 {
			v = v*10 + uint(s[i]-'0')
			i++
			if i < len(s) && s[i]-'0' <= 9 {
				v = v*10 + uint(s[i]-'0')
				i++
			}
		}
		switch {
		case v > 255:
			return 0, false
		case part < 3 && i < len(s) && s[i] == '.':
			i++
		case part < 3 || i != len(s):
			return 0, false
		case v == 0:
			return 0, true
		default:
			return last, true
		}
	}
}

// Kinds of characters in a plain e-mail address.
const (
	mailDigit = 1 << iota
	mailLower
	mailUpper
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
	at, digits := 0, uint8(0)
	for at < len(s) && at <= maxPlainLocal {
		kind := mailBytes[s[at]]
		if kind == 0 {
			break
		}
		digits += kind & mailDigit
		at++
	}
	if at == 0 || at >= len(s) || s[at] != '@' || digits > 3 || !isLetter(s[0]) || !plainDomain(s[at+1:]) {
		return dst, false
	}
	if at > 1 {
		dst = append(dst, s[0], '*', '*', '*')
	} else {
		dst = append(dst, '*', '*', '*')
	}
	return append(dst, s[at:]...), true
}

// plainDomain reports whether s is two or more names of small letters with dots
// between them, each shorter than any token, and the last one no file's ending.
func plainDomain(s string) bool {
	if len(s) > maxPlainDomain {
		return false
	}
	label := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'a' < 26 {
			continue
		}
		if s[i] != '.' || i == label || i-label >= minName {
			return false
		}
		label = i + 1
	}
	last := s[label:]
	return label > 0 && len(last) >= 2 && len(last) < minName && !fileEnding(last)
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
