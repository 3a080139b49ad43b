package httplog

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// An exchange is one request and its response on their way through the
// middleware. It holds all that the middleware keeps for a request, the copy
// of the request and the writer included, so that it is one allocation. The
// handler's goroutine owns it, but for the fields under mu and those of the
// watch.
//
// It is never pooled: a handler that keeps its ResponseWriter for too long
// must not write into another client's response.
type exchange struct {
	m     *middleware
	w     writer
	req   http.Request  // what the next handler gets: a router sets its Pattern
	orig  *http.Request // what the middleware got
	ctx   requestContext
	scope *pairlog.Scope
	body  requestBody

	// Read before the handler runs, which may change its request. They do not
	// change after that: the watch reads them too.
	start     time.Duration // see clock
	method    string
	path      string
	query     string
	clientIP  string
	userAgent string

	idHeader [1]string    // backs the X-Request-ID header of the response
	params   [2]slog.Attr // backs query_params

	watched  bool // guarded by watch.mu
	returned bool // the handler returned
	aborted  bool // it panicked with http.ErrAbortHandler, or ended its goroutine
	panicked bool
	done     bool // the http_request line is written, or left out

	mu      sync.Mutex
	failure *failure      // guarded by mu; as SetError and SetException left it
	routed  *http.Request // guarded by mu; the request that KeepRoute saw
	route   string        // guarded by mu; as SetRoute left it

	prev, next *exchange // guarded by watch.mu
}

var epoch = time.Now()

// clock returns the time since an epoch of its own: half the price of time.Now,
// which reads the wall clock too.
func clock() time.Duration { return time.Since(epoch) }

// requestContext finds the exchange from within the handler.
type requestContext struct {
	context.Context
	x *exchange
}

type exchangeKey struct{}

func (c *requestContext) Value(key any) any {
	if key == (exchangeKey{}) {
		return c.x
	}
	return c.Context.Value(key)
}

// exchangeFrom returns the exchange that ctx belongs to, or nil.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// begin reads r and makes what the handler is called with.
func (x *exchange) begin(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	c := &x.m.config
	x.orig = r
	x.method, x.path, x.query = r.Method, r.URL.Path, r.URL.RawQuery
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
	x.ctx = requestContext{parent, x}
	ctx, scope := pairlog.NewScope(&x.ctx, ids)
	x.scope = scope
	// WithContext is inlined, so that this copy is made in place.
	x.req = *r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		x.body.open(x, r.Body)
		x.req.Body = &x.body
	}

	x.idHeader[0] = ids.RequestID
	w.Header()[headerRequestID] = x.idHeader[:]
	x.w.under, x.w.x = w, x
	return withOptionals(&x.w, optionalsOf(w))
}

// context returns the context of the request, with its scope.
func (x *exchange) context() context.Context { return x.req.Context() }

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
