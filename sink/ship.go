package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Pauses between two attempts to send the same lines grow between these, with
// full jitter: each is random up to its bound, so that many services do not
// come back to a server at the same moment.
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter)
const (
	firstBackoff = time.Second
	lastBackoff  = 30 * time.Second
)

const (
	// busyTries is how often lines are sent that the server says it has no
	// room for, before fewer are tried: some limit the size of a request with
	// the answer for too many of them.
	busyTries = 3
	// brokenTries is how often lines are sent again whose answer was a yes
	// that broke off.
	brokenTries = 3
	// refusedInRow is how many lines in a row a server refuses before that is
	// taken for a wrong address or format rather than for bad lines, and the
	// next is sent after a pause.
	refusedInRow = 20
	// lastingAfter is how long a server is not found or not there before that
	// is reported as a wrong setting. With the longest pause and the longest
	// attempt to connect it is told within a minute.
	lastingAfter = 15 * time.Second
)

// run sends until Close.
func (r *Remote) run() {
	defer close(r.stopped)
	timer := time.NewTimer(r.c.BatchEvery)
	defer timer.Stop()
	for {
		c, wait := r.next()
		switch {
		case c != nil:
			r.ship(c)
			continue
		case wait > 0:
			timer.Reset(wait)
		default:
			timer.Stop()
		}
		select {
		case <-r.wake:
		case <-timer.C:
		case <-r.quit.Done():
			r.abandon()
			return
		}
	}
}

// next takes the oldest chunk if it is to be sent now. Otherwise it returns how
// long that takes, 0 when there is none.
func (r *Remote) next() (*chunk, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.chunks) == 0 || r.quit.Err() != nil {
		return nil, 0
	}
	c := r.chunks[0]
	wait := r.c.BatchEvery - time.Since(c.since)
	if wait > 0 && c.first >= r.urgent && len(r.chunks) == 1 {
		return nil, wait
	}
	r.chunks[0] = nil
	r.chunks = r.chunks[1:]
	return c, 0
}

// parcel is lines on their way: a chunk or a part of one.
type parcel struct {
	lines        []byte
	key          string // tells parcels apart for the server
	busy, broken int    // how often it was answered so
}

// halves divides a parcel between two lines, near the middle; second is empty
// when it is a single line.
func (p parcel) halves() (first, second parcel) {
	middle := bytes.LastIndexByte(p.lines[:len(p.lines)/2], '\n') + 1
	if middle == 0 {
		middle = bytes.IndexByte(p.lines, '\n') + 1
	}
	if middle == 0 || middle == len(p.lines) {
		return p, parcel{}
	}
	return parcel{lines: p.lines[:middle], key: p.key + ".0"}, parcel{lines: p.lines[middle:], key: p.key + ".1"}
}

// halve replaces the first parcel by its halves; it reports false for a single
// line.
func halve(left []parcel) ([]parcel, bool) {
	first, second := left[0].halves()
	if second.lines == nil {
		return left, false
	}
	return append([]parcel{first, second}, left[1:]...), true
}

func (r *Remote) parcelOf(c *chunk) parcel {
	return parcel{lines: c.lines, key: fmt.Sprintf("%s-%d", r.post.id, c.seq)}
}

// ship sends a chunk until each of its lines is delivered or refused, or Close
// ends the attempts.
func (r *Remote) ship(c *chunk) {
	left := []parcel{r.parcelOf(c)}
	for len(left) > 0 && r.quit.Err() == nil {
		p := &left[0]
		switch a := r.send(p); a.verdict {
		case delivered:
			r.settle(left[0], nil)
			left = left[1:]
		case refused:
			left = r.divide(left, a)
		case busy:
			if p.busy++; p.busy >= busyTries {
				left = r.lighten(left)
			}
			r.rest(a)
		case broken:
			if p.broken++; p.broken < brokenTries {
				r.rest(a)
				continue
			}
			r.settle(left[0], nil) // it has said yes each time
			left = left[1:]
		default:
			r.rest(a)
		}
	}
	for _, p := range left {
		r.settle(p, errAbandoned)
	}
	r.tellLosses()
}

