package httplog

import (
	"math/rand/v2"
	"net/http"
)

// Adopt says whose X-Request-ID is taken over. Whatever it says, an id is only
// taken over when [ValidRequestID] holds.
type Adopt string

// The values of [Adopt].
const (
	AdoptAnyone  Adopt = ""        // of any client
	AdoptProxies Adopt = "proxies" // of peers within [Config.TrustedProxies]
	AdoptNobody  Adopt = "nobody"  // of nobody: every request gets a new id
)

// headerRequestID is the canonical form of X-Request-ID, as the keys of an
// [http.Header] are.
const headerRequestID = "X-Request-Id"

// ValidRequestID reports whether id can be taken over from a client: 8 to 64
// characters of A-Z, a-z, 0-9, '.', '_' and '-'. Anything else could forge log
// lines, or fill them.
func ValidRequestID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if !idByte[id[i]] {
			return false
		}
	}
	return true
}

// idByte says which bytes a request id may have.
var idByte = func() (t [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-" {
		t[c] = true
	}
	return t
}()

// requestID returns the id of r: the client's where it may be taken over, else
// a new one.
func (c *Config) requestID(r *http.Request, fromProxy bool) string {
	if c.Adopt == AdoptAnyone || c.Adopt == AdoptProxies && fromProxy {
		if ids := r.Header[headerRequestID]; len(ids) == 1 && ValidRequestID(ids[0]) &&
			(c.ValidID == nil || c.ValidID(ids[0])) {
			return ids[0]
		}
	}
	if c.NewID != nil {
		return c.NewID()
	}
	return newUUID()
}

// newUUID returns a random UUID (RFC 9562, version 4). It draws from the
// runtime's ChaCha8 generator: an id must be unique, it is no secret.
func newUUID() string {
	a, b := rand.Uint64(), rand.Uint64()
	a = a&^0xf000 | 0x4000 // the version: digit 12
	b = b&^(3<<62) | 2<<62 // the variant: the first two bits of digit 16
	var text [36]byte
	putHex(text[0:8], a>>32)
	putHex(text[9:13], a>>16)
	putHex(text[14:18], a)
	putHex(text[19:23], b>>48)
	putHex(text[24:36], b)
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// putHex fills b with the last hexadecimal digits of v.
func putHex(b []byte, v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = "0123456789abcdef"[v&0xf]
		v >>= 4
	}
}
