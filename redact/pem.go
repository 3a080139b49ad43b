package redact

import "strings"

// maxPEM bounds, in bytes, how far the end of a private key is sought. The
// largest keys in use have some 13 KB.
const maxPEM = 16 << 10

// pem redacts a private key from "-----BEGIN" at k-5 to the end of its END line;
// one that has no end is redacted to the end of the text, or of its line when
// the body begins on the same line.
func (sc *scanner) pem(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idPEM] || !strings.HasSuffix(s[:k], "----") && !strings.HasSuffix(s[:k], "---- ") {
		return span{}, false
	}
	head := s[k:min(len(s), k+64)]
	if !strings.Contains(head, "PRIVATE KEY") && !strings.Contains(head, "OPENSSH") {
		return span{}, false
	}
	start := k
	for start > sc.lo && k-start < 8 && (s[start-1] == '-' || s[start-1] == ' ' && start > 1 && s[start-2] == '-') {
		start--
	}
	end := len(s)
	if line := lineFeed(s, k); line-k > 80 {
		end = line
	}
	found := sc.pemEnd(k)
	if found == len(s) {
		return span{start, end, idPEM}, true
	}
	end = found
	for n := 0; end < len(s) && n < 48 && s[end] != '-' && s[end] != '\n'; n++ {
		end++
	}
	for end < len(s) && s[end] == '-' {
		end++
	}
	return span{start, end, idPEM}, true
}

// lineFeed returns where the line of i ends: a real line end, not an escaped one.
func lineFeed(s string, i int) int {
	if j := strings.IndexByte(s[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(s)
}

// pemEnd returns the position after the first "-----END " behind k, or the end
// of the text when there is none near. What has been searched in vain for one
// key is not searched again for the next.
func (sc *scanner) pemEnd(k int) int {
	s := sc.s
	from, to := max(k, sc.noEnd), min(len(s), k+maxPEM)
	found := len(s)
	if from < to {
		for _, mark := range []string{"----END ", "---- END "} {
			if j := strings.Index(s[from:to], mark); j >= 0 {
				found = min(found, from+j+len(mark))
			}
		}
		if found == len(s) {
			sc.noEnd = to - len("---- END ")
		}
	}
	return found
}
