package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ParseRecipients reads age recipients ("age1..."), one a string. An error
// names the first string that is none.
func ParseRecipients(recipients []string) ([]age.Recipient, error) {
	var all []age.Recipient
	for _, s := range recipients {
		got, err := age.ParseRecipients(strings.NewReader(s))
		if err != nil {
			if !strings.HasPrefix(s, "age1") { // it may be the identity, which is secret
				return nil, errors.New("parse recipients: want age1…, the public half that age-keygen prints")
			}
			return nil, fmt.Errorf("parse recipient %q: %w", s, err)
		}
		all = append(all, got...)
	}
	if len(all) == 0 {
		return nil, errors.New("parse recipients: none given")
	}
	return all, nil
}

// Writer makes the frames of one file, in order. It is not safe for concurrent
// use, and it cannot go on with a file that another Writer began.
type Writer struct {
	chain *chain
	zstd  *zstd.Encoder
	plain []byte // compressed lines, reused
	bytes uint64 // of lines in the frame that awaits Commit
	done  end
}

// NewWriter returns a Writer for a new file and the bytes that the file begins
// with.
func NewWriter(recipients []age.Recipient) (w *Writer, header []byte, err error) {
	fileKey := make([]byte, keySize)
	defer clear(fileKey)
	rand.Read(fileKey) // ends the program rather than fail
	var sealed bytes.Buffer
	enc, err := age.Encrypt(&sealed, recipients...)
	if err == nil {
		_, err = enc.Write(fileKey)
	}
	if err == nil {
		err = enc.Close()
	}
	if err == nil && sealed.Len() > maxSealedKey {
		err = fmt.Errorf("%d recipients are too many", len(recipients))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("seal file key: %w", err)
	}
	w = &Writer{}
	if w.chain, err = newChain(fileKey, sealed.Bytes()); err != nil {
		return nil, nil, fmt.Errorf("derive key: %w", err)
	}
	w.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, nil, err
	}
	header = appendHeader(nil, sealed.Bytes())
	// Twice: without an intact one nothing in the file can be read.
	return w, append(header, header...), nil
}

func appendHeader(dst, sealedKey []byte) []byte {
	begin := len(dst)
	dst = append(dst, magic...)
	dst = le.AppendUint32(dst, uint32(len(sealedKey)))
	dst = append(dst, sealedKey...)
	sum := sha256.Sum256(dst[begin:])
	return append(dst, sum[:sumBytes]...)
}

// Frame appends a frame with lines to dst. When it has reached the file, Commit
// must follow; until then Frame makes the same frame of other lines.
func (w *Writer) Frame(dst, lines []byte) ([]byte, error) {
	w.plain = w.zstd.EncodeAll(lines, w.plain[:0])
	w.bytes = uint64(len(lines))
	return w.seal(dst, typeData, w.plain)
}

// Commit moves on to the next frame and forgets the key of the last one.
func (w *Writer) Commit() error {
	w.done.frames++
	w.done.bytes += w.bytes
	return w.chain.next()
}

// End appends the end frame to dst. Nothing may follow it.
func (w *Writer) End(dst []byte) ([]byte, error) {
	b := le.AppendUint64(nil, w.done.frames)
	b = le.AppendUint64(b, w.done.bytes)
	return w.seal(dst, typeEnd, b)
}

// Wipe overwrites the key. The Writer is of no use afterwards.
func (w *Writer) Wipe() { clear(w.chain.key[:]) }

func (w *Writer) seal(dst []byte, kind byte, plain []byte) ([]byte, error) {
	h := frameHeader{kind: kind, length: len(plain) + tagSize, index: w.chain.index}
	if h.length > maxFrame {
		return dst, fmt.Errorf("seal frame: %d bytes, want at most %d", h.length, maxFrame)
	}
	aead, err := w.chain.frame()
	if err != nil {
		return dst, fmt.Errorf("derive key: %w", err)
	}
	rand.Read(h.nonce[:])
	begin := len(dst)
	dst = h.append(dst)
	// The nonce is random: a frame whose write failed is made again under the
	// same key.
	return aead.Seal(dst, h.nonce[:], plain, dst[begin:begin+frameHead]), nil
}
