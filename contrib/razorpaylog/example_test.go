package razorpaylog_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"time"

	"github.com/razorpay/razorpay-go"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/razorpaylog"
	"github.com/pairly/pairlog/httplog"
)

// steady writes lines that are the same at each run, without what is known of the
// connection.
type steady struct{}

var (
	times      = regexp.MustCompile(`("[a-z_]*ms":)[0-9.]+`)
	connection = regexp.MustCompile(`,"provider_request_id":.*`)
)

func (steady) Write(p []byte) (int, error) {
	out := connection.ReplaceAll(times.ReplaceAll(p, []byte("${1}0.00")), []byte("…}"))
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

func Example() {
	p := example()
	// Stands for Razorpay.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":{"code":"BAD_REQUEST_ERROR","reason":"input_validation_failed","description":"The amount must be atleast INR 1.00"}}`)
	}))
	defer server.Close()

	client := razorpay.NewClient("key", "secret")
	client.Order.Request.BaseURL = server.URL // for the example
	razorpaylog.Use(client, &httplog.Transport{
		Logger:    p.Logger("external.razorpay"),
		Service:   "razorpay",
		Base:      razorpaylog.Base(nil),
		Operation: razorpaylog.Operation,
		ErrorCode: razorpaylog.ErrorCode,
	})

	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	razorpaylog.WithContext(ctx, client).Order.Create(map[string]any{"amount": 0}, nil)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"external.razorpay","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"external_api_error","service":"razorpay","operation":"POST /v1/orders","duration_ms":0.00,"status":400,"error_type":"http_status","error_code":"BAD_REQUEST_ERROR/input_validation_failed"…}
}
