package httplog

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"time"
)

// reach is how far the answer got.
type reach uint8

const (
	reachOpen reach = iota // it is in the server's buffers, if there is any
	reachSent              // some of it was sent
	reachGone              // nothing was sent: the client had left
	reachCut               // nothing was sent: the server's write deadline had passed
)

// failedWrite is how writing the body failed.
type failedWrite uint8

const (
	writeOK      failedWrite = iota
	writeNobody              // the client has left
	writeRefused             // by the server
	writeCut                 // by the server, after its write deadline
)

// heldBack is up to how many bytes of a body net/http sends nothing before the
// handler returns or flushes: bufferBeforeChunkingSize of its server.go. What
// HTTP/2 holds back is twice that.
const heldBack = 2048

// sends is called before n bytes of the body are written.
func (w *writer) sends(n int64) {
	if w.resp.reach == reachOpen && w.resp.size+n > heldBack {
		(*exchange)(w).settle()
	}
}

// settle decides whether there is a client for the answer. It is called when the
// answer is about to be sent: up to then the client was told nothing, whatever the
// handler has written.
func (x *exchange) settle() {
	if x.resp.reach == reachOpen {
		x.resp.reach = reachSent
		if x.orig.Context().Err() != nil { // as a rule it is not
			x.resp.reach = x.reachCanceled()
		}
	}
}

// leastWriteTimeout is less than any server is given: a request that took less time is
// not asked about.
const leastWriteTimeout = 10 * time.Millisecond

// settleAtEnd is settle for a handler that has returned after that time. What it has
// written, or the end of it, may still be in the server's buffers, to be sent after the
// middleware has written its line. Past the server's write timeout that fails, unless
// the handler has set a later deadline: a flush tells.
func (x *exchange) settleAtEnd(took time.Duration) {
	open := x.resp.reach == reachOpen
	x.settle()
	if took < leastWriteTimeout || x.resp.reach != reachSent || x.resp.failed != writeOK || x.orig.ProtoMajor != 1 {
		return
	}
	server, _ := x.orig.Context().Value(http.ServerContextKey).(*http.Server)
	// The timeout runs from the end of the request's headers, which is before the middleware.
	if server == nil || server.WriteTimeout <= 0 || took+time.Millisecond < server.WriteTimeout {
		return
	}
	if !errors.Is(http.NewResponseController(x.resp.under).Flush(), os.ErrDeadlineExceeded) {
		return
	}
	x.resp.failed = writeCut
	if open {
		x.resp.reach = reachCut
	}
}

// reachCanceled is settle for a request whose context has ended. That alone does
// not say who has ended it: a client that left, or the context that the server was
// given, when it shuts down, or a middleware. The server itself says which, where
// it can be asked.
func (x *exchange) reachCanceled() reach {
	ctx := x.orig.Context()
	if !errors.Is(ctx.Err(), context.Canceled) {
		return reachSent // a deadline that somebody has set
	}
	server, ended := notifierBelow(x.resp.under)
	switch {
	case ended != nil && isTold(ended):
		if x.orig.ProtoMajor == 2 && deadlinePassed(server) {
			return reachCut
		}
		return reachGone
	case ended != nil && !x.notifies:
		return reachSent
	case context.Cause(ctx) == context.Canceled:
		// There is nobody to ask, or the handler may have taken the answer. A client
		// that leaves gives no other cause.
		return reachGone
	}
	return reachSent
}

// deadlinePassed reports whether a stream of HTTP/2 that has ended did so at its
// write deadline. Nothing can be sent on it any more, so that a flush only tells why.
func deadlinePassed(stream any) bool {
	f, ok := stream.(interface{ FlushError() error })
	return ok && errors.Is(f.FlushError(), os.ErrDeadlineExceeded)
}

// notifierBelow returns the server's writer below w, which knows whether the client
// has left, and the channel that it tells it by, or nil where there is none.
func notifierBelow(w http.ResponseWriter) (server http.ResponseWriter, ended <-chan bool) {
	defer func() {
		if recover() != nil { // a wrapper that promises more than there is below it
			server, ended = nil, nil
		}
	}()
	for range maxUnwrap {
		//lint:ignore SA1019 the context, which it is deprecated for, does not tell it
		if n, ok := w.(http.CloseNotifier); ok {
			return w, n.CloseNotify()
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil, nil
		}
		w = u.Unwrap()
	}
	return nil, nil
}

// maxUnwrap bounds how many writers there may be above the server's.
const maxUnwrap = 32

// isTold reports whether the server has noticed that the connection, or the stream
// of HTTP/2, has ended. Another goroutine ends the context first and says so right
// after: that is waited for, for closeWait at the most, which only a request takes
// whose context was ended by somebody else. What is in the channel stays there for
// whoever else asks.
func isTold(ended <-chan bool) bool {
	if len(ended) > 0 {
		return true
	}
	runtime.Gosched()
	for pause, waited := 50*time.Microsecond, time.Duration(0); waited < closeWait; pause *= 2 {
		if len(ended) > 0 {
			return true
		}
		time.Sleep(pause)
		waited += pause
	}
	return len(ended) > 0
}

const closeWait = 50 * time.Millisecond

// failureOf says what an error of a write means.
func (x *exchange) failureOf(err error) failedWrite {
	var timeout net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return writeCut
	case errors.Is(err, net.ErrClosed):
		return writeRefused
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		return writeNobody
	case x.orig.Context().Err() != nil && x.reachCanceled() == reachGone:
		return writeNobody
	}
	return writeRefused
}
