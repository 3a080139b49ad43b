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
	// http.ListenAndServe(":8080", log(mux)), and then this request comes in:
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

func ExampleTransport() {
	p := example()
	stripe := &httplog.Transport{
		Logger:    p.Logger("external.stripe"),
		Service:   "stripe",
		Operation: func(r *http.Request) string { return "create_payment_intent" }, // without ids
		Base:      answering(http.StatusPaymentRequired),                           // for the example; nil is net/http's own
	}
	client := &http.Client{Transport: stripe, Timeout: 10 * time.Second}

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	r, _ := http.NewRequestWithContext(ctx, "POST", "https://api.stripe.com/v1/payment_intents?expand[]=customer", nil)
	resp, err := client.Do(r)
	if err == nil {
		resp.Body.Close() // the line is written here
	}
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_error","service":"stripe","operation":"create_payment_intent","duration_ms":0.00,"status":402,"error_type":"http_status","error_code":"http_402","provider_request_id":"req_8Pq1","attempt":1,"method":"POST","url":"https://api.stripe.com/v1/payment_intents?expand[]=…"}
}

func ExampleTransport_Start() {
	p := example()
	bank := &httplog.Transport{
		Logger: p.Logger("external.bank"), Service: "bank",
		Base: answering(http.StatusServiceUnavailable, http.StatusOK), // for the example
	}
	client := &http.Client{Transport: bank}

	ctx, call := bank.Start(context.Background(), "capture")
	var err error
	for range 3 { // whoever retries by hand says which attempts belong together
		r, _ := http.NewRequestWithContext(ctx, "POST", "https://bank.example/captures", nil)
		var resp *http.Response
		if resp, err = client.Do(r); err == nil {
			resp.Body.Close()
			if resp.StatusCode < 500 {
				break
			}
		}
	}
	call.End(err)
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.bank","event":"external_api_retry","service":"bank","operation":"capture","attempt":2,"delay_ms":0.00,"error_type":"http_status"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"external.bank","event":"external_api_call","service":"bank","operation":"capture","duration_ms":0.00,"status":200,"attempt":2,"provider_request_id":"req_8Pq1"}
}

// answering answers in the place of a service, without a connection, with each
// status in turn.
func answering(statuses ...int) http.RoundTripper { return &answers{statuses} }

type answers struct{ statuses []int }

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	status := a.statuses[0]
	a.statuses = a.statuses[1:]
	return &http.Response{
		StatusCode: status, Header: http.Header{"Request-Id": {"req_8Pq1"}}, Body: http.NoBody, Request: r,
	}, nil
}
