package httplog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pairly/pairlog"
)

// A Call is one call to a service, of one or more attempts. It is safe for
// concurrent use.
type Call struct {
	t         *Transport
	ctx       context.Context
	operation string
	start     time.Time

	mu       sync.Mutex
	attempts int      // guarded by mu
	last     *attempt // guarded by mu
	ended    bool     // guarded by mu
}

// Attempts returns how many attempts were begun so far.
func (c *Call) Attempts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.attempts
}

// End ends the call and writes its line: external_api_error where err is not nil
// or the last attempt failed, else external_api_call. An error that was made of an
// answer which is [Transport.Expected] does not count. Later calls of End do nothing.
func (c *Call) End(err error) {
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	c.finish(err, last)
}

// finish writes the line of the call, whose last attempt was a; nil where there
// was none.
func (c *Call) finish(err error, a *attempt) {
	c.mu.Lock()
	again, n := c.ended, c.attempts
	c.ended = true
	c.mu.Unlock()
	if again {
		return
	}
	var e end
	if a != nil {
		e = a.result()
	}
	switch {
	case err == nil:
		err = e.err
	case e.expected && e.err == nil:
		err = nil
	}
	attrs := append(make([]slog.Attr, 0, 20),
		slog.String("service", c.t.Service),
		slog.String("operation", c.operation),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(time.Since(c.start))),
		slog.Attr{Key: "status", Value: e.statusValue()})
	name, level := "external_api_call", slog.LevelInfo
	if c.t.Quiet {
		level = slog.LevelDebug
	}
	if err != nil || e.failed {
		name, level = "external_api_error", slog.LevelError
		if errors.Is(err, context.Canceled) {
			level = slog.LevelWarn // the caller went away: not the provider's fault
		}
		attrs = append(attrs,
			slog.String(pairlog.KeyErrorType, e.errorType(err)),
			slog.Attr{Key: pairlog.KeyErrorCode, Value: e.codeValue(err)},
			slog.Attr{Key: "provider_request_id", Value: orNull(e.providerID)},
			slog.Int("attempt", n))
	} else {
		attrs = append(attrs, slog.Int("attempt", n))
		if e.providerID != "" {
			attrs = append(attrs, slog.String("provider_request_id", e.providerID))
		}
	}
	if a != nil && n == 1 {
		attrs = a.appendRequest(attrs)
	}
	pairlog.Log(c.ctx, c.t.logger(), level, name, attrs...)
}

// attempt begins an attempt, and says so where it is not the first.
func (c *Call) attempt(r *http.Request) *attempt {
	a := &attempt{call: c, method: r.Method, url: safeURL(r.URL), start: time.Now(), sent: r.ContentLength}
	a.times.start = a.start
	a.idempotent = r.Header.Get("Idempotency-Key") != ""
	c.mu.Lock()
	c.attempts++
	a.number = c.attempts
	before := c.last
	c.last = a
	c.mu.Unlock()
	if before != nil {
		e := before.result()
		pairlog.Log(c.ctx, c.t.logger(), slog.LevelWarn, "external_api_retry",
			slog.String("service", c.t.Service),
			slog.String("operation", c.operation),
			slog.Int("attempt", a.number),
			slog.Float64("delay_ms", milliseconds(a.start.Sub(e.at))),
			slog.String(pairlog.KeyErrorType, e.errorType(nil)))
	}
	return a
}

// An attempt is one request of a call.
type attempt struct {
	call       *Call
	number     int
	method     string
	url        string
	start      time.Time
	sent       int64
	idempotent bool
	times      times
	received   atomic.Int64

	mu    sync.Mutex
	state end // guarded by mu
}

// An end is how an attempt ended.
type end struct {
	at         time.Time // when the answer, or the error, was there
	err        error
	status     int // 0: none
	failed     bool
	expected   bool // a status of 400 or more that is no failure
	code       string
	providerID string
}

