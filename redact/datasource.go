package redact

import "strings"

// maxDataSource bounds, in bytes, how far before its '@' a data source begins.
const maxDataSource = 160

// dataSource looks at the '@' of k in the name of a data source as the driver of MySQL
// takes it, user:password@tcp(host)/db, also without the network or the address, and
// as Oracle takes it, user/password@host.
func (sc *scanner) dataSource(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idURL] {
		return span{}, false
	}
	start := sc.sourceStart(k)
	text := s[start:k]
	if i := strings.Index(text, "jdbc:oracle:"); i >= 0 || sqlplus(s, start) {
		i += len("jdbc:oracle:")
		if i < len("jdbc:oracle:") {
			i = 0
		} else if n := strings.IndexByte(text[i:], ':'); n >= 0 {
			i += n + 1
		}
		if n := strings.IndexByte(text[i:], '/'); n > 0 {
			return sourcePassword(s, start+i+n+1, k)
		}
		return span{}, false
	}
	if !networkAt(s, k+1) {
		return span{}, false
	}
	colon := strings.IndexByte(text, ':')
	if colon <= 0 || !isAlnum(text[colon-1]) || strings.HasPrefix(text[colon:], "://") || strings.IndexByte(text[:colon], '@') >= 0 {
		return span{}, false
	}
	if s[k+1] == '/' && (k-start-colon < 4 || text[colon+1] == '/' || text[colon+1] == '.') {
		return span{}, false // a path
	}
	return sourcePassword(s, start+colon+1, k)
}

// sourceNext are the bytes with which what follows the '@' of a data source begins.
var sourceNext = byteSet("/(-", true)

// sourcePassword is the password start..end, unless nothing or a mark stands there.
func sourcePassword(s string, start, end int) (span, bool) {
	if start >= end || isMark(s[start:]) || trivial(s[start:end]) || loosePlace(s, start) {
		return span{}, false
	}
	return span{start, end, idURL}, true
}

// sourceStart returns where the data source begins of which the '@' is at k: after a
// space, or a quote that opens.
func (sc *scanner) sourceStart(k int) int {
	s := sc.s
	floor := max(sc.lo, k-maxDataSource)
	i := k
	for i > floor && s[i-1] > ' ' {
		if isQuote(s[i-1]) && (i-1 == floor || opensSource[s[i-2]]) {
			break
		}
		i--
	}
	return i
}

// opensSource are the bytes before a quote that opens.
var opensSource = byteSet(" \t\n=:([{,\\", false)

// lastAt returns the '@' after that of k, in the same word, that a host or a network
// follows: the password has an '@' in it. Without one it returns k.
func lastAt(s string, k int) int {
	for i := k + 1; i+1 < len(s) && i-k < maxDataSource && s[i] > ' ' && !isQuote(s[i]); i++ {
		switch s[i] {
		case '@':
			if isAlnum(s[i+1]) || s[i+1] == '[' || networkAt(s, i+1) {
				k = i
			}
		case '/', ',', ';':
			return k
		}
	}
	return k
}

// networkAt reports whether at i begins what follows the '@' in a data source of MySQL:
// tcp(host:port)/, unix(/path)/, (host)/, tcp/db, or nothing but /db.
func networkAt(s string, i int) bool {
	if s[i] == '/' {
		return i+1 >= len(s) || isAlnum(s[i+1]) || s[i+1] == '_' || s[i+1] == '?' || s[i+1] <= ' ' || isQuote(s[i+1]) || s[i+1] == '\\' || s[i+1] == '}' || s[i+1] == ']'
	}
	n := i
	for n < len(s) && n-i < 24 && (isAlnum(s[n]) || s[n] == '+' || s[n] == '-' || s[n] == '_') {
		n++
	}
	if n >= len(s) || s[n] != '(' && s[n] != '/' {
		return false
	}
	switch net := s[i:n]; {
	case net == "tcp" || net == "tcp4" || net == "tcp6" || net == "udp" || net == "unix":
		return true
	case s[n] == '/':
		return false
	}
	address := s[n:min(len(s), n+128)]
	return strings.Contains(address, ")/")
}

// sqlplus reports whether the word at i is the first argument of a program of Oracle.
func sqlplus(s string, i int) bool {
	before := strings.TrimRight(s[max(0, i-16):i], " ")
	return len(before) < i && (strings.HasSuffix(before, "sqlplus") || strings.HasSuffix(before, "sqlplus -s") || strings.HasSuffix(before, "sqlplus -S") ||
		strings.HasSuffix(before, "expdp") || strings.HasSuffix(before, "impdp") || strings.HasSuffix(before, "sqlldr"))
}
