package encode

import (
	"log/slog"
	"time"

	"github.com/pairly/pairlog/redact"
)

// Line is one record being written. It belongs to one goroutine.
type Line struct {
	e       *Encoder
	buf     []byte
	scratch []byte
	// segs are the members of the objects that are open, outermost first.
	segs []seg
	// cur is the object that the call's attrs go into: the root, or the innermost
	// group that the logger has opened.
	cur level
	// pre is what the logger brought along, and preAt where it begins in buf.
	// Its members are put into preSegs only when one of them must be found.
	pre      *Prefix
	preAt    int
	preSegs  []seg
	preReady bool
	// pendingAt is where the first of the groups begins that the logger has opened
	// and put nothing into; vanished is set when the call did neither.
	pendingAt int
	vanished  bool
	// roots is where root members are collected when one must be found.
	roots []seg
	// placed are the contract's keys found among the root attrs.
	placed place
	// idAt and idEnd are where the scope's request_id is, or would be.
	idAt, idEnd int
	// late is the scope when it has no block.
	late late
	// trace and span are members taken out of the attrs, to be written last.
	trace, span []byte
	// taken are the keys that this line has from elsewhere, so that attrs at the root
	// get an underscore: message beside no event, and the ids of the scope.
	taken  place
	hidden bool
	// in is the surroundings of the call's attrs, and careful is set when they
	// demand more than the keys and values themselves.
	in      env
	careful bool
	// event is what has happened, shape what its calls look like, and learning is
	// event while that is to be found out; see shape.
	event    *event
	shape    *shape
	learning *event
	// next is the index of the key in shape.in that is expected next, and members
	// how many of shape.out have been written, at the places in at.
	next, members int
	at            [maxShape]int
	// form is what the line is written with, if it is, missing are the bits of its
	// members that are not written, and collected is what it was given where it is
	// not written at all.
	form      *Form
	missing   uint32
	collected []slog.Attr
	// object is the one that is being written with a form of its own.
	object Object
	// keys are those of the call, noted while learning.
	keys []*key
	// allowing is the key with an allow-list whose value is being written.
	allowing string
	// failed is the error among the call's attrs, whose causes follow them.
	failed error
	// ancestry are the pointers that are being followed, to notice a cycle.
	ancestry []visit
	stamp    stamp
	day      day
	// misses counts texts that were not remembered.
	misses uint
	// names are the keys of the maps that are being written, outermost first.
	names []string
}

// Head is the part of the line between the timestamp and the request's id, for
// each level; made once for each logger.
type Head [5][]byte

// NewHead returns the heads of a logger.
func (e *Encoder) NewHead(logger string) *Head {
	var h Head
	name := e.red.String(logger)
	for i, lv := range levelNames {
		b := append([]byte(`"level":"`), lv...)
		b = append(b, `","logger":`...)
		b = appendQuoted(b, name)
		h[i] = append(b, ',')
	}
	return &h
}

var levelNames = [5]string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}

// LevelName returns the name of the highest of the five levels that l reaches;
// what is below DEBUG is DEBUG.
func LevelName(l slog.Level) string { return levelNames[levelIndex(l)] }

func levelIndex(l slog.Level) int {
	switch {
	case l < slog.LevelInfo:
		return 0
	case l < slog.LevelWarn:
		return 1
	case l < slog.LevelError:
		return 2
	case l < slog.LevelError+4:
		return 3
	}
	return 4
}

// Begin starts the line. A zero time leaves the timestamp out.
func (l *Line) Begin(t time.Time, h *Head, level slog.Level) {
	l.reset()
	b := l.buf[:0]
	if t.IsZero() {
		b = append(b, '{')
	} else {
		b = l.stamp.begin(b, t)
	}
	b = append(b, h[levelIndex(level)]...)
	l.buf = b
	l.idAt, l.idEnd = len(b), len(b)
}

func (l *Line) reset() {
	l.segs = l.segs[:0]
	l.pre = nil
	l.preReady, l.vanished = false, false
	l.preSegs = l.preSegs[:0]
	l.placed = 0
	l.trace, l.span = l.trace[:0], l.span[:0]
	l.taken, l.hidden = placeMessage, false
	l.in = env{root: true}
	l.careful = false
	l.event, l.shape, l.learning = nil, &noShape, nil
	l.next, l.members, l.missing = 0, 0, 0
	l.ancestry, l.names = l.ancestry[:0], l.names[:0]
	l.cur = level{}
	l.failed = nil
}

// Message writes what happened: as event when it is an identifier, else as
// message.
func (l *Line) Message(msg string) {
	if ev := l.e.event(msg); ev != nil {
		l.taken &^= placeMessage
		l.buf = append(l.buf, ev.block...)
		l.expect(ev)
		return
	}
	l.buf = append(l.buf, `"message":`...)
	l.text(msg, redact.ClassKeep)
	l.buf = append(l.buf, ',')
}

// Prefix writes what With and WithGroup have collected; nil is nothing.
func (l *Line) Prefix(p *Prefix) {
	if p == nil {
		return
	}
	if taken := l.taken & p.placed; taken != 0 {
		p = l.e.besides(p, taken)
	}
	l.pre = p
	l.preAt = len(l.buf)
	l.buf = append(l.buf, p.buf...)
	l.cur.seen = p.seen
	l.cur.brought = true
	l.placed = p.placed
	l.hidden = p.hidden
	if p.grouped {
		l.in = env{class: p.class, group: p.name, depth: 1}
	}
	l.careful = p.hidden || p.class != redact.ClassKeep || p.named
	l.cur.trust = l.shape != &noShape && (len(p.pending) > 0 || p.apartFrom(l.shape))
	if len(p.pending) > 0 {
		l.openPending()
	}
}

// End finishes the line and returns it, with its newline. The bytes are valid
// until Free.
func (l *Line) End() []byte {
	l.buf[len(l.buf)-1] = '}'
	l.buf = append(l.buf, '\n')
	return l.buf
}
