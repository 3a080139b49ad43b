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

// The members that a line begins with, in their order. The first nine are on
// every line, the others where there is something to say.
const (
	memberMethod = iota
	memberPath
	memberQueryParams
	memberClientIP
	memberUserAgent
	memberUserID
	memberStatusCode
	memberDuration
	memberResponseSize
	memberRoute
	memberProtocol
	memberTLSVersion
	memberRequestSize
	memberFirstByte
	memberRecorded // where nothing of appendOutcome comes before it
	members
)

var requestKeys = [members]string{
	memberMethod:       pairlog.KeyMethod,
	memberPath:         pairlog.KeyPath,
	memberQueryParams:  pairlog.KeyQueryParams,
	memberClientIP:     pairlog.KeyClientIP,
	memberUserAgent:    pairlog.KeyUserAgent,
	memberUserID:       pairlog.KeyUserID,
	memberStatusCode:   pairlog.KeyStatusCode,
	memberDuration:     pairlog.KeyDurationMS,
	memberResponseSize: pairlog.KeyResponseSize,
	memberRoute:        pairlog.KeyRoute,
	memberProtocol:     "protocol",
	memberTLSVersion:   "tls_version",
	memberRequestSize:  "request_size_bytes",
	memberFirstByte:    "ttfb_ms",
	memberRecorded:     keyRecorded,
}

const keyRecorded = "recorded_lines"

// finish writes the exchange's lines, once.
func (x *exchange) finish() {
	if x.done {
		return
	}
	var o Outcome
	o.Duration = clock() - x.start
	if !x.resp.hijacked {
		x.settleAtEnd(o.Duration)
	}
	x.done = true
	x.outcome(&o)
	if o.Status >= 500 || o.Panicked || o.Slow {
		x.scope.Fail()
	}
	x.logFailure(&o)
	if rate, keep := x.m.config.keeps(&o); keep && x.m.request.Enabled(x.context(), o.Level) {
		x.logRequest(&o, rate)
	}
}

// outcome says how the exchange ended, as the client saw it. o has the duration.
func (x *exchange) outcome(o *Outcome) {
	o.Method, o.Path, o.Route = x.orig.Method, x.path, x.routePattern()
	o.Status, o.Bytes, o.Panicked = x.status(), x.resp.size, x.panicked
	if o.Method == http.MethodHead {
		o.Bytes = 0 // the server takes the body and sends none
	}
	slow := x.m.config.Slow
	o.Slow = slow > 0 && o.Duration >= slow && !x.resp.streaming && !x.resp.hijacked
	o.Level = x.level(o)
}

func (x *exchange) status() int {
	switch {
	case x.resp.hijacked, x.panicked:
		return int(x.resp.status)
	case x.resp.reach == reachGone:
		return statusClientGone
	case x.resp.status == 0 && !x.aborted && x.resp.reach != reachCut:
		return http.StatusOK // the server sends it when the handler has returned
	}
	return int(x.resp.status) // 0: the connection was cut without an answer
}

