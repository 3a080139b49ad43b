package redact

import "strings"

// pgpass redacts the password of a line of ~/.pgpass: host:port:database:user:password.
// So many lines have five fields that the second must be a port on which PostgreSQL
// listens, or the first two must be stars. k is the colon after the host.
func (sc *scanner) pgpass(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idContext] {
		return span{}, false
	}
	start := k
	for start > sc.lo && k-start < 256 && s[start-1] > ' ' && s[start-1] != ':' && !isQuote(s[start-1]) {
		start--
	}
	if start == k || start > 0 && s[start-1] == ':' {
		return span{}, false
	}
	i, ok := 0, false
	for _, port := range [...]string{":5432:", ":5433:", ":*:"} {
		if strings.HasPrefix(s[k:], port) && (port != ":*:" || s[start:k] == "*") {
			i, ok = k+len(port), true
		}
	}
	if !ok {
		return span{}, false
	}
	for range 2 { // the database and the user
		n := i
		for n < len(s) && n-i < 128 && s[n] > ' ' && s[n] != ':' {
			n++
		}
		if n == i || n >= len(s) || s[n] != ':' {
			return span{}, false
		}
		i = n + 1
	}
	end := i
	for end < len(s) && s[end] > ' ' && !isQuote(s[end]) && !(s[end] == '\\' && end+1 < len(s) && (s[end+1] == 'n' || isQuote(s[end+1]))) {
		end++
	}
	if end == i || isMark(s[i:]) || trivial(s[i:end]) || end < len(s) && s[end] != '\n' && s[end] != '\r' && s[end] != '\\' && !isQuote(s[end]) {
		return span{}, false
	}
	return span{i, end, idContext}, true
}
