package stripelog_test

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
	"testing"

	"github.com/stripe/stripe-go/v84"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/stripelog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// The types are what stripe-go wants.
var (
	_ stripe.LeveledLoggerInterface        = (*stripelog.Logger)(nil)
	_ stripe.ContextLeveledLoggerInterface = (*stripelog.ContextLogger)(nil)
)

// canary is in all bodies, ids and error texts: no line may have it. It is told
// from the names of resources as Stripe's own ids are.
const canary = "cnry7F3a"

func newLogs(t *testing.T) *logtest.Recorder {
	t.Helper()
	logs := logtest.New(t)
	t.Cleanup(func() {
		text := logs.Text()
		for _, bad := range []string{canary, "sk_" + "test"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q was logged:\n%s", bad, text)
			}
		}
	})
	return logs
}

// client returns a client of a Stripe that answers as told, one answer after the
// other; the last one stays.
func client(t *testing.T, logger any, httpClient *http.Client, answers ...string) *stripe.Client {
	t.Helper()
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body, _ := strings.Cut(answers[min(n, len(answers)-1)], " ")
		n++
		var code int
		fmt.Sscan(status, &code)
		w.Header().Set("Request-Id", "req_of_stripe")
		w.WriteHeader(code)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(s.URL), LeveledLogger: logger, HTTPClient: httpClient,
		MaxNetworkRetries: stripe.Int64(1), EnableTelemetry: stripe.Bool(false),
	})
	return stripe.NewClient("sk_"+"test_"+canary, stripe.WithBackends(&stripe.Backends{API: backend, Connect: backend, Uploads: backend}))
}

func capture(ctx context.Context, c *stripe.Client) error {
	params := &stripe.PaymentIntentCaptureParams{StatementDescriptor: stripe.String(canary)}
	params.IdempotencyKey = stripe.String(canary)
	_, err := c.V1PaymentIntents.Capture(ctx, "pi_"+canary, params)
	return err
}

const succeeded = `200 {"id":"pi_` + canary + `","object":"payment_intent","client_secret":"pi_` + canary + `_secret_x"}`

const declined = `402 {"error":{"type":"card_error","code":"card_declined","decline_code":"generic_decline","param":"payment_method",` +
	`"message":"Card ` + canary + ` was declined.","payment_intent":{"id":"pi_` + canary + `","client_secret":"pi_` + canary + `_secret_x"}}}`

func events(logs *logtest.Recorder) []string {
	var names []string
	for _, r := range logs.Records() {
		names = append(names, r.Level()+" "+r.Event())
	}
	return names
}

func TestSuccess(t *testing.T) {
	logs := newLogs(t)
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: logs.Logger("external.stripe")}), nil, succeeded)
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	if err := capture(ctx, c); err != nil {
		t.Fatal(err)
	}
	want := []string{"DEBUG stripe_request", "DEBUG stripe_response", "DEBUG stripe_finished", "DEBUG stripe_body"}
	if got := events(logs); !slices.Equal(got, want) {
		t.Fatalf("events = %q, want %q", got, want)
	}
	for _, r := range logs.Records() {
		if r.RequestID() != "r1" || r.String("service") != "stripe" {
			t.Errorf("want request r1 and service stripe: %s", r.Line)
		}
	}
	if got, want := logs.One("stripe_request").String("operation"), "POST /v1/payment_intents/{id}/capture"; got != want {
		t.Errorf("operation = %q, want %q", got, want)
	}
	r := logs.One("stripe_response")
	if got, want := r.Int("attempt"), int64(1); got != want || !r.Has("duration_ms") {
		t.Errorf("attempt = %d, want %d, and duration_ms: %s", got, want, r.Line)
	}
	if got, want := logs.One("stripe_body").Int("size_bytes"), int64(len(succeeded)-len("200 ")); got != want {
		t.Errorf("size_bytes = %d, want %d", got, want)
	}
}

func TestRetry(t *testing.T) {
	logs := newLogs(t)
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: logs.Logger("external.stripe")}), nil,
		`429 {"error":{"type":"invalid_request_error","code":"lock_timeout","message":"`+canary+`"}}`, succeeded)
	if err := capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r := logs.One("stripe_retry")
	if got, want := r.Level()+" "+r.String("operation"), "WARNING POST /v1/payment_intents/{id}/capture"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Int("attempt"), int64(2); got != want {
		t.Errorf("attempt = %d, want %d", got, want)
	}
	if r.Float("delay_ms") <= 0 {
		t.Errorf("delay_ms = %v", r.Float("delay_ms"))
	}
	e := logs.One("stripe_error")
	if got, want := e.Level()+" "+e.String("stage")+" "+e.String("error_type"), "ERROR response invalid_request_error"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if got, want := e.Int("status"), int64(429); got != want {
		t.Errorf("status = %d, want %d", got, want)
	}
}

