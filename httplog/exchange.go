package httplog

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog"
)

// An exchange is one request and its response on their way through the
// middleware. It holds all that the middleware keeps for a request, the copy of
// the request and the scope included, and is what the handler is given, seen from
// another side each time: the [requestContext], the [requestBody] and the [writer].
// So it is one allocation, whose size is what a request costs. The handler's
// goroutine owns it, but for the atomic fields, the slot, and what says that it
// does not change.
//
// It is never pooled: a handler that keeps its ResponseWriter for too long
// must not write into another client's response.
type exchange struct {
	m        *middleware
	req      http.Request  // what the next handler gets: a router sets its Pattern
	orig     *http.Request // what the middleware got
	scope    pairlog.Scope
	resp     response
	bodySize atomic.Int64 // what was read of the body; a proxying handler reads in another goroutine

	// Read before the handler runs, which may change its request. They do not
	// change after that: the watch reads them too.
	start     time.Duration // see clock
	path      string
	query     pairlog.Query
	proxied   string  // the client's address by a trusted proxy; see clientIP
	userAgent *string // in the request's headers, which handlers replace rather than change; nil without

	aside atomic.Pointer[aside]
	ended atomic.Pointer[<-chan struct{}] // see Done

	returned bool // the handler returned
	aborted  bool // it panicked with http.ErrAbortHandler, or ended its goroutine
	panicked bool
	done     bool  // the http_request line is written, or left out
	slot     int16 // owned by the watch

	traceFlags traceFlags // that came with the scope's trace; like the fields from start on
	notifies   bool       // the handler has asked for the channel of CloseNotify
}

// aside is what not every request has, beside the exchange to keep that small: what
// handlers and routers have said about the request, for the most part. It is replaced,
// never changed.
type aside struct {
	failure *failure      // by SetError or SetException
	route   string        // by SetRoute
	routed  *http.Request // by KeepRoute: the request that it saw
	// tracestate is what came with the scope's trace: the request itself says it.
	tracestate string
	// captures are there where bodies are captured.
	captures *captures
}

// note replaces what is aside by what change makes of it.
func (x *exchange) note(change func(*aside)) {
	for {
		before := x.aside.Load()
		var after aside
		if before != nil {
			after = *before
		}
		change(&after)
		if x.aside.CompareAndSwap(before, &after) {
			return
		}
	}
}

// failure returns what SetError or SetException was given last, or nil.
func (x *exchange) failure() *failure {
	if s := x.aside.Load(); s != nil {
		return s.failure
	}
	return nil
}

// captures returns where the bodies are captured; nil where they are not.
func (x *exchange) captures() *captures {
	if s := x.aside.Load(); s != nil {
		return s.captures
	}
	return nil
}

// A requestContext is the exchange as the context of its request: its scope, and
// the way to the exchange from within the handler.
type requestContext exchange

var _ context.Context = (*requestContext)(nil)

type exchangeKey struct{}

// Value answers for the exchange and the scope and asks the parent for
// everything else.
func (c *requestContext) Value(key any) any {
	if pairlog.IsScopeKey(key) {
		return &c.scope
	}
	if _, ok := key.(exchangeKey); ok {
		return (*exchange)(c)
	}
	return c.parent().Value(key)
}

// parent is the context of the original request, which keeps it.
func (c *requestContext) parent() context.Context { return c.orig.Context() }

// Deadline and Err are those of the parent.
func (c *requestContext) Deadline() (time.Time, bool) { return c.parent().Deadline() }
func (c *requestContext) Err() error                  { return c.parent().Err() }

// Done is that of the parent, which is asked once: a database asks several times
// for each statement, and the parent hands it on to its own.
func (c *requestContext) Done() <-chan struct{} {
	if known := c.ended.Load(); known != nil {
		return *known
	}
	done := c.parent().Done() // the same at each call, as context.Context says
	c.ended.Store(&done)
	return done
}

// context returns the context of the request, which stays the same when the
// handler gives its request another.
func (x *exchange) context() context.Context { return (*requestContext)(x) }

// begin reads r and makes what the handler is called with. Scoped says that r
// has a scope already, whose ids are inherited.
func (x *exchange) begin(w http.ResponseWriter, r *http.Request, scoped bool) http.ResponseWriter {
	c := &x.m.config
	x.orig = r
	x.path, x.query = r.URL.Path, pairlog.Query(r.URL.RawQuery)
	if h := r.Header["User-Agent"]; len(h) > 0 {
		x.userAgent = &h[0]
	}
	var viaProxy bool
	if len(c.TrustedProxies) > 0 {
		x.proxied, viaProxy = x.m.findClient(r)
	}

	var ids pairlog.ScopeConfig
	echo := c.requestID(r, viaProxy)
	ids.RequestID = echo[0]
	if c.Trace != nil {
		ids.TraceID, ids.SpanID = c.Trace(r.Context())
	}
	if h := r.Header["Traceparent"]; len(h) == 1 {
		x.adoptTrace(h[0], &ids)
	}
	outer := context.Background() // has no scope to look for
	if scoped {
		outer = r.Context()
	}
	x.scope.Open(outer, ids)
	// WithContext is inlined, so that this copy is made in place.
	x.req = *r.WithContext(x.context())
	if c.Bodies != CaptureOff {
		x.note(func(s *aside) { s.captures = new(captures) })
	}
	if r.Body != nil && r.Body != http.NoBody {
		x.req.Body = x.requestBody()
	}

	w.Header()[headerRequestID] = echo
	x.resp.under = w
	return x.writer()
}

// handBack copies to the original request what net/http and outer middleware
// look for there, as if no copy had been made: the route, and the parsed form,
// whose files the server removes.
func (x *exchange) handBack() {
	if x.orig.Pattern == "" {
		x.orig.Pattern = x.req.Pattern
	}
	if x.orig.MultipartForm == nil {
		x.orig.MultipartForm = x.req.MultipartForm
	}
}
