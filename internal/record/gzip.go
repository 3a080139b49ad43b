package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
)

// gzipMagic begins a member (RFC 1952, section 2.3.1), with deflate, the only
// method there is.
var gzipMagic = []byte{0x1f, 0x8b, 0x08}

// gzipSource yields the members of a gzip file, each checked by itself.
type gzipSource struct {
	f    io.ReaderAt
	size int64
	in   *bufio.Reader
	base int64 // offset that in began at
	read *counter
	z    *gzip.Reader // of a large member, nil between members
	from int64        // where the current member begins
	buf  []byte
	lost []Gap
	cut  bool // the last member is not whole
}

// counter counts what is read from a file.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func newGzip(f io.ReaderAt, size int64) *gzipSource {
	g := &gzipSource{f: f, size: size}
	g.seek(0)
	return g
}

func (g *gzipSource) seek(to int64) {
	g.base = to
	g.read = &counter{r: io.NewSectionReader(g.f, to, g.size-to)}
	g.in = bufio.NewReaderSize(g.read, partBytes)
	g.z = nil
}

// offset is where the next byte that in yields is in the file.
func (g *gzipSource) offset() int64 { return g.base + g.read.n - int64(g.in.Buffered()) }

func (g *gzipSource) gaps() []Gap { return g.lost }
func (g *gzipSource) close()      {}

func (g *gzipSource) next() (part []byte, broken bool, err error) {
	for {
		if g.z == nil {
			if g.from = g.offset(); g.from >= g.size {
				return nil, broken || g.cut, io.EOF
			}
			part, err = g.member()
		} else {
			part, err = g.more()
		}
		if err == nil && len(part) > 0 {
			return part, broken, nil
		}
		if err != nil {
			to, ferr := find(g.f, g.size, g.from+1, gzipMagic)
			if ferr != nil {
				return nil, true, ferr
			}
			if errors.Is(err, io.ErrUnexpectedEOF) && to == g.size && (g.z != nil || len(g.buf) > 0) {
				// The lines of a member that is cut are whole up to there.
				g.lost = append(g.lost, Gap{Offset: g.from, Reason: fmt.Sprintf("a member is cut after %d bytes", g.size-g.from)})
				if g.z != nil {
					g.buf = g.buf[:0] // it was returned
				}
				g.cut = true
				g.seek(g.size)
				return g.buf, broken || len(g.buf) == 0, nil
			}
			g.lost = append(g.lost, Gap{Offset: g.from, Bytes: to - g.from, Reason: fmt.Sprintf("a member does not decompress: %v", err)})
			g.seek(to)
			broken = true
		}
	}
}

// member begins the next member. One of up to maxFrame is returned as a whole,
// its checksum verified; of a larger one, which the library does not write,
// the beginning, and g.z has the rest.
func (g *gzipSource) member() ([]byte, error) {
	g.buf = g.buf[:0]
	z, err := gzip.NewReader(g.in)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	for {
		g.buf = slices.Grow(g.buf, partBytes)
		n, err := z.Read(g.buf[len(g.buf):cap(g.buf)])
		g.buf = g.buf[:len(g.buf)+n]
		switch {
		case errors.Is(err, io.EOF):
			return g.buf, nil
		case err != nil:
			return nil, err
		case len(g.buf) > maxFrame:
			g.z = z
			return g.buf, nil
		}
	}
}

// more continues a large member.
func (g *gzipSource) more() ([]byte, error) {
	n, err := g.z.Read(g.buf[:partBytes])
	if errors.Is(err, io.EOF) {
		g.z, err = nil, nil
	}
	if n > 0 {
		return g.buf[:n], nil // an error comes again
	}
	return nil, err
}
