package pairly

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// NewID returns an entity id: 24 lower-case hex characters, the first eight
// the second of now, the other sixteen random. Ids of different seconds sort
// by time.
func NewID(now time.Time) string {
	var b [12]byte
	s := uint32(now.Unix())
	b[0], b[1], b[2], b[3] = byte(s>>24), byte(s>>16), byte(s>>8), byte(s)
	rand.Read(b[4:]) // never fails: crypto/rand.Read aborts the process instead
	return hex.EncodeToString(b[:])
}

// ValidID reports whether s has the shape that [NewID] gives.
func ValidID(s string) bool {
	if len(s) != 24 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// NewUUID returns a random UUID (RFC 9562, version 4) as text. Sessions,
// requests and tokens are named by it.
func NewUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
