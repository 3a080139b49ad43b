package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Defaults of RemoteConfig.
const (
	DefaultRemoteBufferBytes = 8 << 20
	DefaultBatchBytes        = 512 << 10
	DefaultBatchEvery        = time.Second
	DefaultRemoteTimeout     = 30 * time.Second
)

// RemoteConfig describes a destination that takes JSON lines over HTTP. Only
// URL is required. Its String has no credentials.
type RemoteConfig struct {
	// URL is where batches go by POST, https:// or http://. A user and a
	// password in it become basic authentication. Redirects are not followed.
	URL string
	// Header is added to every request, as for an Authorization that is no
	// basic one. A Content-Type in it replaces application/x-ndjson, for a
	// server that wants another name for JSON lines. It is copied.
	Header http.Header
	// CAFile, when set, is a PEM file with the authorities that are trusted
	// instead of the system's.
	CAFile string
	// CertFile and KeyFile are PEM files with the client's certificate and
	// its key, both or neither. They are read anew for each connection, so
	// that they can be renewed.
	CertFile, KeyFile string
	// BufferBytes bounds what waits to be sent, in bytes. 0 means
	// DefaultRemoteBufferBytes (8 MB). What does not fit Write does not take.
	BufferBytes int
	// BatchBytes is the largest body of a request before compression, in
	// bytes. 0 means DefaultBatchBytes (512 KB). Only a line that is longer
	// makes a larger one.
	BatchBytes int
	// BatchEvery is the longest that a line waits for others to go with it.
	// 0 means DefaultBatchEvery (1 s).
	BatchEvery time.Duration
	// Timeout is for one request, from the connection to the end of the
	// answer. 0 means DefaultRemoteTimeout (30 s).
	Timeout time.Duration
	// Report, when set, receives what the Remote has to say about itself:
	// EventRetrying, EventMisconfigured, EventResumed and EventDropped. It is
	// called by the goroutine that sends.
	Report func(Event)
}

// String returns the scheme and host of the URL.
func (c RemoteConfig) String() string { return remoteName(c.URL) }

// GoString returns String, so that %#v shows no credentials either.
func (c RemoteConfig) GoString() string { return "sink.RemoteConfig{" + c.String() + "}" }

func (c RemoteConfig) withDefaults() RemoteConfig {
	for _, d := range []struct {
		value *int
		def   int
	}{{&c.BufferBytes, DefaultRemoteBufferBytes}, {&c.BatchBytes, DefaultBatchBytes}} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
	c.BatchBytes = min(c.BatchBytes, c.BufferBytes)
	if c.BatchEvery <= 0 {
		c.BatchEvery = DefaultBatchEvery
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultRemoteTimeout
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	return c
}

// RemoteStats counts what a Remote has done since OpenRemote. Counts are of
// lines unless said otherwise.
type RemoteStats struct {
	// Delivered were taken by the server.
	Delivered uint64
	// Refused were taken by Write, but the server will not have them: it
	// answered for each alone that it is bad or too large.
	Refused uint64
	// Abandoned were taken by Write and not delivered when Close ran out of
	// time.
	Abandoned uint64
	// Requests counts requests, Failures those that were not answered well.
	Requests, Failures uint64
	// PendingBytes is the size, in bytes, of what is taken and not delivered.
	PendingBytes int
}

// Remote sends lines to an HTTP server that takes JSON lines, such as Vector,
// VictoriaLogs or Fluent Bit: in batches, compressed with gzip, in order, one
// request at a time. Write only puts lines into a bounded buffer. All methods
// are safe for concurrent use.
//
// A batch that a failing network or server did not take is kept and sent
// again, after a pause that grows from one second to thirty; the server may
// get a batch twice when its answer was lost, with the same Idempotency-Key.
// What a server refuses is told apart from the rest by sending the halves.
type Remote struct {
	c    RemoteConfig
	name string
	post *poster
	// pause waits between two attempts, until hurried or ctx ends. Tests
	// replace it.
	pause func(ctx context.Context, hurried <-chan struct{}, d time.Duration)

	mu       sync.Mutex
	chunks   []*chunk      // guarded by mu: the oldest first
	size     int           // guarded by mu: of the lines in chunks and in sending, in bytes
	taken    uint64        // guarded by mu: bytes that Write took
	done     uint64        // guarded by mu: bytes of them delivered or given up
	seq      uint64        // guarded by mu: chunks begun
	urgent   uint64        // guarded by mu: what of taken is not to wait for a batch to fill
	hasty    bool          // guarded by mu: the last Flush ran out of time
	closed   bool          // guarded by mu
	failure  error         // guarded by mu: of the last request, nil after a good one
	progress chan struct{} // guarded by mu: closed and replaced when done grows
	stats    RemoteStats   // guarded by mu

	wake    chan struct{} // capacity 1: there is something to look at
	hurry   chan struct{} // capacity 1: end a pause between attempts
	quit    context.Context
	cancel  context.CancelFunc // of quit: give up what is left
	stopped chan struct{}

	state troubles // owned by the sending goroutine
}

var _ Sink = (*Remote)(nil)

// chunk is lines that make one batch.
type chunk struct {
	lines []byte
	seq   uint64
	first uint64    // its offset in taken
	since time.Time // of the first line
}

// OpenRemote starts a Remote. It does not connect: whether the server is there
// shows with the first batch. The error is for settings that can never work;
// it has no credentials.
func OpenRemote(c RemoteConfig) (*Remote, error) { return openRemote(c, pause) }

func openRemote(c RemoteConfig, pause func(context.Context, <-chan struct{}, time.Duration)) (*Remote, error) {
	c = c.withDefaults()
	post, err := newPoster(c)
	if err != nil {
		return nil, fmt.Errorf("sink: open remote %s: %w", remoteName(c.URL), err)
	}
	r := &Remote{
		c: c, name: remoteName(c.URL), post: post, pause: pause,
		progress: make(chan struct{}), wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		stopped: make(chan struct{}),
	}
	r.quit, r.cancel = context.WithCancel(context.Background())
	go r.run()
	return r, nil
}

// Write implements [Sink]. It never waits for the network: what does not fit
// the buffer is left to the caller, with an error that says why the buffer is
// full.
func (r *Remote) Write(batch []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0, errClosed
	}
	n := 0
	for n < len(batch) {
		end := n + bytes.IndexByte(batch[n:], '\n') + 1
		if end == n {
			end = len(batch)
		}
		if r.size+end-n > r.c.BufferBytes {
			break
		}
		r.add(batch[n:end])
		n = end
	}
	if n > 0 {
		notify(r.wake)
	}
	if n == len(batch) {
		return n, nil
	}
	if r.failure != nil {
		return n, fmt.Errorf("the buffer of %d bytes is full: %w", r.c.BufferBytes, r.failure)
	}
	return n, fmt.Errorf("the buffer of %d bytes is full: the server is too slow", r.c.BufferBytes)
}

