package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ErrNotSealed is returned by NewReader for a file that has no intact header of
// this format.
var ErrNotSealed = errors.New("no intact header of a sealed file")

// ErrNoIdentity is returned by NewReader without identities.
var ErrNoIdentity = errors.New("open sealed file: no identity given")

// Gap is a part of a file that could not be read.
type Gap struct {
	// Offset and Bytes say where in the file it is. Bytes is 0 when something
	// is missing at Offset rather than unreadable.
	Offset, Bytes int64
	// Frames is the number of data frames that are missing, 0 when unknown.
	Frames uint64
	// Reason says in words what is wrong.
	Reason string
}

// String returns "offset <n>: <reason>".
func (g Gap) String() string { return fmt.Sprintf("offset %d: %s", g.Offset, g.Reason) }

// Sealed says whether a file that begins with head is, or was before it was
// damaged, a sealed file. Head should have at least 8 bytes.
func Sealed(head []byte) bool {
	return len(head) >= 8 && string(head[:7]) == magic[:7]
}

// Reader yields the lines of a sealed file. It skips what is damaged; Gaps
// tells what that was. It is not safe for concurrent use.
type Reader struct {
	r    io.ReaderAt
	size int64
	at   int64 // of the next frame
	zstd *zstd.Decoder

	chain *chain
	lines []byte // decrypted and not yet read
	got   end    // what was read so far
	ended bool   // the end frame was seen
	gaps  []Gap
	buf   []byte
}

// NewReader reads the header. The error wraps ErrNotSealed or ErrNoIdentity, or is an
// *age.NoIdentityMatchError when none of the identities fits.
func NewReader(r io.ReaderAt, size int64, identities ...age.Identity) (*Reader, error) {
	rd := &Reader{r: r, size: size}
	sealedKey, err := rd.header()
	if err != nil {
		return nil, err
	}
	if len(identities) == 0 {
		return nil, ErrNoIdentity
	}
	dec, err := age.Decrypt(bytes.NewReader(sealedKey), identities...)
	if err != nil {
		return nil, fmt.Errorf("open sealed file: %w", err)
	}
	fileKey, err := io.ReadAll(io.LimitReader(dec, keySize+1))
	if err != nil || len(fileKey) != keySize {
		return nil, fmt.Errorf("open sealed file: want a key of %d bytes, got %d: %w", keySize, len(fileKey), errors.Join(ErrNotSealed, err))
	}
	if rd.chain, err = newChain(fileKey, sealedKey); err != nil {
		return nil, err
	}
	clear(fileKey)
	rd.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	return rd, err
}

// header finds an intact one of the two headers and moves to the first frame.
func (r *Reader) header() (sealedKey []byte, err error) {
	first, n, err := r.headerAt(0)
	if err == nil {
		r.at = n
		if _, m, err := r.headerAt(n); err == nil {
			r.at += m
		} else {
			r.gaps = append(r.gaps, Gap{Offset: n, Reason: "the second copy of the header is damaged"})
		}
		return first, nil
	}
	if errors.Is(err, errVersion) {
		return nil, err
	}
	// The length of a damaged header is not to be trusted: look for the other.
	head := make([]byte, min(r.size, 2*maxSealedKey))
	if _, err := r.r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for from := 1; ; {
		i := bytes.Index(head[min(from, len(head)):], []byte(magic))
		if i < 0 {
			return nil, fmt.Errorf("open sealed file: %w", ErrNotSealed)
		}
		at := int64(from + i)
		if key, n, err := r.headerAt(at); err == nil {
			r.at = at + n
			r.gaps = append(r.gaps, Gap{Offset: 0, Bytes: at, Reason: "the first copy of the header is damaged"})
			return key, nil
		}
		from = int(at) + 1
	}
}

var errVersion = errors.New("unknown version")

func (r *Reader) headerAt(at int64) (sealedKey []byte, length int64, err error) {
	var head [headBytes]byte
	if _, err := r.r.ReadAt(head[:], at); err != nil {
		return nil, 0, err
	}
	if string(head[:7]) != magic[:7] {
		return nil, 0, ErrNotSealed
	}
	n := int64(le.Uint32(head[8:]))
	if n > maxSealedKey {
		return nil, 0, ErrNotSealed
	}
	b := make([]byte, headBytes+n+sumBytes)
	if _, err := r.r.ReadAt(b, at); err != nil {
		return nil, 0, err
	}
	sum := sha256.Sum256(b[:headBytes+n])
	if !bytes.Equal(sum[:sumBytes], b[headBytes+n:]) {
		return nil, 0, ErrNotSealed
	}
	if b[7] != magic[7] {
		return nil, 0, fmt.Errorf("open sealed file: %w: want %d, got %d", errVersion, magic[7], b[7])
	}
	return b[headBytes : headBytes+n], int64(len(b)), nil
}

// Read implements io.Reader over the lines of all intact frames. It returns
// io.EOF at the end of the file, damaged or not, and other errors only when the
// file cannot be read.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.lines) == 0 {
		if err := r.nextFrame(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.lines)
	r.lines = r.lines[n:]
	return n, nil
}

// Gaps returns what could not be read. It is complete when Read has returned
// io.EOF.
func (r *Reader) Gaps() []Gap { return r.gaps }

