package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Magic numbers of RFC 8878, section 3.1.
var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

const (
	skippableMagic = 0x184d2a50 // and the 15 numbers after it
	skippableHead  = 8
	// maxFrame is the largest frame, in bytes of either side, that is read as
	// one; larger ones, and those of a megabyte that do not say how large they
	// are, are read as a stream. The library writes neither.
	maxFrame = 16 << 20
	maxBlind = 1 << 20
)

// zstdSource yields the frames of a zstd file one by one, each checked by
// itself.
type zstdSource struct {
	f    io.ReaderAt
	size int64
	at   int64
	dec  *zstd.Decoder
	buf  []byte
	out  []byte
	lost []Gap

	stream *zstd.Decoder // of a frame that is read in parts
	from   int64         // where that begins
	end    int64         // and ends
	cut    string        // in which way it is not whole, "" when it is
}

func newZstd(f io.ReaderAt, size int64) (*zstdSource, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	return &zstdSource{f: f, size: size, dec: dec}, err
}

func (z *zstdSource) gaps() []Gap { return z.lost }

func (z *zstdSource) close() {
	z.dec.Close()
	if z.stream != nil {
		z.stream.Close()
	}
}

// damage says in which way the bytes at an offset are not a frame.
type damage struct {
	reason string
	cut    bool // the file ends within the frame
}

func (d *damage) Error() string { return d.reason }

func damaged(format string, args ...any) error {
	return &damage{reason: fmt.Sprintf(format, args...)}
}

func cut(format string, args ...any) error {
	return &damage{reason: fmt.Sprintf(format, args...), cut: true}
}

func (z *zstdSource) next() (part []byte, broken bool, err error) {
	for {
		if z.stream != nil {
			part, more, err := z.streamed()
			if more || err != nil {
				return part, broken || err == nil && part == nil, err
			}
			continue
		}
		if z.at >= z.size {
			return nil, broken, io.EOF
		}
		part, length, err := z.frame(z.at)
		var d *damage
		switch {
		case errors.As(err, &d):
			to, err := z.resync(z.at + 1)
			if err != nil {
				return nil, true, err
			}
			if d.cut && to == z.size {
				// Its blocks up to there are whole, and are all that there is.
				z.cut, z.from, z.end = d.reason, z.at, z.size
				z.stream, err = zstd.NewReader(io.NewSectionReader(z.f, z.at, z.size-z.at), zstd.WithDecoderConcurrency(1))
				if err != nil {
					return nil, true, err
				}
				continue
			}
			z.lost = append(z.lost, Gap{Offset: z.at, Bytes: to - z.at, Reason: d.reason})
			z.at, broken = to, true
		case err != nil:
			return nil, true, err
		case z.stream != nil:
		default:
			z.at += length
			if len(part) > 0 {
				return part, broken, nil
			}
		}
	}
}

// frame reads the frame at an offset and returns its length. Of a skippable
// one the content is nil; a large one it leaves to z.stream.
func (z *zstdSource) frame(at int64) (part []byte, length int64, err error) {
	length, plain, err := z.measure(at)
	if err != nil {
		return nil, 0, err
	}
	if length < 0 {
		return nil, -length, nil
	}
	if length > maxFrame || plain > maxFrame || plain < 0 && length > maxBlind {
		z.from, z.end = at, at+length
		z.stream, err = zstd.NewReader(io.NewSectionReader(z.f, at, length), zstd.WithDecoderConcurrency(1))
		return nil, length, err
	}
	if int64(cap(z.buf)) < length {
		z.buf = make([]byte, length)
	}
	b := z.buf[:length]
	if _, err := z.f.ReadAt(b, at); err != nil {
		return nil, 0, err
	}
	z.out, err = z.dec.DecodeAll(b, z.out[:0])
	if err != nil {
		return nil, 0, damaged("a frame does not decompress: %v", err)
	}
	return z.out, length, nil
}

// measure walks the blocks of the frame at an offset and returns its length,
// negative for one to skip, and that of its content, negative when unknown.
func (z *zstdSource) measure(at int64) (length, plain int64, err error) {
	head := make([]byte, min(zstd.HeaderMaxSize, z.size-at))
	if _, err := z.f.ReadAt(head, at); err != nil {
		return 0, 0, err
	}
	if len(head) >= skippableHead && binary.LittleEndian.Uint32(head)&^0xf == skippableMagic {
		length := skippableHead + int64(binary.LittleEndian.Uint32(head[4:]))
		if at+length > z.size {
			return 0, 0, damaged("a table of %d bytes is cut after %d", length, z.size-at)
		}
		return -length, 0, nil
	}
	var h zstd.Header
	if err := h.Decode(head); err != nil {
		return 0, 0, damaged("want a frame, got %x", head[:min(8, len(head))])
	}
	end := at + int64(h.HeaderSize)
	for {
		var b [3]byte
		if end+3 > z.size {
			return 0, 0, cut("a frame is cut after %d bytes", z.size-at)
		}
		if _, err := z.f.ReadAt(b[:], end); err != nil {
			return 0, 0, err
		}
		block := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		length := block >> 3
		switch block >> 1 & 3 {
		case 1: // one byte, repeated
			length = 1
		case 3:
			return 0, 0, damaged("a frame has a block of a kind that does not exist")
		}
		end += 3 + length
		if block&1 != 0 {
			break
		}
	}
	if h.HasCheckSum {
		end += 4
	}
	if end > z.size {
		return 0, 0, cut("a frame of %d bytes is cut after %d", end-at, z.size-at)
	}
	plain = -1
	if h.HasFCS && h.FrameContentSize < 1<<62 {
		plain = int64(h.FrameContentSize)
	}
	return end - at, plain, nil
}

// streamed reads a part of z.stream. More is false at the end of the frame.
func (z *zstdSource) streamed() (part []byte, more bool, err error) {
	if cap(z.out) < partBytes {
		z.out = make([]byte, partBytes)
	}
	n, err := z.stream.Read(z.out[:partBytes])
	if n > 0 {
		return z.out[:n], true, nil
	}
	z.stream.Close()
	z.stream, z.at = nil, z.end
	if z.cut != "" {
		z.lost = append(z.lost, Gap{Offset: z.from, Reason: z.cut})
		z.cut = ""
		return nil, true, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		z.lost = append(z.lost, Gap{Offset: z.from, Bytes: z.end - z.from, Reason: fmt.Sprintf("a frame does not decompress: %v", err)})
		return nil, true, nil // an empty part that breaks the line
	}
	return nil, false, nil
}

// resync returns the offset of the next frame that can be read, from an offset
// on, or the end of the file.
func (z *zstdSource) resync(from int64) (int64, error) {
	for {
		at, err := find(z.f, z.size, from, zstdMagic)
		if err != nil || at == z.size {
			return at, err
		}
		_, _, err = z.frame(at)
		if z.stream != nil {
			z.stream.Close()
			z.stream = nil
		}
		var d *damage
		if !errors.As(err, &d) {
			return at, err
		}
		from = at + 1
	}
}

// find returns the offset of the next occurrence of what, or size.
func find(f io.ReaderAt, size, from int64, what []byte) (int64, error) {
	const window = 1 << 20
	buf := make([]byte, window+len(what)-1)
	for ; from < size; from += window {
		n, err := f.ReadAt(buf[:min(int64(len(buf)), size-from)], from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if i := bytes.Index(buf[:n], what); i >= 0 {
			return from + int64(i), nil
		}
	}
	return size, nil
}