// answered notes the response, or that there was none.
func (a *attempt) answered(resp *http.Response, err error) {
	t := a.call.t
	e := end{at: time.Now(), err: err}
	if resp != nil {
		e.status, e.failed, e.providerID = resp.StatusCode, t.failed(resp), t.providerID(resp.Header)
		e.expected = e.status >= 400 && !e.failed
		if e.failed {
			if t.ErrorCode != nil {
				e.code = t.ErrorCode(resp)
			}
			if e.code == "" {
				e.code = fmt.Sprintf("http_%d", resp.StatusCode)
			}
		}
	}
	a.mu.Lock()
	a.state = e
	a.mu.Unlock()
}

// broke notes that the body could not be read to its end.
func (a *attempt) broke(err error) {
	a.mu.Lock()
	a.state.err = err
	a.mu.Unlock()
}

func (a *attempt) result() end {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// end writes the attempt's line.
func (a *attempt) end() {
	c, e := a.call, a.result()
	attrs := append(make([]slog.Attr, 0, 24),
		slog.String("service", c.t.Service),
		slog.String("operation", c.operation),
		slog.Int("attempt", a.number),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(time.Since(a.start))),
		slog.Attr{Key: "status", Value: e.statusValue()})
	if e.err != nil || e.failed {
		attrs = append(attrs,
			slog.String(pairlog.KeyErrorType, e.errorType(nil)),
			slog.Attr{Key: pairlog.KeyErrorCode, Value: e.codeValue(nil)})
	}
	if e.providerID != "" {
		attrs = append(attrs, slog.String("provider_request_id", e.providerID))
	}
	pairlog.Log(c.ctx, c.t.logger(), slog.LevelDebug, "external_api_attempt", a.appendRequest(attrs)...)
}

// appendRequest adds the request, the size of the response and what is known of
// the connection.
func (a *attempt) appendRequest(attrs []slog.Attr) []slog.Attr {
	attrs = append(attrs, slog.String(pairlog.KeyMethod, a.method), slog.String("url", a.url))
	if a.idempotent {
		attrs = append(attrs, slog.Bool("idempotent", true))
	}
	if a.sent > 0 {
		attrs = append(attrs, slog.Int64("request_size_bytes", a.sent))
	}
	if n := a.received.Load(); n > 0 {
		attrs = append(attrs, slog.Int64(pairlog.KeyResponseSize, n))
	}
	return append(attrs, a.times.attrs()...)
}

func (e *end) statusValue() slog.Value {
	if e.status == 0 {
		return nothing
	}
	return slog.IntValue(e.status)
}

func (e *end) codeValue(err error) slog.Value {
	if err == nil {
		err = e.err
	}
	if err != nil {
		return orNull(pairlog.ErrorCode(err))
	}
	return orNull(e.code)
}

// errorType returns the class of what went wrong: of err, or else of the
// attempt.
func (e *end) errorType(err error) string {
	if err == nil {
		err = e.err
	}
	if err == nil {
		return "http_status"
	}
	return classOf(err)
}

func orNull(s string) slog.Value {
	if s == "" {
		return nothing
	}
	return slog.StringValue(s)
}

// classOf names the usual failures of the network in one word, whatever
// wraps them; another error has the name of its type.
func classOf(err error) string {
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		record  tls.RecordHeaderError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection_refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection_reset"
	case errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &record):
		return "tls"
	}
	return pairlog.ErrorType(err)
}

// safeURL returns a URL without userinfo, fragment and query values: the names
// in a query say what was asked, the values who asked.
func safeURL(u *url.URL) string {
	var b strings.Builder
	b.WriteString(u.Scheme + "://" + u.Host + u.EscapedPath())
	sep := byte('?')
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name == "" || b.Len() > 1024 {
			continue
		}
		b.WriteByte(sep)
		b.WriteString(name + "=…")
		sep = '&'
	}
	return b.String()
}
