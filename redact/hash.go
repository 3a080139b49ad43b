package redact

import (
	"crypto/hmac"
	"crypto/sha256"
)

// hashLetters is the length of a hash in a mark: 64 bits, four a letter. Letters
// and no digits, so that a hash never looks like a number to another rule.
const hashLetters = 16

// appendHash appends [NAME:keyid:hash], the first 64 bits of HMAC-SHA-256 over
// text. Equal texts have equal marks under one key, and nothing can be learned
// from a mark without the key.
func (r *Redactor) appendHash(dst []byte, name, text string) []byte {
	mac := hmac.New(sha256.New, r.cfg.PIIKey)
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write([]byte(text))
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	dst = append(dst, '[')
	dst = append(dst, name...)
	dst = append(dst, ':')
	dst = append(dst, r.cfg.PIIKeyID...)
	dst = append(dst, ':')
	for _, b := range sum[:hashLetters/2] {
		dst = append(dst, 'a'+b>>4, 'a'+b&15)
	}
	return append(dst, ']')
}
