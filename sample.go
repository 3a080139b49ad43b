package pairlog

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
)

// sampler thins out events. It is immutable but for its counts; nil keeps all.
type sampler struct {
	// rates are by event.
	rates map[string]*eventRates
}

type eventRates struct {
	// all is the rate of the event on any route without one of its own.
	all *rate
	// routes are by route; nil when there are none.
	routes map[string]*rate
}

// rate keeps a share of the records that it is asked about.
type rate struct {
	keep float64
	// skipped counts what was left out since the last one kept.
	skipped atomic.Uint64
}

// route returns the rate for a route as it stands on the line, or for it without its
// method: GET /users/{id} of net/http is also /users/{id}. Nil means none.
func (e *eventRates) route(route string) *rate {
	if r := e.routes[route]; r != nil {
		return r
	}
	if method, path, ok := strings.Cut(route, " "); ok && !strings.Contains(method, "/") {
		return e.routes[path]
	}
	return nil
}

// newSampler returns the sampler for rates by event or event:route; nil when
// every rate is 1.
func newSampler(rates map[string]float64) *sampler {
	s := &sampler{rates: map[string]*eventRates{}}
	for name, keep := range rates {
		if keep >= 1 {
			continue
		}
		event, route, perRoute := strings.Cut(name, ":")
		e := s.rates[event]
		if e == nil {
			e = &eventRates{}
			s.rates[event] = e
		}
		if !perRoute {
			e.all = &rate{keep: keep}
			continue
		}
		if e.routes == nil {
			e.routes = map[string]*rate{}
		}
		e.routes[route] = &rate{keep: keep}
	}
	if len(s.rates) == 0 {
		return nil
	}
	return s
}

// keep decides about one record. weight is how many records a kept one stands
// for, itself included, and 0 when its event is not sampled at all.
func (s *sampler) keep(event string, route func() string) (weight uint64, keep bool) {
	e := s.rates[event]
	if e == nil {
		return 0, true
	}
	r := e.all
	if e.routes != nil {
		if of := e.route(route()); of != nil {
			r = of
		}
	}
	if r == nil {
		return 0, true
	}
	if r.keep <= 0 || rand.Float64() >= r.keep {
		r.skipped.Add(1)
		return 0, false
	}
	return r.skipped.Swap(0) + 1, true
}

// routeOf returns the route of a record: that of the call, else of the scope.
func routeOf(attrs []slog.Attr, rec *slog.Record, sc *Scope) string {
	for i := range attrs {
		if attrs[i].Key == KeyRoute {
			return attrs[i].Value.String()
		}
	}
	route := ""
	if rec != nil {
		rec.Attrs(func(a slog.Attr) bool {
			if a.Key == KeyRoute {
				route = a.Value.String()
			}
			return route == ""
		})
	}
	if route == "" && sc != nil {
		if v, ok := sc.Value(KeyRoute); ok {
			route = v.String()
		}
	}
	return route
}