// frame is an opened frame.
type frame struct {
	at, length int64
	kind       byte
	index      uint64
	plain      []byte
}

// nextFrame opens the next frame that can be.
func (r *Reader) nextFrame() error {
	if r.ended || r.at >= r.size {
		return r.finish()
	}
	want := r.chain.index
	f, err := r.open(r.at)
	var damage *damageError
	if errors.As(err, &damage) {
		if f, err = r.resume(); err == nil {
			g := Gap{Offset: r.at, Bytes: f.at - r.at, Reason: damage.reason}
			if f.kind != 0 {
				g.Frames = f.index - want
			}
			r.gaps = append(r.gaps, g)
		}
	} else if err == nil && f.index > want {
		r.gaps = append(r.gaps, Gap{Offset: f.at, Frames: f.index - want, Reason: fmt.Sprintf("%d frames are missing", f.index-want)})
	}
	if err != nil {
		return err
	}
	r.at = f.at + f.length
	switch f.kind {
	case typeEnd:
		r.ended = true
		r.compare(f)
	case typeData:
		r.lines = f.plain
		r.got.frames++
		r.got.bytes += uint64(len(f.plain))
	}
	return nil
}

// damageError says in which way the bytes at an offset are not a frame.
type damageError struct{ reason string }

func (e *damageError) Error() string { return e.reason }

func damaged(format string, args ...any) error {
	return &damageError{fmt.Sprintf(format, args...)}
}

// open opens the frame at an offset and moves the chain behind it. The error
// is a *damageError unless the file cannot be read.
func (r *Reader) open(at int64) (frame, error) {
	var head [frameHead]byte
	if at+frameHead > r.size {
		return frame{}, damaged("a frame is cut after %d bytes", r.size-at)
	}
	if _, err := r.r.ReadAt(head[:], at); err != nil {
		return frame{}, err
	}
	h, err := parseFrameHeader(head[:])
	if err != nil {
		return frame{}, damaged("%v", err)
	}
	f := frame{at: at, length: frameHead + int64(h.length), kind: h.kind, index: h.index}
	if at+f.length > r.size {
		return frame{}, damaged("a frame of %d bytes is cut after %d", f.length, r.size-at)
	}
	if h.index < r.chain.index || h.index > r.chain.index+maxSkip {
		return frame{}, damaged("want frame %d, got frame %d", r.chain.index, h.index)
	}
	if cap(r.buf) < h.length {
		r.buf = make([]byte, h.length)
	}
	sealed := r.buf[:h.length]
	if _, err := r.r.ReadAt(sealed, at+frameHead); err != nil {
		return frame{}, err
	}
	ahead := *r.chain
	for ahead.index < h.index {
		if err := ahead.next(); err != nil {
			return frame{}, err
		}
	}
	aead, err := ahead.frame()
	if err != nil {
		return frame{}, err
	}
	if f.plain, err = aead.Open(nil, h.nonce[:], sealed, head[:]); err != nil {
		return frame{}, damaged("frame %d is damaged", h.index)
	}
	if h.kind == typeData {
		if f.plain, err = r.zstd.DecodeAll(f.plain, nil); err != nil {
			return frame{}, damaged("frame %d does not decompress: %v", h.index, err)
		}
	}
	if err := ahead.next(); err != nil {
		return frame{}, err
	}
	*r.chain = ahead
	return f, nil
}

// maxSkip is the largest number of consecutive frames that may be missing: it
// bounds the work that a damaged index can cause.
const maxSkip = 1 << 16

// resume looks for the next intact frame after the damaged one at r.at. Where
// there is none it returns a frame without kind at the end of the file.
func (r *Reader) resume() (frame, error) {
	const window = 1 << 20
	buf := make([]byte, window+len(marker)-1)
	for base := r.at + 1; base < r.size; base += window {
		got, err := r.r.ReadAt(buf[:min(int64(len(buf)), r.size-base)], base)
		if err != nil && !errors.Is(err, io.EOF) {
			return frame{}, err
		}
		for from := 0; ; {
			i := bytes.Index(buf[from:got], []byte(marker))
			if i < 0 || from+i >= window {
				break
			}
			from += i
			f, err := r.open(base + int64(from))
			var damage *damageError
			if !errors.As(err, &damage) {
				return f, err
			}
			from++
		}
	}
	return frame{at: r.size}, nil
}

// compare holds what was read against what the end frame says was written.
func (r *Reader) compare(f frame) {
	said := end{}
	if len(f.plain) == 16 {
		said = end{frames: le.Uint64(f.plain), bytes: le.Uint64(f.plain[8:])}
	}
	if said != r.got && len(r.gaps) == 0 {
		r.gaps = append(r.gaps, Gap{Offset: f.at, Reason: fmt.Sprintf("%d bytes of lines were written, %d read", said.bytes, r.got.bytes)})
	}
}

// finish notes what is wrong at the end and returns io.EOF.
func (r *Reader) finish() error {
	switch {
	case !r.ended:
		r.gaps = append(r.gaps, Gap{Offset: r.size, Reason: "no end frame: the file was cut, its writer died, or it is still being written"})
	case r.at < r.size:
		r.gaps = append(r.gaps, Gap{Offset: r.at, Bytes: r.size - r.at, Reason: "data after the end frame"})
	}
	r.ended, r.at = true, r.size
	return io.EOF
}
