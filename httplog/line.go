package httplog

import (
	"crypto/tls"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/pairly/pairlog"
)

// statusClientGone is logged when the client left before it was told a status.
// It is nginx's; no standard has one.
const statusClientGone = 499

// finish writes the exchange's lines, once.
func (x *exchange) finish() {
	if x.done {
		return
	}
	x.done = true
	o := x.outcome()
	if o.Status >= 500 || o.Panicked || o.Slow {
		x.scope.Fail()
	}
	x.logFailure(o)
	rate, keep := x.m.config.keeps(o)
	// Asked with the outer context: in its own, the scope's flight recorder
	// would take a line below the level, of a request that is over.
	if !keep || !x.m.config.Logger.Enabled(x.orig.Context(), o.Level) {
		return
	}
	x.logRequest(o, rate)
}

// outcome says how the exchange ended, as the client saw it.
func (x *exchange) outcome() Outcome {
	o := Outcome{
		Method: x.method, Path: x.path, Route: x.routePattern(),
		Status: x.status(), Duration: clock() - x.start, Bytes: x.w.size, Panicked: x.panicked,
	}
	if x.method == http.MethodHead {
		o.Bytes = 0 // the server takes the body and sends none
	}
	slow := x.m.config.Slow
	o.Slow = slow > 0 && o.Duration >= slow && !x.w.streaming && !x.w.hijacked
	o.Level = x.level(o)
	return o
}

func (x *exchange) status() int {
	switch {
	case x.w.hijacked, x.panicked:
		return x.w.status
	case x.w.gone, x.w.status == 0 && x.w.clientGone():
		return statusClientGone
	case x.w.status == 0 && !x.aborted:
		return http.StatusOK // the server sends it when the handler has returned
	}
	return x.w.status // 0: the connection was cut without an answer
}

func (x *exchange) level(o Outcome) slog.Level {
	level := slog.LevelInfo
	switch s := o.Status; {
	case o.Panicked, s >= 500:
		return slog.LevelError
	case x.aborted && s != statusClientGone:
		level = slog.LevelWarn
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusTooManyRequests:
		level = slog.LevelWarn
	}
	switch {
	case o.Slow:
		level = slog.LevelWarn
	case len(x.m.config.Health) > 0 && x.m.config.isHealth(x.path):
		level = slog.LevelDebug
	}
	return level
}

// keeps applies Skip and Sample.
func (c *Config) keeps(o Outcome) (rate float64, keep bool) {
	if c.Skip != nil && c.Skip(o) {
		return 0, false
	}
	if c.Sample == nil || o.Level >= slog.LevelWarn {
		return 1, true
	}
	rate = c.Sample(o)
	return rate, rate >= 1 || rand.Float64() < rate
}

// logRequest writes the http_request line: the mandatory keys in their order,
// then what else is known.
func (x *exchange) logRequest(o Outcome, rate float64) {
	var buf [40]slog.Attr // on the stack: a line does not allocate
	userID, known := x.scope.Value(pairlog.KeyUserID)
	if !known {
		userID = nothing
	}
	attrs := append(x.foreignIDs(buf[:0], x.m.config.Logger),
		slog.String(pairlog.KeyMethod, o.Method),
		slog.String(pairlog.KeyPath, o.Path),
		slog.Attr{Key: pairlog.KeyQueryParams, Value: paramsValue(x.query, x.params[:])},
		slog.String(pairlog.KeyClientIP, x.clientIP),
		slog.String(pairlog.KeyUserAgent, x.userAgent),
		slog.Attr{Key: pairlog.KeyUserID, Value: userID},
		slog.Int(pairlog.KeyStatusCode, o.Status),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(o.Duration)),
		slog.Int64(pairlog.KeyResponseSize, o.Bytes),
	)
	if o.Route != "" {
		attrs = append(attrs, slog.String(pairlog.KeyRoute, o.Route))
	}
	attrs = append(attrs, slog.String("protocol", x.orig.Proto))
	if t := x.orig.TLS; t != nil {
		attrs = append(attrs, slog.String("tls_version", tls.VersionName(t.Version)))
	}
	if n := x.body.size.Load(); n > 0 {
		attrs = append(attrs, slog.Int64("request_size_bytes", n))
	}
	if x.w.firstByte > 0 {
		attrs = append(attrs, slog.Float64("ttfb_ms", milliseconds(x.w.firstByte)))
	}
	attrs = x.appendOutcome(attrs, o)
	attrs = x.scope.Gathered(attrs)
	if rate < 1 {
		attrs = append(attrs, slog.Float64("sample_rate", rate))
	}
	attrs = x.appendCaptures(attrs, o)
	if foreign(x.m.config.Logger) {
		for _, a := range x.scope.Attrs() {
			if a.Key != pairlog.KeyUserID {
				attrs = append(attrs, a)
			}
		}
	}
	pairlog.Log(x.context(), x.m.config.Logger, o.Level, "http_request", attrs...)
}

// foreign reports whether a logger is none of a pipeline, which would add what
// the scope has.
func foreign(l *slog.Logger) bool {
	_, ours := l.Handler().(*pairlog.Handler)
	return !ours
}

// foreignIDs adds the request's id for a logger that does not know the scope.
func (x *exchange) foreignIDs(attrs []slog.Attr, l *slog.Logger) []slog.Attr {
	if foreign(l) {
		attrs = append(attrs, slog.String(pairlog.KeyRequestID, x.scope.RequestID()))
	}
	return attrs
}

// appendOutcome adds what is only said of a request that did not go the usual
// way.
func (x *exchange) appendOutcome(attrs []slog.Attr, o Outcome) []slog.Attr {
	if o.Slow {
		attrs = append(attrs, slog.Bool(pairlog.KeySlow, true))
	}
	switch {
	case x.panicked:
		attrs = append(attrs, slog.String("outcome", "panic"))
	case x.aborted:
		attrs = append(attrs, slog.String("outcome", "aborted"))
	case x.w.hijacked:
		attrs = append(attrs, slog.String("outcome", "hijacked"))
	case o.Status == statusClientGone, x.w.err != nil && x.w.clientGone():
		attrs = append(attrs, slog.String("outcome", "client_gone"))
	case x.w.err != nil:
		attrs = append(attrs, slog.String("outcome", "write_failed"))
	}
	if o.Status == statusClientGone && x.w.status != 0 {
		// What the handler answered to nobody.
		attrs = append(attrs, slog.Int("handler_status", x.w.status))
	}
	if o.Status < 500 && !o.Panicked {
		if code := x.failureCode(); code != "" {
			attrs = append(attrs, slog.String("error_code", code))
		}
	}
	if n := x.scope.Recorded(); n > 0 {
		attrs = append(attrs, slog.Int("recorded_lines", n))
	}
	return attrs
}

func (x *exchange) appendCaptures(attrs []slog.Attr, o Outcome) []slog.Attr {
	c := &x.m.config
	failed := o.Panicked || o.Status >= 500
	if c.Headers == CaptureAll || c.Headers == CaptureErrors && failed {
		attrs = append(attrs, slog.Attr{Key: "headers", Value: x.headersValue()})
	}
	if c.Bodies == CaptureAll || c.Bodies == CaptureErrors && failed {
		attrs = x.body.appendAttrs(attrs)
		attrs = x.w.capture.appendAttrs(attrs, "response_body")
	}
	return attrs
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}

// endpointOf returns the path of a route pattern, without the method and host
// that net/http's patterns may have.
func endpointOf(route string) string {
	if i := strings.IndexByte(route, '/'); i > 0 {
		return route[i:]
	}
	return route
}
