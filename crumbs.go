package pairlog

import (
	"log/slog"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// maxCrumbs is how many events an exception line tells of.
const maxCrumbs = 16

// crumb is an event that a line of the scope was about. It points to strings
// that the pipeline keeps anyway, and holds no values.
type crumb struct {
	at     int64 // nanoseconds since 1970
	logger *named
	event  string
	level  slog.Level
}

// crumbs are the last events of a scope, for the line that tells of a failure.
type crumbs struct {
	// n is how many events there were.
	n uint32
	// first are the events, until there are more and ring holds the last ones: the
	// scope of a request that logs a few lines stays small.
	first [3]crumb
	ring  *[maxCrumbs]crumb
}

// eventSocketError is the exception of a socket, see package wslog.
const eventSocketError = "ws_error"

// hasBreadcrumbs reports whether the lines of an event tell what led there.
func hasBreadcrumbs(event string) bool {
	return event == EventException || event == EventPanicRecovered || event == eventSocketError
}

// step writes the breadcrumbs, when l is a line that has them, and notes l as one
// for the lines to come. A record without time or event is none, nor is a caught
// panic: the exception line that follows it is about the same.
func (s *Scope) step(l *encode.Line, b *encode.ScopeBlock, t time.Time, level slog.Level, logger *named) {
	event := l.EventName()
	if event == "" || t.IsZero() {
		return
	}
	if hasBreadcrumbs(event) {
		s.mu.Lock()
		list := s.begun().crumbs.list()
		s.mu.Unlock()
		l.Breadcrumbs(b, list, t.UnixNano())
	}
	if event == EventPanicRecovered {
		return
	}
	s.mu.Lock()
	s.begun().crumbs.put(crumb{t.UnixNano(), logger, event, level})
	s.mu.Unlock()
}

// put notes an event, in place of the oldest when there are enough.
func (c *crumbs) put(x crumb) {
	if int(c.n) < len(c.first) {
		c.first[c.n] = x
		c.n++
		return
	}
	if c.ring == nil {
		c.ring = new([maxCrumbs]crumb)
		copy(c.ring[:], c.first[:])
	}
	c.ring[c.n%maxCrumbs] = x
	if c.n++; c.n == 2*maxCrumbs {
		c.n = maxCrumbs // the same places, and no overflow
	}
}

// list returns the events, oldest first.
func (c *crumbs) list() []encode.Crumb {
	var list []encode.Crumb
	if c.ring == nil {
		for i := range c.n {
			list = append(list, c.first[i].told())
		}
		return list
	}
	for i := c.n - min(c.n, maxCrumbs); i < c.n; i++ {
		list = append(list, c.ring[i%maxCrumbs].told())
	}
	return list
}

func (x *crumb) told() encode.Crumb {
	return encode.Crumb{At: x.at, Level: x.level, Logger: x.logger.name, Event: x.event}
}
