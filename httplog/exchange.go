package httplog

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog"
)

// An exchange is one request and its response on their way through the
// middleware. It holds all that the middleware keeps for a request, the copy
// of the request, its context with the scope and the writer included, so that
// it is one allocation. The handler's goroutine owns it, but for the atomic
// fields, those of the watch, and what says that it does not change.
//
// It is never pooled: a handler that keeps its ResponseWriter for too long
// must not write into another client's response.
type exchange struct {
	m    *middleware
	w    writer
	req  http.Request   // what the next handler gets: a router sets its Pattern
	ctx  requestContext // of req, also when the handler has given it another
	orig *http.Request  // what the middleware got
	body requestBody

	// Read before the handler runs, which may change its request. They do not
	// change after that: the watch reads them too.
	start     time.Duration // see clock
	path      string
	query     pairlog.Query
	clientIP  string
	userAgent string

	idHeader [1]string // backs the X-Request-ID header of the response

	returned bool // the handler returned
	aborted  bool // it panicked with http.ErrAbortHandler, or ended its goroutine
	panicked bool
	done     bool // the http_request line is written, or left out

	slot int16 // owned by the watch

	failure atomic.Pointer[failure]      // as SetError and SetException left it
	routed  atomic.Pointer[http.Request] // the request that KeepRoute saw
	route   atomic.Pointer[string]       // as SetRoute left it
}

// requestContext is the context of a request: its scope, and the way to the
// exchange from within the handler.
type requestContext struct {
	pairlog.ScopeContext
	x *exchange
}

type exchangeKey struct{}

// Value answers for the exchange itself and asks the scope for everything else.
func (c *requestContext) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return c.x
	}
	return c.ScopeContext.Value(key)
}

// scope returns the scope of the request.
func (x *exchange) scope() *pairlog.Scope { return x.ctx.Scope() }

// begin reads r and makes what the handler is called with.
func (x *exchange) begin(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	c := &x.m.config
	x.orig = r
	x.path, x.query = r.URL.Path, pairlog.Query(r.URL.RawQuery)
	if h := r.Header["User-Agent"]; len(h) > 0 {
		x.userAgent = h[0]
	}
	var viaProxy bool
	x.clientIP, viaProxy = c.findClient(r)

	parent := r.Context()
	var ids pairlog.ScopeConfig
	ids.RequestID = c.requestID(r, viaProxy)
	if c.Trace != nil {
		ids.TraceID, ids.SpanID = c.Trace(parent)
	}
	if ids.TraceID == "" {
		if h := r.Header["Traceparent"]; len(h) == 1 {
			ids.TraceID, ids.SpanID = parseTraceparent(h[0])
		}
	}
	x.ctx.x = x
	x.ctx.Open(parent, ids)
	// WithContext is inlined, so that this copy is made in place.
	x.req = *r.WithContext(&x.ctx)
	if r.Body != nil && r.Body != http.NoBody {
		x.body.open(x, r.Body)
		x.req.Body = &x.body
	}

	x.idHeader[0] = ids.RequestID
	w.Header()[headerRequestID] = x.idHeader[:]
	x.w.under, x.w.x = w, x
	return x.w.withOptionals()
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
