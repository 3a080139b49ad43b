package httplog

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// A Transport is an [http.RoundTripper] that logs the calls to a service. Put it
// below whatever retries, so that it sees each attempt:
//
//	stripe := &httplog.Transport{Logger: p.Logger("external.stripe"), Service: "stripe"}
//	client := &http.Client{Transport: stripe}
//
// A request is a call of its own, with one line when its response body is
// closed: external_api_call, or external_api_error at ERROR where there was no
// response or its status was 400 or more. A caller that may send several requests
// for one call says so with [Transport.Start], or wraps what retries in
// [Transport.Calls]: then each attempt has an external_api_attempt line at DEBUG,
// each repetition an external_api_retry line at WARNING before it, and the call
// its one line at the end.
//
// Bodies, headers and query values are not logged. A Transport is safe for
// concurrent use; its fields must not change once it is used.
type Transport struct {
	// Logger writes the lines. Its name should be external.<service>. Nil means
	// slog.Default().
	Logger *slog.Logger

	// Service is the name of who is called.
	Service string

	// Base sends the requests. Nil means [http.DefaultTransport].
	Base http.RoundTripper

	// Operation names what a request does, without ids. Nil means its method.
	Operation func(*http.Request) string

	// Quiet writes external_api_call at DEBUG instead of INFO.
	Quiet bool

	// Expected reports that a status of 400 or more is no failure, such as 404
	// where the caller asks whether something exists. Nil means none is.
	Expected func(*http.Response) bool

	// ErrorCode returns the provider's code of a failed response. It must not
	// read the body. Nil means http_<status>.
	ErrorCode func(*http.Response) string

	// RequestIDHeaders are the response headers that may have the provider's
	// request id; the first one that is there counts. Nil means Request-Id,
	// X-Amzn-Requestid, X-Amz-Request-Id, X-Request-Id.
	RequestIDHeaders []string

	// Trace returns the traceparent and tracestate headers of the active span, as
	// otellog.TraceHeaders does, or two empty strings. Nil, or an empty traceparent,
	// means the scope's trace, as sampled or not as the request came with it; a
	// trace that did not come with a request is sent as not sampled.
	Trace func(ctx context.Context) (traceparent, tracestate string)

	// KeepIDs does not send the X-Request-ID, traceparent and tracestate.
	KeepIDs bool
}

var providerIDs = []string{"Request-Id", "X-Amzn-Requestid", "X-Amz-Request-Id", "X-Request-Id"}

// RoundTrip sends the request. The request is not modified, and the response is
// the base's but for its Body, which counts.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	call := t.callFrom(r.Context())
	own := call == nil
	if own {
		_, call = t.start(r.Context(), t.operation(r))
	}
	a := call.attempt(r)
	resp, err := t.base().RoundTrip(t.outgoing(r, a))
	a.answered(resp, err)
	end := a.end
	if own {
		end = func() { call.finish(err, a) }
	}
	if err != nil {
		end()
		return resp, err
	}
	// A hijacked connection is not to be counted: it may live for long, and its
	// Body is a writer too.
	if resp.Body == nil || resp.Body == http.NoBody || resp.StatusCode == http.StatusSwitchingProtocols {
		end()
		return resp, nil
	}
	resp.Body = &responseBody{rc: resp.Body, attempt: a, end: end}
	return resp, nil
}

// CloseIdleConnections closes the idle connections of the base.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

func (t *Transport) logger() *slog.Logger {
	if t.Logger != nil {
		return t.Logger
	}
	return slog.Default()
}

func (t *Transport) operation(r *http.Request) string {
	if t.Operation != nil {
		return t.Operation(r)
	}
	return r.Method
}

// outgoing returns a copy of r that is traced and has the scope's ids.
func (t *Transport) outgoing(r *http.Request, a *attempt) *http.Request {
	out := r.WithContext(httptrace.WithClientTrace(r.Context(), a.times.trace()))
	s := pairlog.ScopeFrom(r.Context())
	if t.KeepIDs || s == nil && t.Trace == nil {
		return out
	}
	out.Header = r.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if id := s.RequestID(); id != "" && out.Header.Get(headerRequestID) == "" {
		out.Header.Set(headerRequestID, id)
	}
	traceparent, tracestate := "", ""
	if t.Trace != nil {
		traceparent, tracestate = t.Trace(r.Context())
	}
	if traceparent == "" {
		traceparent, tracestate = traceHeaders(r.Context(), s)
	}
	setTrace(out.Header, traceparent, tracestate)
	return out
}

// providerID returns the provider's request id.
func (t *Transport) providerID(h http.Header) string {
	names := t.RequestIDHeaders
	if names == nil {
		names = providerIDs
	}
	for _, name := range names {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// Calls returns a RoundTripper that makes one call of each of its requests,
// however often next sends it. Next is what retries, and sends through t.
func (t *Transport) Calls(next http.RoundTripper) http.RoundTripper { return &calls{t, next} }

type calls struct {
	t    *Transport
	next http.RoundTripper
}

func (c *calls) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, call := c.t.Start(r.Context(), c.t.operation(r))
	resp, err := c.next.RoundTrip(r.WithContext(ctx))
	if err != nil || resp.Body == nil || resp.Body == http.NoBody || resp.StatusCode == http.StatusSwitchingProtocols {
		call.End(err)
		return resp, err
	}
	resp.Body = &responseBody{rc: resp.Body, end: func() { call.End(nil) }}
	return resp, nil
}

// A responseBody counts what is read and tells of its end, once.
type responseBody struct {
	rc      io.ReadCloser
	attempt *attempt // nil in Calls
	once    sync.Once
	end     func()
}

// Read reads from the body below.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.rc.Read(p)
	if b.attempt != nil {
		b.attempt.received.Add(int64(n))
		if err != nil && err != io.EOF {
			b.attempt.broke(err)
		}
	}
	if err != nil {
		b.once.Do(b.end)
	}
	return n, err
}

// Close closes the body below.
func (b *responseBody) Close() error {
	err := b.rc.Close()
	b.once.Do(b.end)
	return err
}

// Start begins a call: the requests that are sent through t with the context it
// returns, or one derived from it, are its attempts. The caller ends the call
// with [Call.End].
func (t *Transport) Start(ctx context.Context, operation string) (context.Context, *Call) {
	return t.start(ctx, operation)
}

func (t *Transport) start(ctx context.Context, operation string) (context.Context, *Call) {
	c := &Call{t: t, ctx: ctx, operation: operation, start: time.Now()}
	return context.WithValue(ctx, callKey{}, c), c
}

type callKey struct{}

// callFrom returns the call that ctx belongs to, if it is one of t.
func (t *Transport) callFrom(ctx context.Context) *Call {
	if c, _ := ctx.Value(callKey{}).(*Call); c != nil && c.t == t {
		return c
	}
	return nil
}

// failed reports whether a response is a failure.
func (t *Transport) failed(resp *http.Response) bool {
	return resp != nil && resp.StatusCode >= 400 && (t.Expected == nil || !t.Expected(resp))
}
