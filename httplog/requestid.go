package httplog

import (
	"encoding/hex"
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
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

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
	var raw [16]byte
	for i, half := range [2]uint64{rand.Uint64(), rand.Uint64()} {
		for j := range 8 {
			raw[8*i+j] = byte(half >> (8 * j))
		}
	}
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], raw[0:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:36], raw[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
