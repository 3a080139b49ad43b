package httplog

import (
	"math/rand/v2"
	"net/http"
	"sync"
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
	for i := 0; i < len(id)-8; i += 8 {
		if !isIDWord(load8(id[i:])) {
			return false
		}
	}
	return isIDWord(load8(id[len(id)-8:]))
}

// load8 returns the first eight bytes of s.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// isIDWord reports whether each of the eight bytes of w may be in a request id.
// It looks at all at once: in a sum, a byte has its high bit set where it is at
// least the bound that was added as 0x80-bound (Hacker's Delight, section 6-1).
// Nothing is carried over, since the bytes themselves have no high bit.
func isIDWord(w uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if w&highs != 0 {
		return false
	}
	lower := w | ones*0x20 // of letters; no other byte becomes one
	letter := (lower + ones*(0x80-'a')) &^ (lower + ones*(0x7f-'z'))
	digit := (w + ones*(0x80-'0')) &^ (w + ones*(0x7f-'9'))
	point := (w + ones*(0x80-'-')) &^ (w + ones*(0x7f-'.')) // '-' and '.' are neighbours
	under := highs - (w ^ ones*'_')
	return (letter|digit|point|under)&highs == highs
}

// requestID returns the id of r, as the value of a header: the client's where it
// may be taken over, which is the request's own header then, else a new one.
func (c *Config) requestID(r *http.Request, fromProxy bool) []string {
	if c.Adopt == AdoptAnyone || c.Adopt == AdoptProxies && fromProxy {
		if ids := r.Header[headerRequestID]; len(ids) == 1 && ValidRequestID(ids[0]) &&
			(c.ValidID == nil || c.ValidID(ids[0])) {
			return ids[:1:1]
		}
	}
	if c.NewID != nil {
		return []string{c.NewID()}
	}
	return newID()
}

// idBatch is how many ids are made at a time: they share two allocations, which
// would cost a request more than the id itself.
const idBatch = 32

// ids are ids that are made, as values of headers, from next on not given away.
type ids struct {
	headers [idBatch]string
	next    int
}

// idPool has batches that are not given away entirely.
var idPool = sync.Pool{New: func() any { return makeIDs() }}

// newID returns a random UUID that nobody else gets, as the value of a header.
func newID() []string {
	b := idPool.Get().(*ids)
	h := b.headers[b.next : b.next+1 : b.next+1]
	if b.next++; b.next < idBatch {
		idPool.Put(b)
	}
	return h
}

func makeIDs() *ids {
	var text [idBatch * uuidLength]byte
	for i := range idBatch {
		putUUID(text[i*uuidLength:])
	}
	b, all := new(ids), string(text[:])
	for i := range b.headers {
		b.headers[i] = all[i*uuidLength:][:uuidLength]
	}
	return b
}

const uuidLength = 36

// putUUID writes a random UUID (RFC 9562, version 4). It draws from the runtime's
// ChaCha8 generator: an id must be unique, it is no secret.
func putUUID(text []byte) {
	a, b := rand.Uint64(), rand.Uint64()
	a = a&^0xf000 | 0x4000 // the version: digit 12
	b = b&^(3<<62) | 2<<62 // the variant: the first two bits of digit 16
	putHex(text[0:8], a>>32)
	putHex(text[9:13], a>>16)
	putHex(text[14:18], a)
	putHex(text[19:23], b>>48)
	putHex(text[24:36], b)
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
}

// putHex fills b with the last hexadecimal digits of v.
func putHex(b []byte, v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = "0123456789abcdef"[v&0xf]
		v >>= 4
	}
}
