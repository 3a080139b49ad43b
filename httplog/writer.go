package httplog

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"
)

//go:generate go run combos_generate.go

// A writer is the ResponseWriter that handlers see. It passes every call on
// and keeps what the client was told. The types of combos.go add exactly the
// optional interfaces that the writer below has.
type writer struct {
	under http.ResponseWriter
	x     *exchange

	size      int64         // bytes of the body that were taken
	firstByte time.Duration // from the start of the request to the final status; 0 before
	capture   *captured
	status    int32 // the final status that was written, 0 before
	broken    bool  // writing the body met an error
	hijacked  bool
	gone      bool // the client had left before the final status was written
	streaming bool // an event stream was flushed: it is meant to last
}

// optionalSets remembers the optional interfaces of the few types of writer that
// a server has. It is filled from the front.
type optionalSets [4]atomic.Pointer[optionalSet]

type optionalSet struct {
	of  reflect.Type
	set int
}

// of returns the set of optional interfaces that w has. It depends on nothing but
// w's type.
func (s *optionalSets) of(w http.ResponseWriter) int {
	t := reflect.TypeOf(w)
	for i := range s {
		known := s[i].Load()
		if known == nil {
			known = &optionalSet{t, optionalsOf(w)}
			s[i].CompareAndSwap(nil, known)
		}
		if known.of == t {
			return known.set
		}
	}
	return optionalsOf(w)
}

// withOptionals returns w with the optional interfaces of the writer below.
func (w *writer) withOptionals() http.ResponseWriter {
	return withOptionals(w, w.x.m.optionals.of(w.under))
}

// Unwrap returns the writer below; [http.ResponseController] uses it.
func (w *writer) Unwrap() http.ResponseWriter { return w.under }

// Header returns the header map of the response.
func (w *writer) Header() http.Header { return w.under.Header() }

// WriteHeader sends an informational status, or the final one. Only the first
// final status counts, as it does for the client.
func (w *writer) WriteHeader(status int) {
	if w.hijacked || w.status != 0 || informational(status) {
		w.under.WriteHeader(status)
		return
	}
	gone := w.clientGone()
	w.under.WriteHeader(status) // panics on a status that cannot be: then it was not written
	w.final(status, gone)
}

// informational reports whether a final status is still to come. 101 is final:
// what follows is another protocol.
func informational(status int) bool {
	return 100 <= status && status < 200 && status != http.StatusSwitchingProtocols
}

// Write sends a part of the body, after status 200 if none was written.
func (w *writer) Write(p []byte) (int, error) {
	w.implicit()
	n, err := w.under.Write(p)
	w.wrote(n, err)
	if w.capture != nil {
		w.capture.write(p[:n])
	}
	return n, err
}

func (w *writer) writeString(s string) (int, error) {
	w.implicit()
	n, err := w.under.(io.StringWriter).WriteString(s)
	w.wrote(n, err)
	if w.capture != nil {
		w.capture.writeString(s[:n])
	}
	return n, err
}

func (w *writer) readFrom(src io.Reader) (int64, error) {
	w.implicit()
	if w.capture != nil {
		return io.Copy(struct{ io.Writer }{w}, src)
	}
	n, err := w.under.(io.ReaderFrom).ReadFrom(src)
	w.size += n
	// The error may be the source's, so it says nothing of the client.
	return n, err
}

func (w *writer) flush() {
	w.implicit()
	w.flushed()
	w.under.(http.Flusher).Flush()
}

func (w *writer) flushError() error {
	f, ok := w.under.(interface{ FlushError() error })
	if !ok {
		w.flush()
		return nil
	}
	w.implicit()
	w.flushed()
	err := f.FlushError()
	w.wrote(0, err)
	return err
}

// flushed notices that the response is an event stream.
func (w *writer) flushed() {
	if !w.streaming && strings.HasPrefix(w.under.Header().Get("Content-Type"), "text/event-stream") {
		w.streaming = true
		w.x.m.watch.leave(w.x)
	}
}

func (w *writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.under.(http.Hijacker).Hijack()
	if err != nil {
		return conn, rw, err
	}
	w.hijacked = true
	// The handler writes the status itself, to the connection. After an
	// upgrade request that is 101; for anything else it is not known.
	if w.status == 0 && len(w.x.orig.Header["Upgrade"]) > 0 {
		w.status = http.StatusSwitchingProtocols
	}
	if w.firstByte == 0 {
		w.firstByte = clock() - w.x.start
	}
	w.x.m.watch.leave(w.x)
	w.x.finish()
	return conn, rw, nil
}

func (w *writer) push(target string, o *http.PushOptions) error {
	return w.under.(http.Pusher).Push(target, o)
}

//lint:ignore SA1019 kept where the writer below has it
func (w *writer) closeNotify() <-chan bool { return w.under.(http.CloseNotifier).CloseNotify() }

// implicit notes the status 200 that the first write of a body sends.
func (w *writer) implicit() {
	if w.status == 0 && !w.hijacked {
		w.final(http.StatusOK, w.clientGone())
	}
}

func (w *writer) final(status int, gone bool) {
	w.status, w.gone = int32(status), gone
	w.firstByte = clock() - w.x.start
	if c := &w.x.m.config; c.Bodies == CaptureAll || c.Bodies == CaptureErrors && status >= 500 {
		w.capture = newCapture(w.under.Header(), c.MaxBodyBytes)
	}
}

func (w *writer) wrote(n int, err error) {
	w.size += int64(n)
	w.broken = w.broken || err != nil
}

// clientGone reports whether the client's connection has ended. The server
// cancels the request's context then; a deadline that somebody set on it is
// another matter.
func (w *writer) clientGone() bool {
	err := w.x.orig.Context().Err()
	return err != nil && errors.Is(err, context.Canceled)
}
