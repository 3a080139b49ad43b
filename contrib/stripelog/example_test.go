package stripelog_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"time"

	"github.com/stripe/stripe-go/v84"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/stripelog"
)

// steady writes lines that are the same at each run.
type steady struct{}

var (
	times = regexp.MustCompile(`("[a-z_]*ms":)[0-9.]+`)
	hosts = regexp.MustCompile(`"host":"[^"]*"`)
)

func (steady) Write(p []byte) (int, error) {
	out := hosts.ReplaceAll(times.ReplaceAll(p, []byte("${1}0.00")), []byte(`"host":"api.stripe.com"`))
	if _, err := os.Stdout.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// example opens a pipeline whose lines are the same at each run.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

// The request fails: the flight recorder brings the lines that were below the
// level too.
func ExampleNewContext() {
	p := example()
	// Stands for Stripe.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", "req_1")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"intent","message":"No such payment_intent"}}`)
	}))
	defer server.Close()

	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:           stripe.String(server.URL),
		LeveledLogger: stripelog.NewContext(stripelog.Config{Logger: p.Logger("external.stripe")}),
	})
	client := stripe.NewClient("key", stripe.WithBackends(&stripe.Backends{API: backend}))

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	client.V1PaymentIntents.Capture(ctx, "pi_3MtwBwLkdIwHu7ix28a3tqPa", nil)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"stripe_request","service":"stripe","operation":"POST /v1/payment_intents/{id}/capture","host":"api.stripe.com","recorded":true}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"stripe_response","service":"stripe","duration_ms":0.00,"attempt":1,"recorded":true}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"stripe_error","service":"stripe","stage":"response","status":400,"error_type":"invalid_request_error","error_code":"resource_missing","param":"intent","provider_request_id":"req_1"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"external.stripe","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"stripe_finished","service":"stripe","reason":"not retriable error","recorded":true}
}
