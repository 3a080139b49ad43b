package httplog

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Capture says on which requests headers or bodies are put on the
// http_request line.
type Capture string

// The values of [Capture].
const (
	CaptureDefault Capture = ""       // what the field says
	CaptureOff     Capture = "off"    // never
	CaptureErrors  Capture = "errors" // where the status is 500 or more, or the handler panicked
	CaptureAll     Capture = "all"    // always
)

// Config says how [Middleware] logs. The zero value works.
type Config struct {
	// Logger writes http_request and http_request_stuck. Its name should be
	// api.request. Nil means slog.Default().
	Logger *slog.Logger

	// Exceptions returns the logger of the exception line of a route, such as
	// api.payments. It is called with the route as [Config.Route] gives it,
	// which is empty where no route matched. Nil, or a nil result, means Logger.
	Exceptions func(route string) *slog.Logger

	// Recover writes panic_recovered at CRITICAL, before the exception line.
	// Nil means no such line.
	Recover *slog.Logger

	// Panicked answers a request whose handler panicked before it wrote
	// anything. Nil means status 500 with a line of text.
	Panicked http.HandlerFunc

	// TrustedProxies are the networks whose forwarding header is believed.
	// None means that the peer's address is the client's.
	TrustedProxies []netip.Prefix

	// ProxyHeader is the header that the proxies write: X-Forwarded-For or
	// Forwarded (RFC 7239). Empty means X-Forwarded-For, and Forwarded where a
	// request has no X-Forwarded-For. Set it to Forwarded where that is what
	// the proxies write, or else clients can forge the other one.
	ProxyHeader string

	// Adopt says whose X-Request-ID is taken over. The default is anyone's.
	Adopt Adopt

	// ValidID is a further condition on an id that is taken over, after
	// [ValidRequestID]. Nil means none.
	ValidID func(id string) bool

	// NewID makes the ids that are not taken over. Nil means random UUIDs.
	NewID func() string

	// Trace returns the active trace and span ids in lower-case hexadecimal,
	// or two empty strings. Nil, or an empty trace id, means those of the
	// traceparent header.
	Trace func(ctx context.Context) (traceID, spanID string)

	// Route returns the route pattern that a request matched. It is asked when
	// the request ends, with the request that the next handler was given. Nil
	// means r.Pattern, which [http.ServeMux] sets; see [KeepRoute] for a
	// ServeMux behind other middleware. For chi, mount the middleware with
	// Use, and:
	//
	//	Route: func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() }
	Route func(r *http.Request) string

	// Slow is the duration from which a request is slow: its line is at
	// WARNING with slow:true. Zero means 2 s, -1 never.
	Slow time.Duration

	// Stuck is the duration after which a request that still runs gets one
	// http_request_stuck line with its goroutine's stack. Zero means 30 s, -1
	// never.
	Stuck time.Duration

	// Health are paths whose lines are at DEBUG unless the status is 500 or
	// more. A path that ends in '*' stands for all that begin with it.
	Health []string

	// Headers says when request headers are captured. The default is
	// CaptureErrors.
	Headers Capture

	// HeaderNames are the request headers that are captured. Nil means a list
	// without credentials: Accept, Accept-Language, Content-Encoding,
	// Content-Length, Content-Type, Expect, If-Match, If-None-Match, Origin,
	// Range, Referer, Te, Via.
	HeaderNames []string

	// Bodies says when bodies of JSON, form and text are captured. The default
	// is CaptureOff. Redaction applies to what is captured.
	Bodies Capture

	// MaxBodyBytes is how much of each body is logged. Of a text 256 bytes more are
	// held in memory, so that it is not cut within a secret. Zero means 4096.
	MaxBodyBytes int

	// Skip leaves the line of a request out. It is asked when the outcome is
	// known. Nil means none.
	Skip func(Outcome) bool

	// Sample returns which share of lines like this one is kept, from 0 to 1.
	// It is asked when the outcome is known and only for lines below WARNING.
	// A kept line says its sample_rate, so that counts can be made whole. Nil
	// means 1.
	Sample func(Outcome) float64
}

// An Outcome is what is known of a request when it has ended.
type Outcome struct {
	Method   string
	Path     string
	Route    string // as [Config.Route] gives it
	Status   int    // as on the line
	Level    slog.Level
	Duration time.Duration
	Bytes    int64 // of the response body
	Slow     bool
	Panicked bool
}

// defaultHeaders are the request headers that tell something of a failure and
// carry no credentials.
var defaultHeaders = []string{
	"Accept", "Accept-Language", "Content-Encoding", "Content-Length", "Content-Type", "Expect",
	"If-Match", "If-None-Match", "Origin", "Range", "Referer", "Te", "Via",
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Slow = orDefault(c.Slow, 2*time.Second)
	c.Stuck = orDefault(c.Stuck, 30*time.Second)
	if c.Headers == CaptureDefault {
		c.Headers = CaptureErrors
	}
	if c.Bodies == CaptureDefault {
		c.Bodies = CaptureOff
	}
	if c.MaxBodyBytes <= 0 {
		c.MaxBodyBytes = 4096
	}
	names := c.HeaderNames
	if names == nil {
		names = defaultHeaders
	}
	c.HeaderNames = make([]string, len(names))
	for i, name := range names {
		c.HeaderNames[i] = http.CanonicalHeaderKey(name)
	}
	c.ProxyHeader = http.CanonicalHeaderKey(c.ProxyHeader)
	c.TrustedProxies = slices.Clone(c.TrustedProxies)
	c.Health = slices.Clone(c.Health)
	return c
}

// orDefault reads a threshold: zero is the default, below zero is off, which
// it returns as zero.
func orDefault(d, def time.Duration) time.Duration {
	switch {
	case d == 0:
		return def
	case d < 0:
		return 0
	}
	return d
}

func (c *Config) isHealth(path string) bool {
	for _, h := range c.Health {
		if prefix, ok := strings.CutSuffix(h, "*"); ok && strings.HasPrefix(path, prefix) || h == path {
			return true
		}
	}
	return false
}