// add puts one line into the last chunk, or a new one. It is called with mu
// held.
func (r *Remote) add(line []byte) {
	var last *chunk
	if n := len(r.chunks); n > 0 && len(r.chunks[n-1].lines)+len(line) <= r.c.BatchBytes {
		last = r.chunks[n-1]
	} else {
		last = &chunk{seq: r.seq, first: r.taken, since: time.Now()}
		r.seq++
		r.chunks = append(r.chunks, last)
	}
	if need := len(last.lines) + len(line); need > cap(last.lines) {
		// Doubled, but never beyond a batch: what the buffer holds in memory
		// is what it holds in lines, but for the last chunk.
		grown := make([]byte, len(last.lines), max(need, min(2*cap(last.lines), r.c.BatchBytes)))
		copy(grown, last.lines)
		last.lines = grown
	}
	last.lines = append(last.lines, line...)
	r.size += len(line)
	r.taken += uint64(len(line))
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Flush sends what was written before the call, at once, and waits until the
// server has it, or has refused it for good. It ends early, with the context's
// error, when ctx does.
func (r *Remote) Flush(ctx context.Context) error {
	r.mu.Lock()
	for target, first := r.taken, true; r.done < target; r.mu.Lock() {
		r.urgent = max(r.urgent, target)
		progress, failure := r.progress, r.failure
		r.mu.Unlock()
		notify(r.wake)
		if first {
			notify(r.hurry)
		}
		first = false
		select {
		case <-progress:
		case <-r.stopped:
			return errClosed
		case <-ctx.Done():
			r.mu.Lock()
			r.hasty = true
			r.mu.Unlock()
			return errors.Join(ctx.Err(), failure)
		}
	}
	r.hasty = false
	r.mu.Unlock()
	return nil
}

// Sync implements [Sink] with a Flush of at most twice RemoteConfig.Timeout.
func (r *Remote) Sync() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*r.c.Timeout)
	defer cancel()
	return r.Flush(ctx)
}

// remoteCloseWait is how long Close tries to deliver what is left.
const remoteCloseWait = 5 * time.Second

// Close implements [Sink]. It sends what is left, for at most five seconds,
// and not at all when the last Flush has already run out of time. What is not
// delivered then is given up, counted and reported; the error says so.
func (r *Remote) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	hasty := r.hasty
	r.mu.Unlock()
	if !hasty {
		ctx, cancel := context.WithTimeout(context.Background(), remoteCloseWait)
		r.Flush(ctx)
		cancel()
	}
	r.cancel()
	<-r.stopped
	r.post.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.stats.Abandoned; n > 0 {
		return errors.Join(fmt.Errorf("close %s: %d lines were not delivered", r.name, n), r.failure)
	}
	return nil
}

// Dropped returns how many lines Write took that will never be delivered.
func (r *Remote) Dropped() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats.Refused + r.stats.Abandoned
}

// Stats returns a snapshot of the counters.
func (r *Remote) Stats() RemoteStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.PendingBytes = r.size
	return s
}

// String returns the scheme and host of the URL: paths and queries may hold
// credentials.
func (r *Remote) String() string { return r.name }
