package encode

import (
	"strings"
	"sync/atomic"
)

// event is the name of what happened, ready to copy.
type event struct {
	name string
	// block is `"event":"name",`.
	block string
	// shape is that of the last calls; nil before the first one.
	shape atomic.Pointer[shape]
	// stale is set when a call had another shape, and learned counts how often it
	// has been replaced.
	stale   atomic.Bool
	learned atomic.Uint32
}

// eventTable caches events by content, like keyTable.
type eventTable struct {
	sets [eventSets][eventWays]atomic.Pointer[event]
	next atomic.Uint32
}

const (
	eventSets = 256
	eventWays = 2
	// maxEvent is the longest name of an event, in bytes; what is longer is a
	// text, which has a limit.
	maxEvent = 256
)

// event returns the event named msg, or nil when msg is a text for people: not
// an identifier, or one with something in it that must be redacted.
func (e *Encoder) event(msg string) *event {
	if msg == "" || msg[0] < 'a' || msg[0] > 'z' {
		return nil
	}
	set := &e.events.sets[hashKey(msg)>>32&(eventSets-1)]
	if ev := set[0].Load(); ev != nil && ev.name == msg {
		return ev
	}
	if ev := set[1].Load(); ev != nil && ev.name == msg {
		return ev
	}
	if !isIdentifier(msg) || e.red.Redacts(msg) {
		return nil
	}
	if len(msg) > maxEvent {
		return nil
	}
	if len(msg) > maxCachedKey {
		return &event{name: msg, block: `"event":"` + msg + `",`}
	}
	msg = strings.Clone(msg)
	ev := &event{name: msg, block: `"event":"` + msg + `",`}
	for i := range set {
		if set[i].CompareAndSwap(nil, ev) {
			return ev
		}
	}
	set[e.events.next.Add(1)%eventWays].Store(ev)
	return ev
}

// isIdentifier reports whether s is [a-z][a-z0-9_]*.
func isIdentifier(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