// send makes one attempt and takes note of how it went.
func (r *Remote) send(p *parcel) answer {
	ctx, cancel := context.WithTimeout(r.quit, r.c.Timeout)
	defer cancel()
	a := r.post.send(ctx, p.lines, p.key)
	r.mu.Lock()
	r.stats.Requests++
	r.failure = a.err
	if a.verdict != delivered {
		r.stats.Failures++
	}
	r.mu.Unlock()
	if r.quit.Err() == nil { // else the failure is that of Close
		r.tell(r.state.note(a, time.Now()))
	}
	return a
}

// divide deals with lines that the server will not have: many are divided, a
// single one is given up.
func (r *Remote) divide(left []parcel, a answer) []parcel {
	if halved, ok := halve(left); ok {
		return halved
	}
	r.settle(left[0], a.err)
	if r.state.inRow++; r.state.inRow%refusedInRow == 0 {
		r.tell(r.state.everything(a))
		r.rest(a)
	}
	return left[1:]
}

// lighten deals with lines that the server has had no room for again and
// again. Many are divided. Whether it is a single one or the server the next
// line tells: when that is taken and the first is still not, the first is
// given up.
func (r *Remote) lighten(left []parcel) []parcel {
	if halved, ok := halve(left); ok {
		return halved
	}
	if len(left) == 1 {
		c, _ := r.next()
		if c == nil {
			return left
		}
		left = append(left, r.parcelOf(c))
	}
	first, rest := left[0], left[1:]
	for ok := true; ok; {
		rest, ok = halve(rest)
	}
	if r.send(&rest[0]).verdict != delivered {
		return append([]parcel{first}, rest...)
	}
	r.settle(rest[0], nil)
	rest = rest[1:]
	switch a := r.send(&first); a.verdict {
	case delivered:
		r.settle(first, nil)
	case busy:
		r.settle(first, a.err)
	default:
		return append([]parcel{first}, rest...)
	}
	return rest
}

// errAbandoned is the reason for lines that Close had no time for.
var errAbandoned = errors.New("closed before it was delivered")

// settle is done with a parcel: it was delivered, or given up for a reason.
func (r *Remote) settle(p parcel, reason error) {
	n := countLines(p.lines)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case reason == nil:
		r.stats.Delivered += n
	case errors.Is(reason, errAbandoned):
		r.stats.Abandoned += n
	default:
		r.stats.Refused += n
	}
	if reason != nil {
		r.state.lost += n
		r.state.cause = reason
	}
	r.size -= len(p.lines)
	r.done += uint64(len(p.lines))
	close(r.progress)
	r.progress = make(chan struct{})
}

// abandon gives up what is left after Close.
func (r *Remote) abandon() {
	r.mu.Lock()
	chunks := r.chunks
	r.chunks = nil
	r.mu.Unlock()
	for _, c := range chunks {
		r.settle(r.parcelOf(c), errAbandoned)
	}
	r.tellLosses()
}

// rest waits before the next attempt: as long as the server asked for, or a
// random time that grows with the number of attempts.
func (r *Remote) rest(a answer) {
	r.tellLosses()
	most := lastBackoff
	if n := r.state.attempts + r.state.inRow/refusedInRow; n < 6 {
		most = min(firstBackoff<<max(n-1, 0), lastBackoff)
	}
	d, hurry := rand.N(most), r.hurry
	if a.after > 0 {
		d, hurry = a.after+rand.N(firstBackoff), nil // not even a Flush comes before
	}
	r.pause(r.quit, hurry, d)
}

// pause waits for d, a demand for haste, or the end of ctx.
func pause(ctx context.Context, hurried <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurried:
	case <-ctx.Done():
	}
}
