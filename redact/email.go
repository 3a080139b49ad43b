package redact

import (
	"strings"
	"unicode/utf8"
)

// at looks at '@' (or %40, width 3): an e-mail address, or user:password@host.
func (sc *scanner) at(k, width int) (span, bool) {
	if width == 1 {
		if sp, ok := sc.userinfo(k); ok {
			return sp, true
		}
	}
	start := localStart(sc.s, k, sc.lo)
	if sp, ok := sc.userAddress(start, k); ok {
		return sp, true
	}
	if sc.r.off[idEmail] {
		return span{}, false
	}
	if start == k {
		return span{}, false
	}
	end, ok := domainEnd(sc.s, k+width)
	if !ok || maskedLocal(sc.s[start:k]) {
		return span{}, false
	}
	return span{start, end, idEmail}, true
}

// userAddress looks at -u bob@example.com:password, where the address is the
// user.
func (sc *scanner) userAddress(start, k int) (span, bool) {
	s := sc.s
	before := s[max(0, start-10):start]
	if !strings.Contains(before, "-u") {
		return span{}, false
	}
	end := k
	for end < len(s) && !isSpace(s[end]) && s[end] != '\n' {
		if s[end] == ':' {
			return sc.userFlag(end)
		}
		end++
	}
	return span{}, false
}

// localStart returns where the part before '@' begins, at most 128 bytes back;
// k when there is none.
func localStart(s string, k, lo int) int {
	floor := max(lo, k-128)
	if k > floor && s[k-1] == '"' {
		for i := k - 2; i >= floor; i-- {
			if s[i] == '"' && (i == 0 || s[i-1] != '\\') {
				return i
			}
		}
		return k
	}
	i := k
	for i > floor && localBytes[s[i-1]] {
		i--
	}
	for i < k && (s[i] == '.' || s[i] == '-') {
		i++
	}
	return i
}

// localBytes are the characters of a local part that occur in practice; '=' and
// quotes are left out, because in logs they part a key from its value.
var localBytes = func() (t [256]bool) {
	t = byteSet(".-+%!#$&*~^|'", true)
	t['\''] = false
	for i := 0x80; i < 0x100; i++ {
		t[i] = true
	}
	return t
}()

// domainEnd returns where the domain at i ends: at least two labels, the last
// of letters; or an IPv4 address, bare or in brackets.
func domainEnd(s string, i int) (int, bool) {
	if i < len(s) && s[i] == '[' {
		if e := strings.IndexByte(s[i:min(len(s), i+48)], ']'); e > 0 && digitsIn(s[i:i+e]) > 0 {
			return i + e + 1, true
		}
		return 0, false
	}
	start, label, labels, numeric := i, i, 0, 0
	end := i
	for i < len(s) && i-start < 255 {
		c := s[i]
		if isAlnum(c) || c == '-' || c == '_' || c >= 0x80 {
			i++
			end = i
			continue
		}
		if c != '.' || i == label || i+1 >= len(s) || !isAlnum(s[i+1]) && s[i+1] < 0x80 {
			break
		}
		labels++
		if digitsIn(s[label:i]) == i-label {
			numeric++
		}
		i++
		label = i
	}
	if labels == 0 {
		return end, upiHandle(s[start:end])
	}
	last := s[label:end]
	if labels == 3 && numeric == 3 && digitsIn(last) == len(last) {
		return end, true
	}
	if len(last) < 2 || wordIn(fileEndings, last) {
		return 0, false
	}
	if !strings.HasPrefix(last, "xn--") {
		for j := 0; j < len(last); j++ {
			if !isLetter(last[j]) && last[j] < 0x80 {
				return 0, false
			}
		}
	}
	return end, true
}

// upiHandle reports whether name is the handle of a bank or an application in an
// address of India's UPI, which names a person as an e-mail address does:
// bob@okaxis. Source: the handles that NPCI lists.
func upiHandle(name string) bool { return len(name) <= 12 && wordIn(upiHandles, name) }

var upiHandles = map[string]bool{
	"upi": true, "okaxis": true, "okhdfcbank": true, "okicici": true, "oksbi": true, "ybl": true, "ibl": true, "axl": true,
	"paytm": true, "ptaxis": true, "ptyes": true, "pthdfc": true, "ptsbi": true, "apl": true, "yapl": true, "rapl": true,
	"axisbank": true, "axisb": true, "hdfcbank": true, "icici": true, "sbi": true, "kotak": true, "yesbank": true,
	"barodampay": true, "indus": true, "federal": true, "pnb": true, "idfcbank": true, "aubank": true, "jupiteraxis": true,
	"fam": true, "slice": true, "freecharge": true, "waaxis": true, "wahdfcbank": true, "waicici": true, "wasbi": true, "naviaxis": true,
}

// fileEndings are no top-level domains: icon@2x.png.
var fileEndings = map[string]bool{
	"png": true, "jpg": true, "jpeg": true, "gif": true, "svg": true, "webp": true, "js": true,
	"css": true, "html": true, "json": true, "go": true, "java": true, "ts": true, "tgz": true,
}

// maskedLocal recognises our own mask: u***@example.com.
func maskedLocal(local string) bool {
	return strings.HasSuffix(local, "***") && utf8.RuneCountInString(local) <= 4
}

// appendEmail appends an address by policy.
func (r *Redactor) appendEmail(dst []byte, addr string) []byte {
	if r.cfg.PII == PIIHash {
		return r.appendHash(dst, "EMAIL", strings.ToLower(addr))
	}
	sep := strings.LastIndexByte(addr, '@')
	domain := sep + 1
	if sep < 0 {
		if sep = strings.LastIndex(addr, "%40"); sep < 0 {
			return append(dst, "[EMAIL]"...)
		}
		domain = sep + 3
	}
	if first, n := utf8.DecodeRuneInString(addr); n < sep && first != '"' && first != utf8.RuneError {
		dst = append(dst, addr[:n]...)
	}
	dst = append(dst, "***"...)
	dst = append(dst, addr[sep:domain]...)
	if strings.HasPrefix(addr[domain:], "[") || digitsIn(addr[domain:])+strings.Count(addr[domain:], ".") == len(addr)-domain {
		return append(dst, "[IP]"...)
	}
	return append(dst, addr[domain:]...)
}

// appendEmailValue appends the value of a key that holds an address.
func (r *Redactor) appendEmailValue(dst []byte, s string) []byte {
	if out, ok := r.AppendAddress(dst, ClassEmail, s); ok {
		return out
	}
	return r.appendAnyEmail(dst, s)
}

// plainMask reports whether nothing but the mask of rule id can apply to a
// plain value s under its key.
func (r *Redactor) plainMask(s string, id ruleID) bool {
	return r.cfg.PII == PIIMask && !r.off[id] && len(r.cfg.Values) == 0 && len(s) <= r.cfg.MaxBytes
}

// appendAnyEmail is appendEmailValue for values of any form.
func (r *Redactor) appendAnyEmail(dst []byte, s string) []byte {
	if s == "" || r.off[idEmail] || emptyValue(s) {
		return r.AppendString(dst, s)
	}
	n := len(dst)
	dst = r.AppendString(dst, s)
	if string(dst[n:]) != s || strings.Contains(s, "***@") || isMark(s) {
		return dst
	}
	r.count(idEmail)
	return append(dst[:n], "[EMAIL]"...)
}

// emptyValue reports whether s says that there is no value.
func emptyValue(s string) bool {
	switch s {
	case "-", "null", "nil", "<nil>", "none", "unknown", "localhost", "unix", "@":
		return true
	}
	return false
}
