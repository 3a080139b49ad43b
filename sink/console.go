package sink

import (
	"bytes"
	"errors"
	"io"
)

// Console writes lines to a stream such as standard output, as they are or
// formatted for people. It is not safe for concurrent use.
type Console struct {
	w      io.Writer
	format func(dst, line []byte) []byte
	buf    []byte // formatted batch, reused
}

var _ Sink = (*Console)(nil)

// errClosed is returned by Write after Close.
var errClosed = errors.New("closed")

// NewConsole returns a sink on w. Format, when not nil, appends the form of
// one line that people read to dst, newline included; line is one JSON record
// with its newline. With a nil format lines are written as they are.
func NewConsole(w io.Writer, format func(dst, line []byte) []byte) *Console {
	return &Console{w: w, format: format}
}

// keepBuffer is the largest formatting buffer, in bytes, that a Console keeps
// between batches.
const keepBuffer = 256 << 10

// Write implements [Sink] with one write to the stream.
func (c *Console) Write(batch []byte) (int, error) {
	if c.w == nil {
		return 0, errClosed
	}
	if c.format == nil {
		return c.writeLines(batch)
	}
	buf := c.buf[:0]
	for rest := batch; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		buf = c.format(buf, rest[:end])
		rest = rest[end:]
	}
	if cap(buf) <= keepBuffer {
		c.buf = buf
	}
	if _, err := c.w.Write(buf); err != nil {
		return 0, err
	}
	return len(batch), nil
}

// writeLines writes lines as they are and counts the whole ones after an
// error.
func (c *Console) writeLines(batch []byte) (int, error) {
	n, err := c.w.Write(batch)
	if err != nil {
		return bytes.LastIndexByte(batch[:max(n, 0)], '\n') + 1, err
	}
	return len(batch), nil
}

// Sync implements [Sink]; a stream has nothing to make durable.
func (c *Console) Sync() error { return nil }

// Close implements [Sink]. The stream is left open: it belongs to the process.
func (c *Console) Close() error {
	c.w = nil
	return nil
}

// String returns "console".
func (c *Console) String() string { return "console" }
