package httplog

import (
	"context"
	"net/http"
	"runtime"

	"github.com/pairly/pairlog"
)

// A middleware is the handler that [Middleware] returns.
type middleware struct {
	config  Config
	next    http.Handler
	request *pairlog.Form // of the http_request line
	wall    wallClock
	types   writerTypes // of the writers below
	watch   watch
	proxies peers
}

// Middleware returns a function that wraps a handler. The wrapped handler
// gives each request its ids and its scope, recovers panics, and writes exactly
// one http_request line per request. It is safe for concurrent use.
//
// Mounted twice, the inner one does nothing.
func Middleware(c Config) func(http.Handler) http.Handler {
	c = c.withDefaults()
	request := pairlog.NewForm(c.Logger, "http_request", requestKeys[:]...)
	return func(next http.Handler) http.Handler {
		m := &middleware{config: c, next: next, request: request}
		m.watch.after = c.Stuck
		return m
	}
}

// ServeHTTP calls the next handler with the request's scope in its context. It
// panics with [http.ErrAbortHandler] where the connection has to be cut: when
// the next handler did, and when it panicked in the middle of a response, which
// the client would else take for complete.
func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scope := pairlog.ScopeFrom(r.Context())
	// What has an exchange has a scope: a request without either is asked once.
	if scope != nil && exchangeFrom(r.Context()) != nil { // mounted above
		m.next.ServeHTTP(w, r)
		return
	}
	x := &exchange{m: m, start: clock()}
	wrapped := x.begin(w, r, scope != nil)
	m.watch.enter(x)
	defer x.end()
	x.run(wrapped)
}

// exchangeFrom returns the exchange that ctx belongs to, or nil.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// run is not inlined and keeps x alive, so that a stack trace shows which
// exchange a goroutine serves: see stackOf.
//
//go:noinline
func (x *exchange) run(w http.ResponseWriter) {
	x.m.next.ServeHTTP(w, &x.req)
	x.returned = true
	runtime.KeepAlive(x)
}

// end is deferred by ServeHTTP, so that it sees every way a handler can end.
func (x *exchange) end() {
	v := recover()
	x.m.watch.leave(x)
	x.handBack()
	switch {
	case v == nil:
		// Without a panic and without a return, the goroutine is ending
		// (runtime.Goexit): the client gets what it would get from an abort.
		x.aborted = !x.returned
		x.finish()
	case v == any(http.ErrAbortHandler):
		x.aborted = true
		x.finish()
		panic(v)
	default:
		x.recovered(pairlog.Recovered(v), goesOn(v))
	}
}
