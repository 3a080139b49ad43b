package pairlog

import (
	"log/slog"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// heldLine is a line of a recorder.
type heldLine struct {
	// from is the handler that the line is from; nil when buf has it encoded.
	// Otherwise buf has a copy of its attrs, and the fields down to attrs are set.
	from   *Handler
	at     time.Time
	event  string // "" when the copy has the message
	pc     uintptr
	weight uint64
	// attrs are those of the scope, nobody's to change, and version says which.
	attrs   []slog.Attr
	version uint32

	level slog.Level
	// end is where the line ends in buf.
	end int
	// cost is the memory that the line holds, in bytes; that of attrs is with the
	// first line that has them.
	cost int
}

// The sizes of a heldLine and of a slog.Attr, in bytes.
const (
	heldLineBytes = 128
	attrBytes     = 40
)

// shares reports whether both lines have the same attrs of the scope.
func (x *heldLine) shares(y *heldLine) bool {
	return x.from != nil && y.from != nil && x.version == y.version
}

// encode writes a line that is kept as a copy, in a scope with this block.
func (x *heldLine) encode(block *encode.ScopeBlock, c []byte) *encode.Line {
	msg, attrs := encode.ReadCopy(c)
	if x.event != "" {
		msg = x.event
	}
	h := x.from
	l := h.enc.NewLine()
	l.Begin(x.at, h.logger.head, x.level)
	l.RequestID(block)
	l.Message(msg)
	l.Prefix(h.prefix)
	l.Attrs(attrs)
	l.EndAttrs()
	l.Scope(block)
	h.end(l, x.pc, x.weight)
	l.Recorded()
	return l
}

// bytesOf returns the memory that attrs hold.
func bytesOf(attrs []slog.Attr) int {
	n := 0
	for i := range attrs {
		a := &attrs[i]
		n += attrBytes + len(a.Key)
		switch a.Value.Kind() {
		case slog.KindString:
			n += len(a.Value.String())
		case slog.KindGroup:
			n += bytesOf(a.Value.Group())
		}
	}
	return n
}
