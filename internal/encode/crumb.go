package encode

import (
	"log/slog"
	"time"

	"github.com/pairly/pairlog/redact"
)

// Crumb is an earlier line of a scope: when, where and what, without values.
type Crumb struct {
	At     int64 // nanoseconds since 1970
	Level  slog.Level
	Logger string
	Event  string
}

// maxCrumbEvent bounds what a scope keeps of an event's name, in bytes.
const maxCrumbEvent = 128

// EventName returns the name of the event that the line tells of, for a [Crumb];
// "" when its message is a text, or a name too long to keep.
func (l *Line) EventName() string { return l.event.kept() }

// EventName is that of a line with this message.
func (e *Encoder) EventName(msg string) string { return e.event(msg).kept() }

// kept returns the name of an event that may be kept as long as one likes.
func (ev *event) kept() string {
	if ev == nil || len(ev.name) > maxCrumbEvent {
		return ""
	}
	return ev.name
}

// Breadcrumbs writes what led to this line of time at, oldest first, after the
// call's attrs, unless the call or the scope has a member of that name. b is what
// Scope will be called with. It is called between EndAttrs and Scope.
func (l *Line) Breadcrumbs(b *ScopeBlock, crumbs []Crumb, at int64) {
	k := l.e.own.breadcrumbs
	l.roots = l.rootMembers()
	if len(crumbs) == 0 || l.hasRoot(k) {
		return
	}
	if b == nil && l.late.has(l, k) {
		return
	}
	if b != nil {
		for _, s := range b.segs {
			if s.key.same(k) {
				return
			}
		}
	}
	l.buf = append(l.buf, k.block...)
	l.buf = append(l.buf, '[')
	for i := range crumbs {
		c := &crumbs[i]
		l.buf = append(l.buf, `{"before_ms":`...)
		l.millis(float64(at-c.At) / float64(time.Millisecond))
		l.buf = append(l.buf, `,"level":"`...)
		l.buf = append(l.buf, LevelName(c.Level)...)
		l.buf = append(l.buf, `","logger":`...)
		l.text(c.Logger, redact.ClassKeep)
		l.buf = append(l.buf, `,"event":`...)
		l.text(c.Event, redact.ClassKeep)
		l.buf = append(l.buf, "},"...)
	}
	l.closeList()
	l.buf = append(l.buf, ',')
}
