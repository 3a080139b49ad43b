package redact

import (
	"net/netip"
	"strconv"
	"strings"
)

// ipv4 matches four numbers at g, with a prefix length if one follows.
func (sc *scanner) ipv4(g int) (span, bool) {
	s := sc.s
	if !ipBefore(s, g) {
		return span{}, false
	}
	end, ok := parseIPv4(s, g)
	if !ok || versionBefore(s, g, end) {
		return span{}, false
	}
	if end < len(s) {
		c := s[end]
		if isAlnum(c) || c == '_' || c == '.' && end+1 < len(s) && isDigit(s[end+1]) ||
			c == '-' && end+1 < len(s) && isLetter(s[end+1]) {
			return span{}, false
		}
	}
	stop, masked := cidr(s, g, end, 24)
	if masked {
		sc.numEnd = max(sc.numEnd, stop)
		return span{}, false
	}
	return span{g, stop, idIP}, true
}

// parseIPv4 reads four decimal numbers up to 255.
func parseIPv4(s string, i int) (end int, ok bool) {
	for part := 0; part < 4; part++ {
		v, n := 0, 0
		for i < len(s) && isDigit(s[i]) && n < 4 {
			v = v*10 + int(s[i]-'0')
			n++
			i++
		}
		if n == 0 || n > 3 || v > 255 {
			return 0, false
		}
		if part < 3 {
			if i >= len(s) || s[i] != '.' {
				return 0, false
			}
			i++
		}
	}
	return i, true
}

// ipBefore reports whether an address may begin at g.
func ipBefore(s string, g int) bool {
	if g == 0 {
		return true
	}
	switch c := s[g-1]; c {
	case '.', '_':
		return false
	case '-':
		return g >= 2 && isDigit(s[g-2])
	default:
		return boundary(s, g)
	}
}

// versionBefore reports whether the four numbers are a version: after a product
// name and a slash (Chrome/120.0.0.0), or after the word version. A port makes
// it an address again.
func versionBefore(s string, g, end int) bool {
	if end < len(s) && s[end] == ':' && end+1 < len(s) && isDigit(s[end+1]) {
		return false
	}
	if g >= 2 && s[g-1] == '/' {
		i := g - 1
		for i > 0 && isLetter(s[i-1]) {
			i--
		}
		return i < g-1 && isUpper(s[i])
	}
	return wordBefore(s, g, 12, "version", "ver", "build", "release", "chrome", "firmware")
}

// cidr reads "/24" after an address. masked reports that the address is a
// network already, at most bits long, so that a second pass changes nothing.
func cidr(s string, start, end, bits int) (stop int, masked bool) {
	if end >= len(s) || s[end] != '/' {
		return end, false
	}
	i := end + 1
	for i < len(s) && i < end+4 && isDigit(s[i]) {
		i++
	}
	n, err := strconv.Atoi(s[end+1 : i])
	if err != nil || i < len(s) && (isAlnum(s[i]) || s[i] == '.' && i+1 < len(s) && isDigit(s[i+1])) {
		return end, false
	}
	addr, err := netip.ParseAddr(s[start:end])
	if err != nil || n > addr.BitLen() {
		return end, false
	}
	p, err := addr.Prefix(n)
	return i, err == nil && n <= bits && p.Addr() == addr
}

// ipv6 looks at ':' at k for an address around it.
func (sc *scanner) ipv6(k int) (span, bool) {
	s := sc.s
	if k < sc.ipEnd {
		return span{}, false
	}
	next := k+1 < len(s) && (s[k+1] == ':' || isHex(s[k+1]))
	prev := k > sc.lo && (s[k-1] == ':' || isHex(s[k-1]))
	if !next || !prev && s[k+1] != ':' {
		return span{}, false
	}
	start := k
	for start > sc.lo && k-start < 5 && isHex(s[start-1]) {
		start--
	}
	end, colons, double := k, 0, false
	for end < len(s) && end-start < 46 && (isHex(s[end]) || s[end] == ':' || s[end] == '.' && isDigit(s[end-1])) {
		if s[end] == ':' {
			colons++
			double = double || end > k && s[end-1] == ':'
		}
		end++
	}
	if colons < 6 && !double {
		sc.ipEnd = end // times, positions in sources
		return span{}, false
	}
	for end > start && s[end-1] == '.' {
		end--
	}
	if s[end-1] == ':' && !strings.HasSuffix(s[start:end], "::") {
		end--
	}
	text := s[start:end]
	found := sc.addressAt(start, end)
	if !found {
		sc.ipEnd = end
		return span{}, false
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		sc.ipEnd = end
		return span{}, false
	}
	if end < len(s) && s[end] == '%' {
		end = zoneEnd(s, end)
	}
	bits := 48
	if addr.Is4In6() {
		bits = 24
	}
	stop, masked := cidr(s, start, end, bits)
	if masked {
		sc.ipEnd = stop
		sc.numEnd = max(sc.numEnd, stop)
		return span{}, false
	}
	return span{start, stop, idIP}, true
}