func TestDeclinedCard(t *testing.T) {
	logs := newLogs(t)
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: logs.Logger("external.stripe")}), nil, declined)
	if err := capture(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("stripe_error")
	for key, want := range map[string]string{
		"level": "INFO", "error_type": "card_error", "error_code": "card_declined", "decline_code": "generic_decline",
		"param": "payment_method", "provider_request_id": "req_of_stripe",
	} {
		if got := r.String(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	logs := newLogs(t)
	refuse := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("dial " + canary) })
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: logs.Logger("external.stripe")}), &http.Client{Transport: refuse}, succeeded)
	if err := capture(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	recs := logs.Event("stripe_error")
	if got, want := len(recs), 2; got != want { // one for each attempt
		t.Fatalf("%d lines, want %d", got, want)
	}
	if got, want := recs[0].String("stage"), "send"; got != want {
		t.Errorf("stage = %q, want %q", got, want)
	}
	if recs[0].String("error_type") == "" {
		t.Errorf("no error_type: %s", recs[0].Line)
	}
}

func TestBodyThatIsNoJSON(t *testing.T) {
	logs := newLogs(t)
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: logs.Logger("external.stripe")}), nil, "200 <html>"+canary+"</html>")
	if err := capture(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	r := logs.One("stripe_error")
	if got, want := r.Level()+" "+r.String("stage"), "ERROR decode"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.Int("size_bytes") == 0 {
		t.Errorf("no size: %s", r.Line)
	}
}

func TestWithoutContext(t *testing.T) {
	logs := newLogs(t)
	c := client(t, stripelog.New(stripelog.Config{Logger: logs.Logger("external.stripe")}), nil, declined)
	if err := capture(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	if got, want := logs.One("stripe_error").String("error_code"), "card_declined"; got != want {
		t.Errorf("error_code = %q, want %q", got, want)
	}
}

// Beside httplog.Transport a failure is told once, by the line of the call.
func TestBesideTransport(t *testing.T) {
	logs := logtest.New(t) // the transport's line has the path, with its id
	external := logs.Logger("external.stripe")
	transport := &httplog.Transport{Logger: external, Service: "stripe", Operation: stripelog.Operation}
	c := client(t, stripelog.NewContext(stripelog.Config{Logger: external, Quiet: true}), &http.Client{Transport: transport}, declined)
	if err := capture(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	for _, r := range logs.Records() {
		if r.Level() != "DEBUG" && r.Event() != "external_api_error" {
			t.Errorf("want DEBUG: %s", r.Line)
		}
	}
	r := logs.One("external_api_error")
	if got, want := r.String("operation"), "POST /v1/payment_intents/{id}/capture"; got != want {
		t.Errorf("operation = %q, want %q", got, want)
	}
	if text := logs.Text(); strings.Contains(text, "client_secret") || strings.Contains(text, "declined.") || strings.Contains(text, "sk_"+"test") {
		t.Errorf("a body or the key was logged:\n%s", text)
	}
}

func TestUnknownMessages(t *testing.T) {
	logs := newLogs(t)
	l := stripelog.New(stripelog.Config{Logger: logs.Logger("external.stripe")})
	l.Warnf("Unable to encode client telemetry: %v", errors.New(canary))
	l.Infof("Requesting %v %v%v", "GET") // not what it was
	l.Errorf(canary)
	l.Debugf(strings.Repeat("x", 1000)+"%s", canary)
	recs := logs.Event("stripe_message")
	if got, want := len(recs), 4; got != want {
		t.Fatalf("%d lines, want %d", got, want)
	}
	if got, want := recs[0].Level()+" "+recs[0].String("template"), "WARNING Unable to encode client telemetry: %v"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, r := range recs[2:] {
		if r.Has("template") || r.Int("size_bytes") == 0 {
			t.Errorf("want a size alone: %s", r.Line)
		}
	}
}

// One of the reasons is the text of an error, with the URL.
func TestReasons(t *testing.T) {
	logs := newLogs(t)
	l := stripelog.New(stripelog.Config{Logger: logs.Logger("external.stripe")})
	f := func(in any, want string) {
		t.Helper()
		logs.Reset()
		l.Infof("Not retrying request: %v", in)
		if got := logs.One("stripe_finished").String("reason"); got != want {
			t.Errorf("reason of %q = %q, want %q", in, got, want)
		}
	}
	f("max retries exceeded", "max retries exceeded")
	f("`Stripe-Should-Retry` header returned `false`", "`Stripe-Should-Retry` header returned `false`")
	f(`Post "https://api.stripe.com/v1/charges/`+canary+`": x509: unknown authority`, "error")
	f(42, "error")
}

func TestDefaultLogger(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	logs := newLogs(t)
	slog.SetDefault(logs.Logger("default"))
	stripelog.New(stripelog.Config{}).Infof("Not retrying request: %v", "max retries exceeded")
	if got, want := logs.One("stripe_finished").String("reason"), "max retries exceeded"; got != want {
		t.Errorf("reason = %q, want %q", got, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
