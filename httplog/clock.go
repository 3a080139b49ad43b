package httplog

import (
	"sync/atomic"
	"time"
)

var epoch = time.Now()

// clock returns the time since an epoch of its own: half the price of time.Now,
// which reads the wall clock too.
func clock() time.Duration { return time.Since(epoch) }

// A wallClock tells the time of day at a time of clock without reading the wall
// clock each time. It is safe for concurrent use.
type wallClock struct{ last atomic.Pointer[reading] }

// reading is what both clocks said at one moment.
type reading struct {
	at   time.Duration
	wall int64 // nanoseconds since 1970
}

// maxReading is how long a reading is good for: so long may a line have the old
// time when the wall clock is set. By itself it strays by 50 µs at most (500
// parts in a million, what adjtimex(2) allows).
const maxReading = 100 * time.Millisecond

// at returns the time of day at a time of clock that has just been read.
func (c *wallClock) at(now time.Duration) time.Time {
	r := c.last.Load()
	if r == nil || now-r.at > maxReading {
		t := time.Now()
		c.last.Store(&reading{t.Sub(epoch), t.UnixNano()})
		return t
	}
	return time.Unix(0, r.wall+int64(now-r.at))
}
