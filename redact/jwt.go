package redact

import (
	"encoding/base64"
	"strings"
)

// jwt looks at "eyJ" or another beginning of base64 of JSON at p. Parts joined
// by dots are a token; a single part is decoded, and redacted when the JSON in
// it holds a secret.
func (sc *scanner) jwt(p int) (span, bool) {
	s := sc.s
	if !boundary(s, p) {
		return span{}, false
	}
	i := p
	for i < len(s) && (nameBytes[s[i]] || s[i] == '/' || s[i] == '+') {
		i++
	}
	if i < len(s) && s[i] == '.' && i-p >= 10 && !sc.r.off[idJWT] && i+1 < len(s) && nameBytes[s[i+1]] {
		end := i
		for end < len(s) && (tokenBytes[s[end]] && s[end] != '~') {
			end++
		}
		if end-i >= 8 {
			return span{p, end, idJWT}, true
		}
	}
	for i < len(s) && s[i] == '=' {
		i++
	}
	if sc.r.off[idEncoded] || i-p < 16 || !sc.encodedSecret(s[p:i]) {
		return span{}, false
	}
	return span{p, i, idEncoded}, true
}

// encodedSecret reports whether text is base64 of JSON that redaction would
// change. What is too long to look into is taken for one that it would.
func (sc *scanner) encodedSecret(text string) bool {
	const maxEncoded = 64 << 10
	if sc.depth >= sc.r.cfg.MaxUnescape {
		return true
	}
	if len(text) > maxEncoded {
		return true
	}
	text = strings.TrimRight(text, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		enc = base64.RawURLEncoding
	}
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	raw, err := enc.DecodeString(text)
	if err != nil || len(raw) == 0 {
		return false
	}
	return sc.r.suspicious(string(raw), sc.depth+1)
}

// encodedToken looks at "ZXlK", base64 of "eyJ": a token encoded once more.
func (sc *scanner) encodedToken(p int) (span, bool) {
	s := sc.s
	if sc.r.off[idJWT] || !boundary(s, p) {
		return span{}, false
	}
	end := p
	for end < len(s) && base64Bytes[s[end]] {
		end++
	}
	if end-p < 24 {
		return span{}, false
	}
	return span{p, end, idJWT}, true
}

// encodedKey looks at "LS0tLS1CRUdJTi", base64 of "-----BEGIN": a private key as
// Kubernetes and many variables of the environment carry it.
func (sc *scanner) encodedKey(p int) (span, bool) {
	s := sc.s
	if sc.r.off[idPEM] || !boundary(s, p) {
		return span{}, false
	}
	end := p
	for end < len(s) && base64Bytes[s[end]] {
		end++
	}
	var buf [48]byte
	if end-p < 64 {
		return span{}, false
	}
	n, _ := base64.StdEncoding.Decode(buf[:], []byte(s[p:p+64]))
	if !strings.Contains(string(buf[:n]), "PRIVATE") && !strings.Contains(string(buf[:n]), "OPENSSH") {
		return span{}, false
	}
	return span{p, end, idPEM}, true
}
