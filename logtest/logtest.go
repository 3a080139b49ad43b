// Package logtest records what a program under test logs.
//
//	logs := logtest.New(t)
//	svc := token.New(token.Config{Log: logs.Logger("service.token")})
//	svc.Create(ctx, "u1")
//	rec := logs.One("token_created")
//	if got, want := rec.String("user_id"), "u1"; got != want { … }
//
// The lines go through a whole pipeline, redaction included, and are read back
// from what a file would hold: a test sees what production would. All levels are
// recorded. Nothing is printed unless the test fails.
package logtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// Recorder holds the lines that its loggers have written. It is safe for
// concurrent use, but for the methods that fail the test: those belong to the
// test's goroutine.
type Recorder struct {
	t   testing.TB
	p   *pairlog.Pipeline
	mem *memory
}

// New returns a recorder with the default configuration at DEBUG and below. It
// is closed with the test, and prints its lines when the test has failed.
func New(t testing.TB) *Recorder {
	t.Helper()
	return NewWith(t, pairlog.Config{Level: slog.LevelDebug - 4})
}

// NewWith returns a recorder with a configuration of the test's own. Output to
// standard output and files is switched off; everything else is as given.
func NewWith(t testing.TB, c pairlog.Config) *Recorder {
	t.Helper()
	r := &Recorder{t: t, mem: &memory{}}
	c.Stdout, c.File = false, false
	c.Sinks = append([]sink.Sink{r.mem}, c.Sinks...)
	if c.Err == nil {
		c.Err = io.Discard
	}
	p, err := pairlog.Open(c)
	if err != nil {
		t.Fatalf("logtest: %v", err)
	}
	r.p = p
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("logtest: %v", err)
		}
		if t.Failed() {
			t.Logf("logged:\n%s", r.mem.text())
		}
	})
	return r
}

// flushTimeout bounds the wait for the pipeline, which has only memory to write
// to.
const flushTimeout = 10 * time.Second

// Pipeline returns the pipeline behind the recorder.
func (r *Recorder) Pipeline() *pairlog.Pipeline { return r.p }

// Logger returns a logger whose lines are recorded.
func (r *Recorder) Logger(name string) *slog.Logger { return r.p.Logger(name) }

// Text returns everything logged so far as it would stand in a file. Search it
// for what must not be there.
func (r *Recorder) Text() string {
	r.flush()
	return r.mem.text()
}

// Records returns the records so far, oldest first.
func (r *Recorder) Records() []Record {
	r.flush()
	var recs []Record
	for line := range bytes.Lines([]byte(r.mem.text())) {
		rec, err := parse(line)
		if err != nil {
			r.t.Fatalf("logtest: %v", err)
		}
		recs = append(recs, rec)
	}
	return recs
}

// Event returns the records of one event, oldest first.
func (r *Recorder) Event(event string) []Record {
	var recs []Record
	for _, rec := range r.Records() {
		if rec.Event() == event {
			recs = append(recs, rec)
		}
	}
	return recs
}

// One returns the only record of an event, and fails the test at once when there
// is none or more than one.
func (r *Recorder) One(event string) Record {
	r.t.Helper()
	recs := r.Event(event)
	if len(recs) != 1 {
		r.t.Fatalf("logged %q %d times, want once; events: %s", event, len(recs), r.events())
	}
	return recs[0]
}

// None fails the test when the event was logged.
func (r *Recorder) None(event string) {
	r.t.Helper()
	if recs := r.Event(event); len(recs) > 0 {
		r.t.Errorf("logged %q %d times, want never; first: %s", event, len(recs), recs[0].Line)
	}
}

// Reset forgets what was logged so far.
func (r *Recorder) Reset() {
	r.flush()
	r.mem.reset()
}

func (r *Recorder) events() string {
	var names []string
	for _, rec := range r.Records() {
		names = append(names, rec.Event())
	}
	return fmt.Sprint(names)
}

func (r *Recorder) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := r.p.Flush(ctx); err != nil {
		r.t.Fatalf("logtest: %v", err)
	}
}

// memory is a sink that keeps everything.
type memory struct {
	mu     sync.Mutex
	buf    bytes.Buffer // guarded by mu
	closed bool         // guarded by mu
}

var _ sink.Sink = (*memory)(nil)

func (m *memory) Write(batch []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return 0, errors.New("closed")
	}
	return m.buf.Write(batch)
}

func (m *memory) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.buf.String()
}

func (m *memory) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buf.Reset()
}

func (m *memory) Sync() error { return nil }

// Close ends the writing; what is there can still be read.
func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

func (m *memory) String() string { return "memory" }
