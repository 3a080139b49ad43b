// Package record opens log files of every form that the library writes and
// yields their lines: plain, zstd, gzip and sealed ones.
//
//	r, err := record.Open("/var/log/app-00000001-20260102T150405Z.log.zst")
//	io.Copy(os.Stdout, r)
//	for _, gap := range r.Gaps() {
//		fmt.Println(gap) // app-….log.zst: offset 5213: frame does not decompress: …
//	}
//
// What is damaged is skipped and reported; all else is read. The form is told
// by the content and, where that is damaged, by the name.
package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/seal"
)

// Gap is a part of a file that could not be read, or is not as it was written.
type Gap struct {
	// Path is the file.
	Path string
	// Offset and Bytes say where in the file it is, before decompression.
	// Bytes is 0 when something is missing at Offset rather than unreadable.
	Offset, Bytes int64
	// Reason says in words what is wrong.
	Reason string
}

// NoLineEnd is the reason of the gap behind a last line without its newline.
const NoLineEnd = "the last line has no end"

// String returns "<path>: offset <n>: <reason>".
func (g Gap) String() string { return fmt.Sprintf("%s: offset %d: %s", g.Path, g.Offset, g.Reason) }

// Form is how a file is kept.
type Form string

// The forms of a file.
const (
	Plain  Form = "plain"
	Zstd   Form = "zstd"
	Gzip   Form = "gzip"
	Sealed Form = "sealed"
)

// source yields the content of a file in parts.
type source interface {
	// next returns the next part. Broken says that the part does not continue
	// the one before: something in between could not be read. The part is
	// valid until the next call. The error is io.EOF at the end.
	next() (part []byte, broken bool, err error)
	// gaps returns what could not be read up to now, without paths.
	gaps() []Gap
	close()
}

// Reader yields the lines of a file. It is not safe for concurrent use.
type Reader struct {
	path string
	form Form
	file *os.File // nil for lines that come as a stream
	size int64
	read *counter // of a stream; nil for a file
	// temporary says that file is a copy of a stream, to be removed.
	temporary bool
	src       source

	ready []byte // whole lines to be read
	carry []byte // the beginning of a line whose rest is in the next part
	end   error  // set when src has ended
	torn  bool   // the last line has no end
}

var _ io.ReadCloser = (*Reader)(nil)

// Open opens a file. Identities are needed for sealed files only. The error
// has the path; for a sealed file to which no identity fits it wraps an
// *age.NoIdentityMatchError.
func Open(path string, identities ...age.Identity) (*Reader, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: %w", path, errNotRegular) // opening a pipe may wait for ever
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, file: f}
	if err := r.start(identities); err != nil {
		f.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return r, nil
}

