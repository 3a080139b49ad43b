package filter

import (
	"bytes"
	"io"

	"github.com/pairly/pairlog/redact"
)

// lineReader cuts a stream into blocks of whole lines. It is used by one
// goroutine.
type lineReader struct {
	src   io.Reader
	max   int // longest line
	block int // size of a block, unless one line is longer
	rest  []byte
	eof   error
	stats Stats
}

// next appends the next block to dst: whole lines, only the last of the stream
// without an end. With an error the block may still hold lines.
func (l *lineReader) next(dst []byte) ([]byte, error) {
	dst = append(dst, l.rest...)
	l.rest = l.rest[:0]
	want := l.block
	for l.eof == nil {
		for len(dst) < want && l.eof == nil {
			if dst = l.fill(dst, want); len(dst) < want && !goesOn(dst) && l.paused() {
				break
			}
		}
		cut := l.cut(dst)
		if cut > 0 {
			l.rest = append(l.rest, dst[cut:]...)
			return dst[:cut], nil
		}
		if l.eof != nil {
			break
		}
		if len(dst) > l.max {
			return l.tooLong(dst[:0]), nil
		}
		if len(dst) >= want {
			want = min(2*want, l.max+1)
		}
	}
	if i := bytes.LastIndexByte(dst, '\n'); len(dst)-i-1 > l.max {
		dst = append(dst[:i+1], redact.Mark...)
		l.stats.TooLong++
	}
	return dst, l.eof
}

// pauser is a source that can tell whether it pauses; see [Copy].
type pauser interface{ Paused() bool }

// paused reports whether nothing more comes for now.
func (l *lineReader) paused() bool {
	p, ok := l.src.(pauser)
	return ok && l.eof == nil && p.Paused()
}

// goesOn reports whether the last line of dst has no end yet, or seems to be continued
// by the next: a key whose value or list follows, the head of a part of a form.
func goesOn(dst []byte) bool {
	n := len(dst)
	if n == 0 || dst[n-1] != '\n' {
		return true
	}
	line := bytes.TrimSpace(dst[bytes.LastIndexByte(dst[:n-1], '\n')+1 : n])
	if len(line) == 0 || line[0] == '-' || bytes.Contains(line, []byte("form-data")) {
		return true
	}
	return bytes.IndexByte([]byte(`:=|>,\([{`), line[len(line)-1]) >= 0
}

// fill reads once, towards want bytes.
func (l *lineReader) fill(dst []byte, want int) []byte {
	n := len(dst)
	if cap(dst) < want {
		grown := make([]byte, n, want+want/4)
		copy(grown, dst)
		dst = grown
	}
	m, err := l.src.Read(dst[n:want])
	l.stats.Bytes += uint64(m)
	l.eof = err
	return dst[:n+m]
}

var (
	pemBegin = []byte("-----BEGIN ")
	pemKey   = []byte("PRIVATE KEY")
	pemEnd   = []byte("-----END ")

	puttyLines = []byte("Private-Lines: ")
	puttyEnd   = []byte("Private-MAC: ")
)

// maxPuTTY is more, in bytes, than the private lines of a key of PuTTY have.
const maxPuTTY = 8 << 10

// cut returns where a block may end: after its last line end, but not inside a
// private key that began in it; 0 when there is no such place yet.
func (l *lineReader) cut(dst []byte) int {
	end := bytes.LastIndexByte(dst, '\n') + 1
	if end == 0 {
		return 0
	}
	begin := openKey(dst[:end])
	if begin < 0 {
		return end
	}
	if before := bytes.LastIndexByte(dst[:begin], '\n') + 1; before > 0 {
		return before
	}
	if len(dst) < 2*l.block {
		return 0 // the key is at the start: read on, but not for ever
	}
	return end
}

// openKey returns where a private key begins that does not end in lines, -1 when there
// is none.
func openKey(lines []byte) int {
	near := max(0, len(lines)-maxKey)
	if bytes.Contains(lines[near:], pemKey) { // quicker than LastIndex, and there hardly ever is one
		begin := near + bytes.LastIndex(lines[near:], pemBegin)
		if begin >= near && !bytes.Contains(lines[begin:], pemEnd) && bytes.Contains(lines[begin:min(len(lines), begin+64)], pemKey) && keyLines(lines[begin:]) {
			return begin
		}
	}
	near = max(0, len(lines)-maxPuTTY)
	if bytes.Contains(lines[near:], puttyLines) {
		begin := near + bytes.LastIndex(lines[near:], puttyLines)
		if !bytes.Contains(lines[begin:], puttyEnd) {
			return begin
		}
	}
	return -1
}

// maxKey is more, in bytes, than a private key has.
const maxKey = 16 << 10

// keyLines reports whether lines, of which the first begins a private key, may all be
// of that key: each ends with base64 or is one of its headers. A sentence may end with
// the first line of a key too.
func keyLines(lines []byte) bool {
	for {
		_, rest, ok := bytes.Cut(lines, []byte{'\n'})
		if !ok || len(rest) == 0 {
			return true
		}
		line, _, _ := bytes.Cut(rest, []byte{'\n'})
		line = bytes.Trim(line, " \t\r\"'`,+|\\")
		last := line[bytes.LastIndexAny(line, " \t")+1:]
		if len(last) < len(line) && len(last) < 40 && !bytes.Contains(line, []byte(": ")) {
			return false
		}
		for _, c := range last {
			if c <= ' ' || c == '<' || c == '(' || c == '[' || c == '{' {
				return false
			}
		}
		lines = rest
	}
}

// tooLong drops the rest of a line that is too long and appends the mark.
func (l *lineReader) tooLong(dst []byte) []byte {
	l.stats.TooLong++
	dst = append(dst, redact.Mark...)
	buf := make([]byte, l.block)
	for l.eof == nil {
		n, err := l.src.Read(buf)
		l.stats.Bytes += uint64(n)
		l.eof = err
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			l.rest = append(l.rest[:0], buf[i+1:n]...)
			return append(dst, '\n')
		}
	}
	return dst
}
