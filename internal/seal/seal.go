// Package seal encrypts log files so that the service that writes them cannot
// read them, and reads them back for whoever has an identity.
//
//	w, header, err := seal.NewWriter(recipients)
//	file.Write(header)
//	file.Write(w.Frame(nil, lines))
//	file.Write(w.End(nil))
//
//	r, err := seal.NewReader(file, size, identities...)
//	io.Copy(os.Stdout, r)
//	gaps := r.Gaps()
//
// A file begins with a random key that is encrypted to age recipients
// (https://age-encryption.org/v1). Frames follow, each a number of whole lines,
// compressed with zstd and encrypted with AES-256-GCM under a key of its own.
// The key of each frame is derived from that of the one before, which is then
// overwritten: who takes over the service later cannot read earlier frames. An
// end frame shows that nothing was cut off.
//
// Limits: who reads the memory of the live service finds the key of the
// current frame and thereby of all later ones in that file, and Go cannot
// promise that an overwritten key has no copy left. Frame lengths and times of
// writing are visible.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// The layout, version 1; docs/format.md has the same in prose. All integers are
// little-endian.
//
//	file:   header, header again, frames
//	header: magic (8), length n of the sealed key (4), sealed key (n),
//	        first 8 bytes of the SHA-256 of all that
//	frame:  marker (8), type (1), zero (3), length of the ciphertext (4),
//	        index (8), nonce (12), ciphertext with its tag
const (
	magic     = "PLSEALD\x01" // the last byte is the version
	marker    = "\xf5PLFRAM\xfa"
	headBytes = 8 + 4 // before the sealed key
	sumBytes  = 8
	frameHead = 8 + 4 + 4 + 8 + nonceSize
	nonceSize = 12
	tagSize   = 16
	keySize   = 32

	typeData = 1
	typeEnd  = 2

	// maxSealedKey bounds the sealed key: some hundred recipients.
	maxSealedKey = 64 << 10
	// maxFrame bounds the ciphertext of a frame and its lines, in bytes.
	maxFrame = 64 << 20
)

var le = binary.LittleEndian

// chain is the key from which those of the current and all later frames
// follow.
type chain struct {
	key   [keySize]byte
	index uint64 // of the frame that the key is for
}

func newChain(fileKey, sealedKey []byte) (*chain, error) {
	salt := sha256.Sum256(append([]byte(magic), sealedKey...))
	k, err := hkdf.Key(sha256.New, fileKey, salt[:], "pairlog seal 1 chain", keySize)
	if err != nil {
		return nil, err
	}
	c := &chain{key: [keySize]byte(k)}
	clear(k)
	return c, nil
}

// frame returns the cipher of the current frame.
func (c *chain) frame() (cipher.AEAD, error) {
	k, err := hkdf.Expand(sha256.New, c.key[:], "pairlog seal 1 frame", keySize)
	if err != nil {
		return nil, err
	}
	defer clear(k)
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// next moves on to the next frame; the keys of earlier ones cannot be had from
// c any more.
func (c *chain) next() error {
	k, err := hkdf.Expand(sha256.New, c.key[:], "pairlog seal 1 next", keySize)
	if err != nil {
		return err
	}
	copy(c.key[:], k)
	clear(k)
	c.index++
	return nil
}

// frameHeader is the part of a frame that is not encrypted, but authenticated.
type frameHeader struct {
	kind   byte
	length int // of the ciphertext
	index  uint64
	nonce  [nonceSize]byte
}

func (h frameHeader) append(dst []byte) []byte {
	dst = append(dst, marker...)
	dst = append(dst, h.kind, 0, 0, 0)
	dst = le.AppendUint32(dst, uint32(h.length))
	dst = le.AppendUint64(dst, h.index)
	return append(dst, h.nonce[:]...)
}

func parseFrameHeader(b []byte) (frameHeader, error) {
	if string(b[:8]) != marker {
		return frameHeader{}, fmt.Errorf("want a frame, got %x", b[:8])
	}
	h := frameHeader{kind: b[8], length: int(le.Uint32(b[12:])), index: le.Uint64(b[16:]), nonce: [nonceSize]byte(b[24:frameHead])}
	if h.kind != typeData && h.kind != typeEnd || h.length < tagSize || h.length > maxFrame {
		return frameHeader{}, fmt.Errorf("want a frame, got type %d of %d bytes", h.kind, h.length)
	}
	return h, nil
}

// end is what the end frame says.
type end struct {
	frames uint64 // data frames before it
	bytes  uint64 // of lines in them
}
