package stripecalls_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"time"

	"github.com/stripe/stripe-go/v84"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/stripecalls"
	"github.com/pairly/pairlog/contrib/stripelog"
	"github.com/pairly/pairlog/httplog"
)

// steady writes lines that are the same at each run.
type steady struct{}

var times = regexp.MustCompile(`("[a-z_]*ms":)[0-9.]+`)

func (steady) Write(p []byte) (int, error) {
	if _, err := os.Stdout.Write(times.ReplaceAll(p, []byte("${1}0.00"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// example opens a pipeline whose lines are the same at each run.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{},
		Level:  slog.LevelInfo,
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

// locked is a Stripe that has a lock on the object for the first request.
func locked() *httptest.Server {
	first := true
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", "req_8Pq1")
		if first {
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"lock_timeout"}}`)
		} else {
			io.WriteString(w, `{"id":"pi_3MtwBwLkdIwHu7ix28a3tqPa","object":"payment_intent"}`)
		}
		first = false
	}))
}

// The first attempt fails, and the capture succeeds: that is one call.
func ExampleBackend() {
	p := example()
	server := locked() // stands for Stripe
	defer server.Close()

	transport := &httplog.Transport{Logger: p.Logger("external.stripe"), Service: "stripe"}
	api := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:           stripe.String(server.URL), // for the example
		HTTPClient:    &http.Client{Transport: transport, Timeout: 80 * time.Second},
		LeveledLogger: stripelog.NewContext(stripelog.Config{Logger: p.Logger("external.stripe"), Quiet: true}),
	})
	client := stripe.NewClient("key", stripe.WithBackends(&stripe.Backends{API: stripecalls.Backend(api, transport)}))

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	_, err := client.V1PaymentIntents.Capture(ctx, "pi_3MtwBwLkdIwHu7ix28a3tqPa", nil)
	if err != nil {
		panic(err)
	}
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_retry","service":"stripe","operation":"POST /v1/payment_intents/{id}/capture","attempt":2,"delay_ms":0.00,"error_type":"http_status"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_call","service":"stripe","operation":"POST /v1/payment_intents/{id}/capture","duration_ms":0.00,"status":200,"attempt":2,"provider_request_id":"req_8Pq1"}
}
