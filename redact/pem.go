package redact

import "strings"

// maxPEM bounds, in bytes, how far the end of a private key is sought. The
// largest keys in use have some 13 KB.
const maxPEM = 16 << 10

// pem redacts a private key from "-----BEGIN" at k-5 to the end of its END line. One
// that has no end is redacted as far as its lines look like those of a key. Without a
// key after it, as in a sentence about the first line of a file, the line stays.
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
	body := k
	for n := strings.Index(head, "----"); n >= 0 && body < len(s) && (body < k+n || s[body] == '-'); {
		body++
	}
	limit := nextPEM(s, k)
	end := pemEnd(s[:limit], k)
	if end == limit || !keyBody(s[body:end]) {
		if end = keyLines(s[:limit], body); end == body {
			return span{}, false
		}
		return span{start, end, idPEM}, true
	}
	for n := 0; end < len(s) && n < 48 && s[end] != '-' && s[end] != '\n'; n++ {
		end++
	}
	for end < len(s) && s[end] == '-' {
		end++
	}
	return span{start, end, idPEM}, true
}

// nextPEM returns where the next "-----BEGIN " behind k is, which a key does not go
// beyond, or how far its end is sought.
func nextPEM(s string, k int) int {
	to := min(len(s), k+maxPEM)
	for _, mark := range []string{"----BEGIN ", "---- BEGIN "} {
		if j := strings.Index(s[k:to], mark); j >= 0 {
			to = k + j
		}
	}
	return to
}

// pemEnd returns the position after the first "-----END " behind k, or the end of s
// when there is none.
func pemEnd(s string, k int) int {
	found := len(s)
	for _, mark := range []string{"----END ", "---- END "} {
		if j := strings.Index(s[k:found], mark); j >= 0 {
			found = k + j + len(mark)
		}
	}
	return found
}

// shortBody is the longest text, in bytes, between the first and the last line of a key
// that is taken for its body whatever it is.
const shortBody = 256

// keyBody reports whether body, between the first and the last line of a key, is that of
// one: a third of it is base64 in long pieces. Programs put other text before each line.
func keyBody(body string) bool {
	if len(body) <= shortBody {
		return true
	}
	mass := 0
	for i := 0; i < len(body); {
		n := pieceEnd(body, i)
		if n-i >= keyPiece {
			mass += n - i
		}
		i = max(n, i+1)
	}
	return mass*3 >= len(body)
}

// keyPiece is the length, in bytes, from which a piece of base64 is taken for a line of a
// key, and not for a word.
const keyPiece = 24

// keyLines returns where the body of a key that begins at i ends, which has no END line:
// headers, then lines of base64, with line ends of any kind, quotes and signs between
// them. It returns i when there is no base64.
func keyLines(s string, i int) int {
	end, p := i, i
	for p < len(s) {
		p = keyGap(s, p)
		n := pieceEnd(s, p)
		if n-p < keyPiece {
			if q := lastPiece(s, p); q > n {
				end, p = q, q // a line with the name of a program before it
				continue
			}
		}
		if n == p {
			break
		}
		if end == i {
			if h := keyHeader(s, p); h > p {
				p = h
				continue
			}
		}
		// The last line is short, and no word of a sentence follows it.
		if piece := s[p:n]; len(piece) < keyPiece && !(end > i && lineBreak(s, n)) && !(end == i && firstPiece(piece)) {
			break
		}
		end, p = n, n
	}
	return end
}

// lastPiece returns where the line of i ends when it ends with a piece of base64 as long
// as the lines of keys are, 0 otherwise.
func lastPiece(s string, i int) int {
	end := trimRight(s, i, lineEnd(s[:min(len(s), i+256)], i))
	start := end
	for start > i && pieceBytes[s[start-1]] {
		start--
	}
	if n := end - start; n < 48 || n > 80 || start > i && s[start-1] != ' ' && s[start-1] != '\t' {
		return 0
	}
	return end
}

// firstPiece reports whether a short piece may begin a key that is cut off: by the
// DER of RSA and EC keys, or the name of OpenSSH's format.
func firstPiece(piece string) bool {
	return len(piece) >= 4 && (piece[0] == 'M' && (piece[1] == 'I' || piece[1] == 'H' || piece[1] == 'C') || strings.HasPrefix(piece, "b3Bl"))
}

// keyGap steps over what parts the lines of a key: white space, line ends that are
// escaped any number of times or encoded for a URL, and the quotes and signs by which
// programs join strings.
func keyGap(s string, i int) int {
	for i < len(s) {
		switch c := s[i]; {
		case c <= ' ' || isQuote(c) || c == '+' && i+1 < len(s) && s[i+1] <= ' ' || c == '|' || c == '>' || c == ',':
			i++
		case c == '\\':
			for i < len(s) && s[i] == '\\' {
				i++
			}
			if i < len(s) && (s[i] == 'n' || s[i] == 'r' || s[i] == 't') {
				i++
			}
		case c == '%' && i+2 < len(s) && (s[i+1:i+3] == "0A" || s[i+1:i+3] == "0D" || s[i+1:i+3] == "20" || s[i+1:i+3] == "0a" || s[i+1:i+3] == "0d"):
			i += 3
		default:
			return i
		}
	}
	return i
}

// keyHeader returns where the header line at i ends, such as Proc-Type and DEK-Info; i
// when there is none.
func keyHeader(s string, i int) int {
	n := i
	for n < len(s) && n-i < 32 && (isLetter(s[n]) || s[n] == '-') {
		n++
	}
	if n == i || n+1 >= len(s) || s[n] != ':' || s[n+1] != ' ' {
		return i
	}
	switch name := s[i:n]; name {
	case "Proc-Type", "DEK-Info", "Version", "Comment", "Hash", "Charset", "Subject", "MessageID":
		return lineEnd(s, n)
	}
	return i
}

// lineBreak reports whether a line, a string or the text ends at i.
func lineBreak(s string, i int) bool {
	return i >= len(s) || s[i] == '\n' || s[i] == '\r' || s[i] == '\\' || isQuote(s[i]) || s[i] == '%' || s[i] == '-'
}

// pieceEnd returns where the piece of base64 at i ends; '+' and '/' may be encoded for
// a URL.
func pieceEnd(s string, i int) int {
	for i < len(s) {
		if pieceBytes[s[i]] {
			i++
		} else if s[i] == '%' && i+2 < len(s) && (s[i+1] == '2' && (s[i+2]|0x20 == 'b' || s[i+2]|0x20 == 'f') || s[i+1] == '3' && s[i+2]|0x20 == 'd') {
			i += 3
		} else {
			break
		}
	}
	return i
}

// pieceBytes are those of base64.
var pieceBytes = func() (t [256]bool) {
	t = byteSet("+/=", true)
	t['_'] = false
	return t
}()
