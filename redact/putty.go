package redact

import "strings"

// puttyLines is the key of the lines of a private key of PuTTY, and puttyEnd what
// comes after them.
const (
	puttyLines = "Private-Lines"
	puttyEnd   = "Private-MAC:"
)

// putty redacts the lines of a private key of PuTTY, of which the colon at k says how
// many they are, and the MAC after them. Line ends may be escaped.
func (sc *scanner) putty(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idPEM] || !strings.HasSuffix(s[:k], puttyLines) {
		return span{}, false
	}
	start := k + 1
	for start < len(s) && start-k < 8 && (isSpace(s[start]) || isDigit(s[start])) {
		start++
	}
	start = blanksEnd(s, start)
	end := start
	if mac := sc.puttyMAC(start); mac > 0 {
		for end = mac + len(puttyEnd); end < len(s) && isSpace(s[end]); {
			end++
		}
		for end < len(s) && isHex(s[end]) {
			end++
		}
	} else {
		for end < len(s) && (base64Bytes[s[end]] || blanksEnd(s, end) > end) {
			end = max(end+1, blanksEnd(s, end))
		}
		end = trimRight(s, start, end)
	}
	if start >= end || isMark(s[start:]) {
		return span{}, false
	}
	return span{start, end, idPEM}, true
}

// puttyMAC returns where the MAC of the key is whose lines begin at i, 0 when there is
// none near. What has been searched in vain is not searched again.
func (sc *scanner) puttyMAC(i int) int {
	from, to := max(i, sc.noMAC), min(len(sc.s), i+maxPEM)
	if from < to {
		if n := strings.Index(sc.s[from:to], puttyEnd); n >= 0 {
			return from + n
		}
		sc.noMAC = to - len(puttyEnd)
	}
	return 0
}
