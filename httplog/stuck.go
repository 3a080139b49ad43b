package httplog

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog"
)

// maxDump bounds the dump of all goroutines that a stuck request's stack is
// looked up in. A goroutine beyond it has no stack on its line.
const maxDump = 4 << 20

// A watch finds requests that run for too long. One timer, which is set at most
// once per threshold and runs only while there are requests, serves all.
type watch struct {
	after time.Duration // 0: off

	// Most requests in flight have one of the slots, which takes no lock; the
	// others are in rest.
	slots [watchSlots]atomic.Pointer[exchange]
	armed atomic.Bool // the timer is set or its function runs

	mu    sync.Mutex
	rest  map[*exchange]bool // guarded by mu
	timer *time.Timer        // guarded by mu
}

const (
	watchSlots = 1024 // a power of two
	watchTries = 4    // slots that a request looks at
)

// enter adds x, which has just started.
func (s *watch) enter(x *exchange) {
	if s.after == 0 {
		return
	}
	if !s.takeSlot(x) {
		s.mu.Lock()
		if s.rest == nil {
			s.rest = make(map[*exchange]bool)
		}
		s.rest[x] = true
		s.mu.Unlock()
	}
	if !s.armed.Load() {
		s.arm()
	}
}

// takeSlot puts x into a slot, where one of a few is free. Which ones is left to
// chance: to the nanoseconds of the clock.
func (s *watch) takeSlot(x *exchange) bool {
	for i := range watchTries {
		at := (int(x.start) + i) & (watchSlots - 1)
		if s.slots[at].CompareAndSwap(nil, x) {
			x.slot = int16(at + 1)
			return true
		}
	}
	return false
}

// leave removes x. It may be called more than once.
func (s *watch) leave(x *exchange) {
	switch {
	case s.after == 0:
	case x.slot > 0:
		// The slot may be another's by now.
		s.slots[x.slot-1].CompareAndSwap(x, nil)
	default:
		s.mu.Lock()
		delete(s.rest, x)
		s.mu.Unlock()
	}
}

// arm sets the timer for a request that has just started.
func (s *watch) arm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed.Swap(true) {
		return
	}
	s.setTimer(s.after)
}

// setTimer sets the timer. s.mu is held.
func (s *watch) setTimer(d time.Duration) {
	if s.timer == nil {
		s.timer = time.AfterFunc(d, s.look)
	} else {
		s.timer.Reset(d)
	}
}

// look reports the requests that are due, once each, and sets the timer for
// the next.
func (s *watch) look() {
	due, next, any := s.due()
	s.mu.Lock()
	if any {
		s.setTimer(next)
	} else {
		s.armed.Store(false)
	}
	s.mu.Unlock()
	if !any && s.any() {
		s.arm() // for one that came in between, and found the timer set
	}
	if len(due) == 0 {
		return
	}
	slices.SortFunc(due, func(a, b *exchange) int { return cmp.Compare(a.start, b.start) })
	dump := allStacks()
	for _, x := range due {
		x.logStuck(stackOf(dump, x))
	}
}

// due takes out the requests that have run for too long. any is set when there
// are others, and next is when the first of them will have.
func (s *watch) due() (due []*exchange, next time.Duration, any bool) {
	now := clock()
	isDue := func(x *exchange) bool {
		left := s.after - (now - x.start)
		if left > 0 && (!any || left < next) {
			next, any = left, true
		}
		return left <= 0
	}
	for i := range s.slots {
		if x := s.slots[i].Load(); x != nil && isDue(x) && s.slots[i].CompareAndSwap(x, nil) {
			due = append(due, x)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.rest {
		if isDue(x) {
			delete(s.rest, x)
			due = append(due, x)
		}
	}
	return due, next, any
}

// any reports whether a request is in flight.
func (s *watch) any() bool {
	for i := range s.slots {
		if s.slots[i].Load() != nil {
			return true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rest) > 0
}

// logStuck runs beside the handler: it reads only what does not change.
func (x *exchange) logStuck(stack string) {
	stackValue := nothing
	if stack != "" {
		stackValue = slog.StringValue(stack)
	}
	pairlog.Log(x.context(), x.m.config.Logger, slog.LevelWarn, "http_request_stuck",
		slog.String(pairlog.KeyMethod, x.orig.Method),
		slog.String(pairlog.KeyPath, x.path),
		slog.String(pairlog.KeyClientIP, x.clientIP()),
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
