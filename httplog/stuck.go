package httplog

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// maxDump bounds the dump of all goroutines that a stuck request's stack is
// looked up in. A goroutine beyond it has no stack on its line.
const maxDump = 4 << 20

// A watch finds requests that run for too long. The requests in flight are a
// list in the order of their start, so that only its head is looked at, and
// one timer, which is set at most once per threshold and runs only while there
// are requests, serves all.
type watch struct {
	after time.Duration // 0: off

	mu         sync.Mutex
	head, tail *exchange // guarded by mu
	armed      bool      // guarded by mu; the timer is set or its function runs
	timer      *time.Timer
}

// enter adds x, which has just started.
func (s *watch) enter(x *exchange) {
	if s.after == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.watched = true
	if x.prev = s.tail; s.tail != nil {
		s.tail.next = x
	} else {
		s.head = x
	}
	s.tail = x
	if !s.armed {
		s.armed = true
		if s.timer == nil {
			s.timer = time.AfterFunc(s.after, s.look)
		} else {
			s.timer.Reset(s.after)
		}
	}
}

// leave removes x. It may be called more than once.
func (s *watch) leave(x *exchange) {
	if s.after == 0 {
		return
	}
	s.mu.Lock()
	s.unlink(x)
	s.mu.Unlock()
}

func (s *watch) unlink(x *exchange) {
	if !x.watched {
		return
	}
	x.watched = false
	if x.prev != nil {
		x.prev.next = x.next
	} else {
		s.head = x.next
	}
	if x.next != nil {
		x.next.prev = x.prev
	} else {
		s.tail = x.prev
	}
	x.prev, x.next = nil, nil
}

// look reports the requests that are due, once each, and sets the timer for
// the next.
func (s *watch) look() {
	var due []*exchange
	s.mu.Lock()
	for s.head != nil && clock()-s.head.start >= s.after {
		due = append(due, s.head)
		s.unlink(s.head)
	}
	if s.armed = s.head != nil; s.armed {
		s.timer.Reset(s.after - (clock() - s.head.start))
	}
	s.mu.Unlock()
	if len(due) == 0 {
		return
	}
	dump := allStacks()
	for _, x := range due {
		x.logStuck(stackOf(dump, x))
	}
}

// logStuck runs beside the handler: it reads only what does not change.
func (x *exchange) logStuck(stack string) {
	stackValue := nothing
	if stack != "" {
		stackValue = slog.StringValue(stack)
	}
	pairlog.Log(x.req.Context(), x.m.config.Logger, slog.LevelWarn, "http_request_stuck",
		slog.String(pairlog.KeyMethod, x.method),
		slog.String(pairlog.KeyPath, x.path),
		slog.String(pairlog.KeyClientIP, x.clientIP),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(clock()-x.start)),
		slog.Attr{Key: pairlog.KeyStackTrace, Value: stackValue},
	)
}

func allStacks() []byte {
	for size := 64 << 10; ; size *= 4 {
		buf := make([]byte, min(size, maxDump))
		if n := runtime.Stack(buf, true); n < len(buf) || len(buf) == maxDump {
			return buf[:n]
		}
	}
}

// stackOf finds the goroutine that serves x in a dump of all: the one with a
// call of run on this exchange. The frames above it are the handler's.
func stackOf(dump []byte, x *exchange) string {
	mark := fmt.Appendf(nil, "httplog.(*exchange).run(%p", x)
	at := bytes.Index(dump, mark)
	if at < 0 {
		return ""
	}
	from := bytes.LastIndex(dump[:at], []byte("\n\n"))
	if from < 0 {
		from = -2
	}
	return string(dump[from+2 : at])
}