// From is [Open] for what comes as a stream, with name for its path. Lines are read as
// they come. A stream of any other form is kept in a temporary file, of mode 0600 and
// without a name where the system allows that, because such forms are not read from
// beginning to end.
func From(in io.Reader, name string, identities ...age.Identity) (*Reader, error) {
	buffered := bufio.NewReaderSize(in, partBytes)
	head, _ := buffered.Peek(1)
	if len(head) > 0 && head[0] != '{' {
		head, _ = buffered.Peek(headBytes)
	}
	r := &Reader{path: name, temporary: true}
	if r.form = formOf(head, ""); r.form == Plain {
		r.read = &counter{r: buffered}
		r.src = &plain{r: r.read, buf: make([]byte, partBytes)}
		return r, nil
	}
	f, err := os.CreateTemp("", "pairlog-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // again in Close, for systems that keep what is open
	if _, err = io.Copy(f, buffered); err == nil {
		r.file = f
		err = r.start(identities)
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// headBytes is how many bytes tell the form of a file.
const headBytes = 16

var errNotRegular = errors.New("not a regular file")

func (r *Reader) start(identities []age.Identity) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errNotRegular
	}
	r.size = info.Size()
	head := make([]byte, headBytes)
	n, err := r.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	err = nil
	switch r.form = formOf(head[:n], r.path); r.form {
	case Sealed:
		r.src, err = newSealed(r.file, r.size, identities)
	case Zstd:
		r.src, err = newZstd(r.file, r.size)
	case Gzip:
		r.src = newGzip(r.file, r.size)
	default:
		r.src = &plain{r: io.NewSectionReader(r.file, 0, r.size), buf: make([]byte, partBytes)}
	}
	return err
}

// FormOf returns the form of a file that begins with head: 16 bytes of it tell.
func FormOf(head []byte) Form { return formOf(head, "") }

// formOf tells the form by how the file begins, and by the name when that says
// nothing: the beginning may be what is damaged.
func formOf(head []byte, path string) Form {
	switch {
	case seal.Sealed(head):
		return Sealed
	case bytes.HasPrefix(head, zstdMagic):
		return Zstd
	case bytes.HasPrefix(head, gzipMagic):
		return Gzip
	case len(head) == 0 || head[0] == '{':
		return Plain
	}
	switch filepath.Ext(path) {
	case ".sealed":
		return Sealed
	case ".zst":
		return Zstd
	case ".gz":
		return Gzip
	}
	return Plain
}

// Form returns the form of the file.
func (r *Reader) Form() Form { return r.form }

// partBytes is about the size of the parts of sources that are not made of
// parts, in bytes.
const partBytes = 64 << 10

// maxCarry is the longest line, in bytes, that is kept together across parts.
const maxCarry = 64 << 20

// Read implements io.Reader over whole lines; only the last may lack its
// newline. What is left of a line of which a part is lost is left out.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 {
		if r.end != nil {
			return 0, r.end
		}
		r.fill()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

func (r *Reader) fill() {
	part, broken, err := r.src.next()
	if broken {
		r.carry = nil
	}
	if err != nil {
		r.end = err
		if errors.Is(err, io.EOF) {
			r.torn = len(r.carry) > 0
			r.ready, r.carry = r.carry, nil
		}
		return
	}
	end := bytes.LastIndexByte(part, '\n') + 1
	switch {
	case end > 0:
		r.ready = append(r.carry, part[:end]...)
		r.carry = append([]byte(nil), part[end:]...)
	case len(r.carry)+len(part) > maxCarry:
		r.ready, r.carry = append(r.carry, part...), nil
	default:
		r.carry = append(r.carry, part...)
	}
}

// Gaps returns what could not be read. It is complete when Read has returned
// io.EOF.
func (r *Reader) Gaps() []Gap {
	var all []Gap
	for _, g := range r.src.gaps() {
		g.Path = r.path
		all = append(all, g)
	}
	if r.torn {
		all = append(all, Gap{Path: r.path, Offset: r.Size(), Reason: NoLineEnd})
	}
	return all
}

// Size returns the size of the file in bytes, before decompression; of lines that come
// as a stream, of what was read of them.
func (r *Reader) Size() int64 {
	if r.read != nil {
		return r.read.n
	}
	return r.size
}

// Close closes the file. A stream is left open.
func (r *Reader) Close() error {
	r.src.close()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if r.temporary {
		os.Remove(r.file.Name())
	}
	return err
}

// plain is the source of a file that is just lines.
type plain struct {
	r   io.Reader
	buf []byte
}

func (p *plain) next() ([]byte, bool, error) {
	n, err := p.r.Read(p.buf)
	if n > 0 {
		return p.buf[:n], false, nil
	}
	return nil, false, err
}

func (p *plain) gaps() []Gap { return nil }
func (p *plain) close()      {}

// sealed is the source of a sealed file.
type sealed struct {
	r   *seal.Reader
	buf []byte
	had int // gaps before the last part
}

func newSealed(f *os.File, size int64, identities []age.Identity) (*sealed, error) {
	r, err := seal.NewReader(f, size, identities...)
	if err != nil {
		return nil, err
	}
	return &sealed{r: r, buf: make([]byte, partBytes), had: len(r.Gaps())}, nil
}

func (s *sealed) next() ([]byte, bool, error) {
	n, err := s.r.Read(s.buf)
	broken := len(s.r.Gaps()) > s.had
	s.had = len(s.r.Gaps())
	if n > 0 {
		return s.buf[:n], broken, nil
	}
	return nil, broken, err
}

func (s *sealed) gaps() []Gap {
	var all []Gap
	for _, g := range s.r.Gaps() {
		all = append(all, Gap{Offset: g.Offset, Bytes: g.Bytes, Reason: g.Reason})
	}
	return all
}

func (s *sealed) close() {}
