package httplog_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
)

// nullWriter is a ResponseWriter that costs nothing.
type nullWriter struct{ header http.Header }

func (w *nullWriter) Header() http.Header         { return w.header }
func (w *nullWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *nullWriter) WriteHeader(int)             {}

// request is a POST with what a browser behind a proxy sends.
func request() *http.Request {
	r := httptest.NewRequest("POST", "/api/profiles/65a1f0/like?page=2&sort=new", nil)
	r.RemoteAddr = "10.0.0.7:51234"
	r.Header.Set("User-Agent", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15")
	r.Header.Set("X-Request-Id", "550e8400-e29b-41d4-a716-446655440000")
	r.Header.Set("X-Forwarded-For", "203.0.113.9, 10.0.0.3")
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	return r
}

var body = []byte(`{"ok":true}`)

func handle(w http.ResponseWriter, r *http.Request) {
	r.Pattern = "POST /api/profiles/{id}/like"
	pairlog.Add(r.Context(), slog.String("user_id", "507f1f77bcf86cd799439011"))
	w.Write(body)
}

// features is a configuration in which everything is at work.
func features(l *slog.Logger) httplog.Config {
	return httplog.Config{Logger: l, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Health: []string{"/api", "/api/health", "/api/health/ready"}}
}

func open(tb testing.TB, level slog.Level) *pairlog.Pipeline {
	p, err := pairlog.Open(pairlog.Config{Level: level, Format: pairlog.FormatJSON, Out: io.Discard, Err: io.Discard})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close(context.Background()) })
	return p
}

func bench(b *testing.B, h http.Handler) {
	w, r := &nullWriter{http.Header{}}, request()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

// BenchmarkMiddleware is a request with the whole line: id adopted, proxy
// header, trace, route, query, a late user_id.
func BenchmarkMiddleware(b *testing.B) {
	p := open(b, slog.LevelInfo)
	bench(b, httplog.Middleware(features(p.Logger("api.request")))(http.HandlerFunc(handle)))
}

// BenchmarkMiddlewareParallel is the same from as many goroutines as there are
// processors.
func BenchmarkMiddlewareParallel(b *testing.B) {
	p := open(b, slog.LevelInfo)
	h := httplog.Middleware(features(p.Logger("api.request")))(http.HandlerFunc(handle))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w, r := &nullWriter{http.Header{}}, request()
		for pb.Next() {
			h.ServeHTTP(w, r)
		}
	})
}

// BenchmarkMiddlewareDisabled is a request whose line is below the level.
func BenchmarkMiddlewareDisabled(b *testing.B) {
	p := open(b, slog.LevelError+100)
	bench(b, httplog.Middleware(features(p.Logger("api.request")))(http.HandlerFunc(handle)))
}

// BenchmarkMiddlewareSampledOut is a request whose line is left out when its
// outcome is known.
func BenchmarkMiddlewareSampledOut(b *testing.B) {
	p := open(b, slog.LevelInfo)
	c := features(p.Logger("api.request"))
	c.Sample = func(httplog.Outcome) float64 { return 0 }
	bench(b, httplog.Middleware(c)(http.HandlerFunc(handle)))
}

// BenchmarkNone is the handler without middleware.
func BenchmarkNone(b *testing.B) { bench(b, http.HandlerFunc(handle)) }

// BenchmarkHandwritten is what many services have instead: an slog.Logger with
// its JSON handler, a wrapper that keeps the status, and the same members where
// they are at hand. Nothing is validated, redacted or kept for later lines.
func BenchmarkHandwritten(b *testing.B) {
	bench(b, handwritten(slog.New(slog.NewJSONHandler(io.Discard, nil)))(http.HandlerFunc(handle)))
}

type statusWriter struct {
	http.ResponseWriter
	status int
	size   int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.size += n
	return n, err
}

type userKey struct{}

func handwritten(l *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			user := new(string)
			sw := &statusWriter{ResponseWriter: w, status: 200}
			next.ServeHTTP(sw, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
			l.LogAttrs(r.Context(), slog.LevelInfo, "http_request",
				slog.String("request_id", r.Header.Get("X-Request-Id")),
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.String("query", r.URL.RawQuery),
				slog.String("client_ip", r.Header.Get("X-Forwarded-For")),
				slog.String("user_agent", r.UserAgent()),
				slog.String("user_id", *user),
				slog.Int("status_code", sw.status),
				slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000),
				slog.Int("response_size_bytes", sw.size),
				slog.String("route", r.Pattern),
				slog.String("protocol", r.Proto),
				slog.String("trace", r.Header.Get("Traceparent")),
			)
		})
	}
}
