package httplog_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
)

// example opens a pipeline whose lines are the same at each run: one time, no
// durations, no stacks.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{os.Stdout},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

type steady struct{ io.Writer }

var (
	durations = regexp.MustCompile(`_ms":[0-9.]+`)
	stacks    = regexp.MustCompile(`"stack_trace":"[^"]*"`)
)

func (s steady) Write(p []byte) (int, error) {
	out := durations.ReplaceAll(p, []byte(`_ms":0.00`))
	out = stacks.ReplaceAll(out, []byte(`"stack_trace":"…"`))
	if _, err := s.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func ExampleMiddleware() {
	p := example()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		pairlog.Add(r.Context(), slog.String("user_id", r.PathValue("id")))
		io.WriteString(w, "hello")
	})
	log := httplog.Middleware(httplog.Config{Logger: p.Logger("api.request")}.With(p.Settings()))

	r := httptest.NewRequest("GET", "/users/u42?page=2&token=abc", nil)
	r.Header.Set("X-Request-ID", "550e8400-e29b-41d4-a716-446655440000")
	log(mux).ServeHTTP(httptest.NewRecorder(), r)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"GET","path":"/users/u42","query_params":{"page":"2","token":"[REDACTED]"},"client_ip":"192.0.2.0/24","user_agent":"","user_id":"u42","status_code":200,"duration_ms":0.00,"response_size_bytes":5,"route":"GET /users/{id}","protocol":"HTTP/1.1","ttfb_ms":0.00}
}

func ExampleSetError() {
	p := example()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/payments/checkout", func(w http.ResponseWriter, r *http.Request) {
		err := errors.New("charge: provider is down")
		httplog.SetError(r.Context(), err, slog.Int("payment_amount", 2999), slog.String("payment_provider", "stripe"))
		w.WriteHeader(http.StatusBadGateway)
	})
	log := httplog.Middleware(httplog.Config{
		Logger:     p.Logger("api.request"),
		Exceptions: func(route string) *slog.Logger { return p.Logger("api.payments") },
		Headers:    httplog.CaptureOff,
	})

	r := httptest.NewRequest("POST", "/api/payments/checkout", nil)
	r.Header.Set("X-Request-ID", "550e8400-e29b-41d4-a716-446655440000")
	log(mux).ServeHTTP(httptest.NewRecorder(), r)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"api.payments","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"exception","error_type":"error","error_message":"charge: provider is down","error_code":null,"stack_trace":"…","user_id":null,"endpoint":"/api/payments/checkout","additional_context":{"payment_amount":2999,"payment_provider":"stripe"}}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"POST","path":"/api/payments/checkout","query_params":{},"client_ip":"192.0.2.0/24","user_agent":"","user_id":null,"status_code":502,"duration_ms":0.00,"response_size_bytes":0,"route":"POST /api/payments/checkout","protocol":"HTTP/1.1","ttfb_ms":0.00}
}
