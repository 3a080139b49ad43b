package httplogtest_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/pairly/pairlog/httplog/httplogtest"
)

// naive is a middleware as people write it first: it logs the last status after
// the handler has returned.
func naive(log io.Writer) func(http.Handler) http.Handler {
	l := slog.New(slog.NewJSONHandler(log, nil))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := &naiveWriter{w, 200}
			next.ServeHTTP(n, r)
			l.Info("request", "status", n.status, "query", r.URL.RawQuery, "id", r.Header.Get("X-Request-ID"))
		})
	}
}

type naiveWriter struct {
	http.ResponseWriter
	status int
}

func (w *naiveWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *naiveWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// The suite finds what such a middleware gets wrong, and only that.
func TestNaive(t *testing.T) {
	results := httplogtest.Run(httplogtest.Subject{
		Wrap:  naive,
		Parse: httplogtest.JSONLines("request", "msg", "status", "level"),
	})
	var right []string
	for _, r := range results {
		if len(r.Bad) == 0 {
			right = append(right, r.Row)
		}
	}
	want := []string{"answer 200", "handler writes nothing", "http.Hijacker kept"}
	if !slices.Equal(right, want) {
		t.Errorf("rows that are right: %q, want %q", right, want)
	}
	if len(results) < 20 {
		t.Errorf("%d rows, want all", len(results))
	}
}
