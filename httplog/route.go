package httplog

import (
	"context"
	"net/http"

	"github.com/pairly/pairlog"
)

// Route returns the route pattern of the request that ctx belongs to, as far
// as it is known, or "". It is for the request's own goroutine.
func Route(ctx context.Context) string {
	if x := exchangeFrom(ctx); x != nil {
		return x.routePattern()
	}
	return ""
}

// SetRoute sets the route pattern of the request that ctx belongs to, for a
// router that neither sets r.Pattern nor keeps the pattern in the context.
func SetRoute(ctx context.Context, pattern string) {
	if x := exchangeFrom(ctx); x != nil {
		x.note(func(s *aside) { s.route = pattern })
	}
}

// KeepRoute wraps a router, usually an [http.ServeMux], so that the pattern it
// sets on its request is seen although middleware between [Middleware] and the
// router made a copy of the request.
func KeepRoute(router http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if x := exchangeFrom(r.Context()); x != nil {
			x.note(func(s *aside) { s.routed = r })
		}
		router.ServeHTTP(w, r)
	})
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if s := pairlog.ScopeFrom(ctx); s != nil {
		return s.RequestID()
	}
	return ""
}

// routePattern returns the pattern as far as it is known.
func (x *exchange) routePattern() string {
	r := &x.req
	if s := x.aside.Load(); s != nil {
		if s.route != "" {
			return s.route
		}
		if s.routed != nil {
			r = s.routed
		}
	}
	if of := x.m.config.Route; of != nil {
		return of(r)
	}
	return r.Pattern
}
