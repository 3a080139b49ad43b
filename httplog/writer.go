package httplog

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"time"
)

// A writer is the exchange as the ResponseWriter that handlers see. It passes
// every call on and keeps what the client was told. The types of exact.go add
// exactly the optional interfaces that the writer below has.
type writer exchange

// response is what is known of the response.
type response struct {
	under     http.ResponseWriter
	size      int64         // bytes of the body that were taken
	firstByte time.Duration // from the start of the request to the final status; 0 before
	status    int32         // the final status that was written, 0 before
	failed    failedWrite   // of the first error that writing the body met
	reach     reach
	hijacked  bool
	streaming bool // an event stream was flushed: it is meant to last
}

// writer returns the ResponseWriter for the handler.
func (x *exchange) writer() http.ResponseWriter {
	return x.m.types.wrapOf(x.resp.under)((*writer)(x))
}

// Unwrap returns the writer below; [http.ResponseController] uses it.
func (w *writer) Unwrap() http.ResponseWriter { return w.resp.under }

// Header returns the header map of the response.
func (w *writer) Header() http.Header { return w.resp.under.Header() }

// WriteHeader sends an informational status, or the final one. Only the first
// final status counts, as it does for the client.
func (w *writer) WriteHeader(status int) {
	if w.resp.hijacked || w.resp.status != 0 || informational(status) {
		w.resp.under.WriteHeader(status)
		return
	}
	w.resp.under.WriteHeader(status) // panics on a status that cannot be: then it was not written
	w.final(status)
}

// informational reports whether a final status is still to come. 101 is final:
// what follows is another protocol.
func informational(status int) bool {
	return 100 <= status && status < 200 && status != http.StatusSwitchingProtocols
}

// Write sends a part of the body, after status 200 if none was written.
func (w *writer) Write(p []byte) (int, error) {
	w.implicit()
	w.sends(int64(len(p)))
	n, err := w.resp.under.Write(p)
	w.wrote(n, err)
	if c := w.capture(); c != nil {
		c.write(p[:n])
	}
	return n, err
}

func (w *writer) writeString(s string) (int, error) {
	w.implicit()
	w.sends(int64(len(s)))
	n, err := w.resp.under.(io.StringWriter).WriteString(s)
	w.wrote(n, err)
	if c := w.capture(); c != nil {
		c.writeString(s[:n])
	}
	return n, err
}

func (w *writer) readFrom(src io.Reader) (int64, error) {
	w.implicit()
	if w.capture() != nil {
		return io.Copy(struct{ io.Writer }{w}, src)
	}
	w.sends(math.MaxInt32)
	n, err := w.resp.under.(io.ReaderFrom).ReadFrom(src)
	w.resp.size += n
	// The error may be the source's, so it says nothing of the client.
	return n, err
}

func (w *writer) flush() {
	w.implicit()
	w.flushes()
	w.resp.under.(http.Flusher).Flush()
}

func (w *writer) flushError() error {
	f, ok := w.resp.under.(interface{ FlushError() error })
	if !ok {
		w.flush()
		return nil
	}
	w.implicit()
	w.flushes()
	err := f.FlushError()
	w.wrote(0, err)
	return err
}

// flushes is called before a flush. It notices that the response is an event
// stream.
func (w *writer) flushes() {
	(*exchange)(w).settle()
	if !w.resp.streaming && strings.HasPrefix(w.resp.under.Header().Get("Content-Type"), "text/event-stream") {
		w.resp.streaming = true
		w.m.watch.leave((*exchange)(w))
	}
}

func (w *writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.resp.under.(http.Hijacker).Hijack()
	if err != nil {
		return conn, rw, err
	}
	w.resp.hijacked = true
	// The handler writes the status itself, to the connection. After an
	// upgrade request that is 101; for anything else it is not known.
	if w.resp.status == 0 && len(w.orig.Header["Upgrade"]) > 0 {
		w.resp.status = http.StatusSwitchingProtocols
	}
	if w.resp.firstByte == 0 {
		w.resp.firstByte = clock() - w.start
	}
	w.m.watch.leave((*exchange)(w))
	(*exchange)(w).finish()
	return conn, rw, nil
}

func (w *writer) push(target string, o *http.PushOptions) error {
	return w.resp.under.(http.Pusher).Push(target, o)
}

func (w *writer) closeNotify() <-chan bool {
	w.notifies = true
	//lint:ignore SA1019 kept where the writer below has it
	return w.resp.under.(http.CloseNotifier).CloseNotify()
}

// implicit notes the status 200 that the first write of a body sends.
func (w *writer) implicit() {
	if w.resp.status == 0 && !w.resp.hijacked {
		w.final(http.StatusOK)
	}
}

func (w *writer) final(status int) {
	w.resp.status = int32(status)
	w.resp.firstByte = clock() - w.start
	if c := &w.m.config; c.Bodies == CaptureAll || c.Bodies == CaptureErrors && status >= 500 {
		(*exchange)(w).captures().response = newResponseCapture(w.resp.under.Header(), c.MaxBodyBytes)
	}
}

// capture returns where the beginning of the body is kept, or nil.
func (w *writer) capture() *captured {
	if all := (*exchange)(w).captures(); all != nil {
		return all.response
	}
	return nil
}

func (w *writer) wrote(n int, err error) {
	w.resp.size += int64(n)
	if err != nil && w.resp.failed == writeOK && !w.done {
		w.resp.failed = (*exchange)(w).failureOf(err)
	}
}