// addressAt reports whether s[start:end] has the shape of an IPv6 address and
// stands by itself.
func (sc *scanner) addressAt(start, end int) bool {
	s := sc.s
	text := s[start:end]
	if !ipv6Shape(text) || start > 0 && (isAlnum(s[start-1]) && !boundary(s, start) || s[start-1] == '_' || s[start-1] == ':') ||
		end < len(s) && (isAlnum(s[end]) || s[end] == '_') {
		return false
	}
	return text != "::" || start == 0 && (end == len(s) || s[end] == '/') || bracketsAround(s, start, end)
}

// ipv6Shape rejects what only resembles an address before it is parsed: times
// (12:34:56), hardware addresses (eight pairs), names of namespaces (a::b).
func ipv6Shape(text string) bool {
	colons, digits, pairs, group := 0, 0, true, 0
	double := strings.Contains(text, "::")
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ':':
			colons++
			pairs = pairs && group == 2
			group = 0
		case c == '.':
		default:
			group++
			if isDigit(c) {
				digits++
			}
		}
	}
	if colons < 2 || !double && colons < 6 || colons == 7 && pairs && group == 2 && !double {
		return false
	}
	return digits > 0 || text == "::" || colons >= 4
}

func bracketsAround(s string, start, end int) bool {
	return start > 0 && end < len(s) && (s[start-1] == '[' && s[end] == ']' || isQuote(s[start-1]) && s[end] == s[start-1])
}

// zoneEnd returns the end of "%eth0" at i.
func zoneEnd(s string, i int) int {
	end := i + 1
	for end < len(s) && (nameBytes[s[end]] || s[end] == '.' && end+1 < len(s) && isAlnum(s[end+1])) {
		end++
	}
	if end == i+1 {
		return i
	}
	return end
}

// appendIP appends an address by policy. An address that is its own network has
// no mask that hides it, and becomes [IP].
func (r *Redactor) appendIP(dst []byte, text string) []byte {
	if r.cfg.PII == PIIMask {
		if out, ok := appendPlainIP(dst, text); ok {
			return out
		}
	}
	host := text
	if i := strings.IndexByte(host, '/'); i >= 0 {
		host = host[:i]
	}
	if i := strings.IndexByte(host, '%'); i >= 0 {
		host = host[:i]
	}
	addr, err := netip.ParseAddr(trimZeros(host))
	if err != nil {
		return append(dst, "[IP]"...)
	}
	return r.appendAddr(dst, addr)
}

func (r *Redactor) appendAddr(dst []byte, addr netip.Addr) []byte {
	addr = addr.WithZone("").Unmap()
	if r.cfg.PII == PIIHash {
		return r.appendHash(dst, "IP", addr.String())
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil || p.Addr() == addr {
		return append(dst, "[IP]"...)
	}
	return p.AppendTo(dst)
}

// trimZeros drops leading zeros of decimal parts, which netip refuses.
func trimZeros(host string) string {
	if strings.IndexByte(host, ':') >= 0 || !strings.Contains(host, "0") {
		return host
	}
	parts := strings.Split(host, ".")
	for i, p := range parts {
		if q := strings.TrimLeft(p, "0"); q != "" {
			parts[i] = q
		} else if p != "" {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, ".")
}

// appendIPValue appends the value of a key that holds one address or a list,
// each with or without a port. What is no address is hidden: a host name in its
// place says as much.
func (r *Redactor) appendIPValue(dst []byte, s string) []byte {
	if out, ok := r.AppendAddress(dst, ClassIP, s); ok {
		return out
	}
	return r.appendAnyIP(dst, s)
}

// appendAnyIP is appendIPValue for values of any form.
func (r *Redactor) appendAnyIP(dst []byte, s string) []byte {
	if s == "" || r.off[idIP] || emptyValue(s) {
		return r.AppendString(dst, s)
	}
	for {
		part, rest, more := strings.Cut(s, ",")
		trimmed := strings.TrimLeft(part, " ")
		dst = append(dst, part[:len(part)-len(trimmed)]...)
		dst = r.appendOneIP(dst, strings.TrimRight(trimmed, " "))
		if !more {
			return dst
		}
		dst = append(dst, ',')
		s = rest
	}
}

func (r *Redactor) appendOneIP(dst []byte, s string) []byte {
	if s == "" || emptyValue(s) || isMark(s) {
		return append(dst, s...)
	}
	if strings.IndexByte(s, '/') > 0 {
		p, err := netip.ParsePrefix(s)
		if err == nil && p.Masked() == p && (p.Addr().Is4() && p.Bits() <= 24 || p.Addr().Is6() && p.Bits() <= 48) {
			return append(dst, s...)
		}
	}
	r.count(idIP)
	if addr, err := netip.ParseAddr(s); err == nil {
		return r.appendAddr(dst, addr)
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		dst = r.appendAddr(dst, ap.Addr())
		return strconv.AppendUint(append(dst, ':'), uint64(ap.Port()), 10)
	}
	return r.appendIP(dst, strings.Trim(s, "[]"))
}

// appendCoordinate appends a latitude or longitude rounded to one decimal.
func (r *Redactor) appendCoordinate(dst []byte, s string) []byte {
	if s == "" || r.off[idCoordinate] {
		return r.AppendString(dst, s)
	}
	n := len(dst)
	if v, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
		dst = strconv.AppendFloat(dst, Coordinate(v), 'f', 1, 64)
	} else {
		dst = append(dst, Mark...)
	}
	if string(dst[n:]) != s { // one that is rounded already is no finding
		r.count(idCoordinate)
	}
	return dst
}
