package razorpaylog_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/razorpay/razorpay-go"
	"github.com/razorpay/razorpay-go/requests"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/razorpaylog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// canary is in all bodies, and is the key and the secret: no line may have it.
const canary = "canary7F3a"

// newClient returns a client of a Razorpay that answers with f, and what it logs.
func newClient(t *testing.T, f http.HandlerFunc) (*razorpay.Client, *logtest.Recorder) {
	t.Helper()
	logs := logtest.New(t)
	t.Cleanup(func() {
		if text := logs.Text(); strings.Contains(text, canary) {
			t.Errorf("a body or the key was logged:\n%s", text)
		}
	})
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	client := razorpay.NewClient(canary, canary+"secret")
	client.Order.Request.BaseURL = s.URL // the resources share it
	razorpaylog.Use(client, &httplog.Transport{
		Logger:    logs.Logger("external.razorpay"),
		Service:   "razorpay",
		Base:      razorpaylog.Base(nil),
		Operation: razorpaylog.Operation,
		ErrorCode: razorpaylog.ErrorCode,
	})
	return client, logs
}

func within(t *testing.T) context.Context {
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	return ctx
}

func TestCall(t *testing.T) {
	client, logs := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if key, secret, _ := r.BasicAuth(); key != canary || secret != canary+"secret" {
			t.Errorf("credentials %q, %q", key, secret)
		}
		io.WriteString(w, `{"id":"order_1","receipt":"`+canary+`"}`)
	})
	order, err := razorpaylog.WithContext(within(t), client).Order.Create(map[string]any{"amount": 100, "receipt": canary}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := order["id"], "order_1"; got != want {
		t.Errorf("id = %v, want %v", got, want)
	}
	r := logs.One("external_api_call")
	if got, want := r.RequestID()+" "+r.String("service")+" "+r.String("operation"), "r1 razorpay POST /v1/orders"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Int("status"), int64(200); got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
}

// The SDK sees of a failure what it saw before, and the line is written although
// it does not close the body.
func TestFailure(t *testing.T) {
	for _, c := range []struct{ name, body, code string }{
		{"code", `{"error":{"code":"BAD_REQUEST_ERROR","description":"` + canary + `","reason":"input_validation_failed"}}` + "\n", "BAD_REQUEST_ERROR/input_validation_failed"},
		{"no reason", `{"error":{"code":"GATEWAY_ERROR","description":"` + canary + `","reason":"NA"}}`, "GATEWAY_ERROR"},
		{"long", `{"error":{"code":"SERVER_ERROR","description":"` + strings.Repeat(canary, 1000) + `"}}`, "SERVER_ERROR"},
		{"longer than what is read ahead", `{"error":{"code":"SERVER_ERROR","description":"` + strings.Repeat("x", 100<<10) + canary + `"}}`, ""},
		{"text as code", `{"error":{"code":"` + canary + ` ` + canary + `"}}`, ""},
		{"no JSON", `<html>` + canary, ""},
		{"nothing", ``, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, logs := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				io.WriteString(w, c.body)
			})
			_, err := razorpaylog.WithContext(within(t), client).Payment.Capture("pay_29QQoUBi66xm2f", 100, nil, nil)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(c.body, "description") && !strings.Contains(err.Error(), canary) {
				t.Errorf("the SDK's error is %q, want Razorpay's description in it", err)
			}
			r := logs.One("external_api_error")
			if got, want := r.String("error_code"), c.code; want != "" && got != want {
				t.Errorf("error_code = %q, want %q", got, want)
			}
		})
	}
}

func TestOperation(t *testing.T) {
	f := func(method, path, want string) {
		t.Helper()
		if got := razorpaylog.Operation(httptest.NewRequest(method, path, nil)); got != want {
			t.Errorf("Operation(%s %s) = %q, want %q", method, path, got, want)
		}
	}
	f("POST", "/v1/orders", "POST /v1/orders")
	f("POST", "/v1/payments/pay_29QQoUBi66xm2f/capture", "POST /v1/payments/{id}/capture")
	f("GET", "/v2/accounts/acc_GLGeLkU2JUeyDZ/products/acc_prd_HEgNpywUFctQ9e/", "GET /v2/accounts/{id}/products/{id}/")
	f("GET", "/v1/payment_links/plink_A?expand=1", "GET /v1/payment_links/{id}")
	f("GET", "/v1/virtual_accounts", "GET /v1/virtual_accounts")
}

func TestCanceledContext(t *testing.T) {
	arrived := make(chan struct{})
	client, logs := newClient(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or else the server does not see the client go
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		<-arrived
		cancel()
	}()
	_, err := razorpaylog.WithContext(ctx, client).Order.Create(map[string]any{"amount": 100}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
	if got, want := logs.One("external_api_error").RequestID(), "r1"; got != want {
		t.Errorf("request_id = %q, want %q", got, want)
	}
}

// The context counts until the body is read, not only until the headers came.
func TestCanceledWhileReading(t *testing.T) {
	sent := make(chan struct{})
	client, _ := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":`)
		_ = http.NewResponseController(w).Flush()
		close(sent)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(within(t))
	go func() {
		<-sent
		cancel()
	}()
	if _, err := razorpaylog.WithContext(ctx, client).Order.Fetch("order_1", nil, nil); err == nil {
		t.Error("no error")
	}
}

// The timeout of the client stays, with a context as without one.
func TestTimeoutStays(t *testing.T) {
	client, _ := newClient(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	client.Order.Request.HTTPClient.Timeout = 20 * time.Millisecond
	_, err := razorpaylog.WithContext(within(t), client).Order.Fetch("order_1", nil, nil)
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("error = %v, want a timeout", err)
	}
}

func TestClientIsNotChanged(t *testing.T) {
	client, logs := newClient(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"id":"x"}`) })
	before := client.Order.Request
	transport := before.HTTPClient.Transport
	bound := razorpaylog.WithContext(within(t), client)
	if bound.Order == client.Order || bound.Order.Request == before {
		t.Error("the copy shares its resources with the client")
	}
	if bound.Order.Request != bound.Payout.Request {
		t.Error("the copy's resources do not share their Request")
	}
	if client.Order.Request != before || before.HTTPClient.Transport != transport {
		t.Error("the client was changed")
	}
	if _, err := client.Order.Fetch("order_1", nil, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := logs.One("external_api_call").RequestID(), ""; got != want {
		t.Errorf("request_id of the client itself = %q, want none", got)
	}
}

// All resources are reached, also those of versions to come.
func TestEveryResource(t *testing.T) {
	client, logs := newClient(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"id":"x"}`) })
	bound := razorpaylog.WithContext(within(t), client)
	for _, r := range []*requests.Request{
		bound.Account.Request, bound.Card.Request, bound.Customer.Request, bound.Plan.Request,
		bound.Subscription.Request, bound.Transfer.Request, bound.Dispute.Request, bound.Payout.Request,
	} {
		if _, err := r.Get("/v1/things", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(logs.Event("external_api_call")), 8; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func TestConcurrentUse(t *testing.T) {
	client, logs := newClient(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"id":"x"}`) })
	ctx := within(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := razorpaylog.WithContext(ctx, client).Order.Fetch("order_1", nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := len(logs.Event("external_api_call")), 8; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func BenchmarkWithContext(b *testing.B) {
	client := razorpay.NewClient("key", "secret")
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		razorpaylog.WithContext(ctx, client)
	}
}