func (x *exchange) level(o *Outcome) slog.Level {
	level := slog.LevelInfo
	switch s := o.Status; {
	case o.Panicked, s >= 500:
		return slog.LevelError
	case x.aborted && s != statusClientGone, x.resp.reach == reachCut, x.resp.failed == writeCut:
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
func (c *Config) keeps(o *Outcome) (rate float64, keep bool) {
	if c.Skip != nil && c.Skip(*o) {
		return 0, false
	}
	if c.Sample == nil || o.Level >= slog.LevelWarn {
		return 1, true
	}
	rate = c.Sample(*o)
	return rate, rate >= 1 || rand.Float64() < rate
}

// logRequest writes the http_request line: the mandatory members in their order,
// then what else is known.
func (x *exchange) logRequest(o *Outcome, rate float64) {
	line, ok := x.m.request.Line(x.context(), x.m.wall.at(x.start+o.Duration), o.Level, o.Route)
	if !ok {
		return
	}
	line.Word(memberMethod, o.Method)
	line.Text(memberPath, o.Path)
	line.Query(memberQueryParams, &x.query)
	line.Text(memberClientIP, x.clientIP())
	if x.userAgent != nil {
		line.Text(memberUserAgent, *x.userAgent)
	} else {
		line.Text(memberUserAgent, "")
	}
	line.Scoped(memberUserID)
	line.Int(memberStatusCode, int64(o.Status))
	line.Milliseconds(memberDuration, o.Duration)
	line.Int(memberResponseSize, o.Bytes)
	if o.Route != "" {
		line.Text(memberRoute, o.Route)
	}
	line.Word(memberProtocol, x.orig.Proto)
	if t := x.orig.TLS; t != nil {
		line.Text(memberTLSVersion, tls.VersionName(t.Version))
	}
	if n := x.bodySize.Load(); n > 0 {
		line.Int(memberRequestSize, n)
	}
	if x.resp.firstByte > 0 {
		line.Milliseconds(memberFirstByte, x.resp.firstByte)
	}
	if !x.usual(o, rate) {
		x.endUnusual(&line, o, rate)
		return
	}
	if n := x.scope.Recorded(); n > 0 {
		line.Int(memberRecorded, int64(n))
	}
	line.Gathered()
	line.Write()
}

// usual reports whether appendOutcome, appendCaptures and the sampling have nothing to
// say. This is asked of each request, and the code of those is in no cache then.
func (x *exchange) usual(o *Outcome, rate float64) bool {
	c, r := &x.m.config, &x.resp
	return o.Status < statusClientGone && !o.Slow && rate >= 1 && !x.panicked && !x.aborted &&
		!r.hijacked && r.failed == writeOK && r.reach != reachCut &&
		c.Headers != CaptureAll && c.Bodies != CaptureAll && x.failure() == nil
}

// endUnusual ends the line of a request that was not usual.
func (x *exchange) endUnusual(line *pairlog.FormLine, o *Outcome, rate float64) {
	var room [4]slog.Attr // on the stack: a line does not allocate
	line.Attrs(x.appendOutcome(room[:0], o)...)
	line.Gathered()
	attrs := room[:0]
	if rate < 1 {
		attrs = append(attrs, slog.Float64("sample_rate", rate))
	}
	line.Write(x.appendCaptures(attrs, o)...)
}

// appendOutcome adds what is only said of a request that did not go the usual
// way.
func (x *exchange) appendOutcome(attrs []slog.Attr, o *Outcome) []slog.Attr {
	if o.Slow {
		attrs = append(attrs, slog.Bool(pairlog.KeySlow, true))
	}
	switch {
	case x.panicked:
		attrs = append(attrs, slog.String("outcome", "panic"))
	case x.aborted:
		attrs = append(attrs, slog.String("outcome", "aborted"))
	case x.resp.hijacked:
		attrs = append(attrs, slog.String("outcome", "hijacked"))
	case o.Status == statusClientGone, x.resp.failed == writeNobody:
		attrs = append(attrs, slog.String("outcome", "client_gone"))
	case x.resp.failed != writeOK, x.resp.reach == reachCut:
		attrs = append(attrs, slog.String("outcome", "write_failed"))
	}
	if o.Status == statusClientGone && x.resp.status != 0 {
		// What the handler answered to nobody.
		attrs = append(attrs, slog.Int("handler_status", int(x.resp.status)))
	}
	if o.Status < 500 && !o.Panicked {
		attrs = x.appendFailure(attrs)
	}
	if n := x.scope.Recorded(); n > 0 {
		attrs = append(attrs, slog.Int(keyRecorded, n))
	}
	return attrs
}

func (x *exchange) appendCaptures(attrs []slog.Attr, o *Outcome) []slog.Attr {
	c := &x.m.config
	failed := o.Panicked || o.Status >= 500
	if c.Headers == CaptureAll || c.Headers == CaptureErrors && failed {
		attrs = append(attrs, slog.Attr{Key: "headers", Value: x.headersValue()})
	}
	if c.Bodies == CaptureAll || c.Bodies == CaptureErrors && failed {
		attrs = x.appendBodies(attrs)
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
