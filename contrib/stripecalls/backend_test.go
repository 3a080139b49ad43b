package stripecalls_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/customer"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/stripecalls"
	"github.com/pairly/pairlog/contrib/stripelog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// canary is in all bodies and error texts, and in the key: no line may have it.
const canary = "cnry7F3a"

// newBackend returns a backend whose requests are calls, of a Stripe that answers
// with the given statuses one after the other; the last one stays.
func newBackend(t *testing.T, change func(*httplog.Transport), statuses ...int) (*logtest.Recorder, stripe.Backend) {
	t.Helper()
	logs := logtest.New(t)
	t.Cleanup(func() {
		if strings.Contains(logs.Text(), canary) {
			t.Errorf("%q was logged", canary)
		}
	})
	var mu sync.Mutex
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		status := statuses[min(n, len(statuses)-1)]
		n++
		w.Header().Set("Request-Id", fmt.Sprint("req_", n))
		mu.Unlock()
		w.WriteHeader(status)
		switch {
		case status == 429: // this one stripe-go repeats
			io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"lock_timeout","message":"`+canary+`"}}`)
		case status >= 400:
			io.WriteString(w, `{"error":{"type":"card_error","code":"card_declined","message":"`+canary+`"}}`)
		default:
			io.WriteString(w, `{"id":"x_1","object":"list","data":[],"client_secret":"`+canary+`"}`)
		}
	}))
	t.Cleanup(s.Close)
	transport := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe"}
	if change != nil {
		change(transport)
	}
	api := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(s.URL), HTTPClient: &http.Client{Transport: transport}, MaxNetworkRetries: stripe.Int64(2),
		LeveledLogger:   stripelog.NewContext(stripelog.Config{Logger: slog.New(slog.DiscardHandler)}),
		EnableTelemetry: stripe.Bool(false),
	})
	api.(*stripe.BackendImplementation).SetNetworkRetriesSleep(false)
	return logs, stripecalls.Backend(api, transport)
}

// told returns the events with their levels and attempts.
func told(logs *logtest.Recorder) []string {
	var lines []string
	for _, r := range logs.Records() {
		lines = append(lines, fmt.Sprint(r.Level(), " ", r.Event(), " ", r.Int("attempt")))
	}
	return lines
}

func capture(ctx context.Context, b stripe.Backend) error {
	c := stripe.NewClient("sk_"+"test_"+canary, stripe.WithBackends(&stripe.Backends{API: b}))
	_, err := c.V1PaymentIntents.Capture(ctx, "pi_3MtwBwLkdIwHu7ix28a3tqPa",
		&stripe.PaymentIntentCaptureParams{StatementDescriptor: stripe.String(canary)})
	return err
}

// A request is one call, whatever stripe-go sends for it.
func TestCalls(t *testing.T) {
	for _, c := range []struct {
		name         string
		statuses     []int
		want         []string
		errorType    string
		code, status string
	}{
		{"at once", []int{200}, []string{"DEBUG external_api_attempt 1", "INFO external_api_call 1"}, "", "", ""},
		{"at the third attempt", []int{429, 429, 200}, []string{
			"DEBUG external_api_attempt 1", "WARNING external_api_retry 2", "DEBUG external_api_attempt 2",
			"WARNING external_api_retry 3", "DEBUG external_api_attempt 3", "INFO external_api_call 3"}, "", "", ""},
		{"never", []int{429}, []string{
			"DEBUG external_api_attempt 1", "WARNING external_api_retry 2", "DEBUG external_api_attempt 2",
			"WARNING external_api_retry 3", "DEBUG external_api_attempt 3", "ERROR external_api_error 3"}, "invalid_request_error", "lock_timeout", "429"},
		{"declined", []int{402}, []string{"DEBUG external_api_attempt 1", "ERROR external_api_error 1"}, "card_error", "card_declined", "402"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs, b := newBackend(t, nil, c.statuses...)
			ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
			err := capture(ctx, b)
			if (err != nil) != (c.errorType != "") {
				t.Errorf("Capture: %v", err)
			}
			if got := told(logs); !slices.Equal(got, c.want) {
				t.Errorf("lines %q, want %q", got, c.want)
			}
			for _, r := range logs.Records() {
				if r.String("operation") != "POST /v1/payment_intents/{id}/capture" || r.RequestID() != "req-00000001" {
					t.Errorf("line: %s", r.Line)
				}
			}
			if err == nil {
				return
			}
			var of *stripe.Error
			if !errors.As(err, &of) || of.Msg != canary {
				t.Errorf("the error is %T", err)
			}
			r := logs.One("external_api_error")
			if r.String("error_type") != c.errorType || r.String("error_code") != c.code || fmt.Sprint(r.Int("status")) != c.status ||
				!strings.HasPrefix(r.String("provider_request_id"), "req_") {
				t.Errorf("line: %s", r.Line)
			}
		})
	}
}

// An answer that is expected is no failure, though stripe-go makes an error of it.
func TestExpected(t *testing.T) {
	logs, b := newBackend(t, func(t *httplog.Transport) {
		t.Expected = func(r *http.Response) bool { return r.StatusCode == 402 }
		t.Operation = func(r *http.Request) string { return r.Method + " it" }
	}, 402)
	if err := capture(t.Context(), b); err == nil {
		t.Error("no error")
	}
	if r := logs.One("external_api_call"); r.Level() != "INFO" || r.Int("status") != 402 || r.String("operation") != "POST it" {
		t.Errorf("line: %s", r.Line)
	}
	logs.None("external_api_error")
}

// Each way to send a request is a call, and parameters stay as they were.
func TestEveryMethod(t *testing.T) {
	type answer struct{ stripe.APIResource }
	params := &stripe.CustomerListParams{}
	once := &stripe.CustomerParams{Name: stripe.String(canary)}
	for name, c := range map[string]struct {
		send      func(b stripe.Backend) error
		operation string
	}{
		"Call": {func(b stripe.Backend) error {
			return b.Call("POST", "/v1/customers", "sk", once, &answer{})
		}, "POST /v1/customers"},
		"CallRaw": {func(b stripe.Backend) error {
			return b.CallRaw("GET", "/v1/customers", "sk", nil, &stripe.Params{}, &answer{})
		}, "GET /v1/customers"},
		"a page of a list": {func(b stripe.Backend) error {
			//lint:ignore SA1019 what else lists with parameters of the caller
			it := customer.Client{B: b, Key: "sk"}.List(params)
			it.Next()
			return it.Err()
		}, "GET /v1/customers"},
		"RawRequest": {func(b stripe.Backend) error {
			_, err := b.(stripe.RawRequestBackend).RawRequest("GET", "/v2/core/events", "sk", "", &stripe.RawParams{})
			return err
		}, "GET /v2/core/events"},
		"no parameters": {func(b stripe.Backend) error {
			//lint:ignore SA1019 what else takes nil
			_, err := customer.Client{B: b, Key: "sk"}.Get("cus_NffrFeUfNV2Hib", nil)
			return err
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			logs, b := newBackend(t, nil, 429, 200)
			if err := c.send(b); err != nil {
				t.Fatal(err)
			}
			if c.operation == "" { // nothing can be handed on: each attempt is a call
				if got := told(logs); !slices.Equal(got, []string{"ERROR external_api_error 1", "INFO external_api_call 1"}) {
					t.Errorf("lines %q", got)
				}
				return
			}
			want := []string{"DEBUG external_api_attempt 1", "WARNING external_api_retry 2", "DEBUG external_api_attempt 2", "INFO external_api_call 2"}
			if got := told(logs); !slices.Equal(got, want) {
				t.Errorf("lines %q, want %q", got, want)
			}
			if got := logs.One("external_api_call").String("operation"); got != c.operation {
				t.Errorf("operation %q, want %q", got, c.operation)
			}
		})
	}
	if params.Context != nil || once.Context != nil {
		t.Error("the parameters of the caller have got a context")
	}
}

// Parameters may be shared by requests that run at the same time.
func TestSharedParams(t *testing.T) {
	logs, b := newBackend(t, nil, 200)
	params := &stripe.CustomerParams{Name: stripe.String("n")}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			//lint:ignore SA1019 what else leaves the parameters alone
			if _, err := (customer.Client{B: b, Key: "sk"}).New(params); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(logs.Event("external_api_call")); n != 8 {
		t.Errorf("%d calls, want 8", n)
	}
}

// plain is a backend that takes no raw requests.
type plain struct{ stripe.Backend }

func TestRawStaysRaw(t *testing.T) {
	_, b := newBackend(t, nil, 200)
	if _, ok := b.(stripe.RawRequestBackend); !ok {
		t.Error("raw requests are lost")
	}
	if _, ok := stripecalls.Backend(plain{b}, &httplog.Transport{}).(stripe.RawRequestBackend); ok {
		t.Error("raw requests are gained")
	}
}
