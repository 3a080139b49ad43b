package httplog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

var exceptionKeys = []string{
	"timestamp", "level", "logger", "request_id", "event", "error_type", "error_message", "error_code",
	"stack_trace", "user_id", "endpoint", "additional_context",
}

// StripeAPIError is an error with a code, as a provider's client has.
type StripeAPIError struct{ code string }

func (e *StripeAPIError) Error() string     { return "Card declined" }
func (e *StripeAPIError) ErrorCode() string { return e.code }

func events(logs *logtest.Recorder) []string {
	var names []string
	for _, rec := range logs.Records() {
		names = append(names, rec.Event())
	}
	return names
}

func config(logs *logtest.Recorder) httplog.Config {
	return httplog.Config{
		Logger: logs.Logger("api.request"),
		Exceptions: func(route string) *slog.Logger {
			if strings.Contains(route, "/payments/") {
				return logs.Logger("api.payments")
			}
			return nil
		},
		Recover: logs.Logger("app.recover"),
	}
}

func failCheckout(w http.ResponseWriter, r *http.Request) {
	r.Pattern = "POST /api/payments/checkout"
	pairlog.Add(r.Context(), slog.String("user_id", "u1"))
	httplog.SetError(r.Context(), fmt.Errorf("charge: %w", &StripeAPIError{"card_declined"}),
		slog.Int("payment_amount", 2999), slog.String("payment_provider", "stripe"))
	w.WriteHeader(502)
}

// The stack of an error that carries none begins where it was handed over, not in
// the middleware; one that was made with a stack keeps that.
func TestStackOfError(t *testing.T) {
	made := pairlog.WithStack(errors.New("made before"))
	for name, c := range map[string]struct {
		set   func(ctx context.Context)
		first string
	}{
		"SetError":     {func(ctx context.Context) { httplog.SetError(ctx, errors.New("x")) }, "TestStackOfError.func1"},
		"SetException": {func(ctx context.Context) { httplog.SetException(ctx, errors.New("x")) }, "TestStackOfError.func2"},
		"own stack":    {func(ctx context.Context) { httplog.SetError(ctx, made) }, "TestStackOfError"},
	} {
		t.Run(name, func(t *testing.T) {
			logs := logtest.New(t)
			h := httplog.Middleware(config(logs))(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c.set(r.Context())
				w.WriteHeader(500)
			}))
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			stack := logs.One("exception").String("stack_trace")
			first, _, _ := strings.Cut(stack, "\n")
			if want := "github.com/pairly/pairlog/httplog_test." + c.first; first != want {
				t.Errorf("the stack begins with %s, want %s:\n%s", first, want, stack)
			}
		})
	}
}

func TestException(t *testing.T) {
	logs := logtest.New(t)
	serve(config(logs), httptest.NewRequest("POST", "/api/payments/checkout", nil), failCheckout)

	if got, want := events(logs), []string{"exception", "http_request"}; !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	rec := logs.One("exception")
	if got := rec.Keys[:len(exceptionKeys)]; !slices.Equal(got, exceptionKeys) {
		t.Errorf("keys %v\nwant %v", got, exceptionKeys)
	}
	for member, want := range map[string]string{
		"level": "ERROR", "logger": "api.payments", "error_type": "StripeAPIError", "error_code": "card_declined",
		"user_id": "u1", "endpoint": "/api/payments/checkout",
	} {
		if got := rec.String(member); got != want {
			t.Errorf("%s = %q, want %q", member, got, want)
		}
	}
	if got := rec.Int("additional_context", "payment_amount"); got != 2999 {
		t.Errorf("additional_context.payment_amount = %d, want 2999", got)
	}
	if !strings.Contains(rec.String("stack_trace"), "failCheckout") {
		t.Errorf("the stack does not show the handler:\n%s", rec.String("stack_trace"))
	}
	if rec.RequestID() == "" || rec.RequestID() != logs.One("http_request").RequestID() {
		t.Error("the exception has another request_id than the request")
	}
}

// Status 500 without an error to tell of has an exception all the same; a 4xx
// has only its code on the request line, unless it is said to be an exception.
func TestWhenExceptionsAreWritten(t *testing.T) {
	err := &StripeAPIError{"card_declined"}
	for _, c := range []struct {
		name    string
		h       http.HandlerFunc
		want    []string
		message string
		code    string // on the request line
	}{
		{"500 without error", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) },
			[]string{"exception", "http_request"}, "Service Unavailable", ""},
		{"404 with error", func(w http.ResponseWriter, r *http.Request) {
			httplog.SetError(r.Context(), err)
			w.WriteHeader(404)
		}, []string{"http_request"}, "", "card_declined"},
		{"402 that is an exception", func(w http.ResponseWriter, r *http.Request) {
			httplog.SetException(r.Context(), err)
			w.WriteHeader(402)
		}, []string{"exception", "http_request"}, "Card declined", "card_declined"},
		{"400 with an error without a code", func(w http.ResponseWriter, r *http.Request) {
			httplog.SetError(r.Context(), json.Unmarshal([]byte("x"), new(int)))
			w.WriteHeader(400)
		}, []string{"http_request"}, "", ""},
		{"nil error", func(w http.ResponseWriter, r *http.Request) { httplog.SetError(r.Context(), nil) },
			[]string{"http_request"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.New(t)
			serve(config(logs), httptest.NewRequest("GET", "/x", nil), c.h)
			if got := events(logs); !slices.Equal(got, c.want) {
				t.Fatalf("events %v, want %v", got, c.want)
			}
			if c.message != "" {
				rec := logs.One("exception")
				if got := rec.String("error_message"); got != c.message {
					t.Errorf("error_message = %q, want %q", got, c.message)
				}
				if got := rec.String("endpoint"); got != "/x" {
					t.Errorf("endpoint = %q, want the path where no route matched", got)
				}
				if !strings.Contains(rec.Line, `"additional_context":{}`) {
					t.Errorf("no empty additional_context: %s", rec.Line)
				}
			}
			line := logs.One("http_request")
			if got := line.String("error_code"); got != c.code {
				t.Errorf("error_code on the request line = %q, want %q", got, c.code)
			}
			wantType, wantMessage := "", ""
			if strings.HasPrefix(c.name, "400") {
				wantType, wantMessage = "SyntaxError", "invalid character 'x' looking for beginning of value"
			}
			if gotType, got := line.String("error_type"), line.String("error_message"); gotType != wantType || got != wantMessage {
				t.Errorf("the request line has error %q %q, want %q %q", gotType, got, wantType, wantMessage)
			}
		})
	}
}

// An error that was logged where it happened is not logged again.
func TestExceptionThatIsLoggedAlready(t *testing.T) {
	logs := logtest.New(t)
	serve(config(logs), httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) {
		err := pairlog.Exception(r.Context(), logs.Logger("service.pay"), &StripeAPIError{"card_declined"})
		httplog.SetError(r.Context(), fmt.Errorf("check out: %w", err))
		w.WriteHeader(502)
	})
	if got, want := events(logs), []string{"exception", "http_request"}; !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	if rec := logs.One("exception"); rec.Logger() != "service.pay" {
		t.Errorf("the exception is on %s, want the logger it happened on", rec.Logger())
	}
}

// So is one that the handler then panics with.
func TestPanicWithWhatIsLoggedAlready(t *testing.T) {
	logs := logtest.New(t)
	serve(config(logs), httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) {
		panic(pairlog.Exception(r.Context(), logs.Logger("service.pay"), &StripeAPIError{"card_declined"}))
	})
	logs.One("exception")
	if got := logs.One("http_request").Int("status_code"); got != 500 {
		t.Errorf("status %d, want 500", got)
	}
}

// An exception line says what led there.
func TestExceptionHasBreadcrumbs(t *testing.T) {
	logs := logtest.New(t)
	serve(config(logs), httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) {
		logs.Logger("service.cart").InfoContext(r.Context(), "cart_read")
		w.WriteHeader(500)
	})
	rec := logs.One("exception")
	if n := len(exceptionKeys); !slices.Equal(rec.Keys[:n], exceptionKeys) || rec.Keys[n] != "breadcrumbs" {
		t.Errorf("keys %v, want breadcrumbs behind %v", rec.Keys, exceptionKeys)
	}
	if !strings.Contains(rec.Line, `"level":"INFO","logger":"service.cart","event":"cart_read"}]`) {
		t.Errorf("line: %s", rec.Line)
	}
}

func explode(w http.ResponseWriter, r *http.Request) {
	r.Pattern = "GET /boom/{id}"
	w.Header().Set("Content-Length", "1000")
	w.Header().Set("Etag", `"x"`)
	write(nil)
}

// write panics when it is given nil, in a way that no vet sees.
func write(m map[string]int) { m["x"] = 1 }

func TestPanic(t *testing.T) {
	logs := logtest.New(t)
	w := serve(config(logs), httptest.NewRequest("GET", "/boom/7", nil), explode)

	if got, want := events(logs), []string{"panic_recovered", "exception", "http_request"}; !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	if w.Code != 500 || w.Header().Get("Etag") != "" || w.Header().Get("Content-Length") != "" {
		t.Errorf("answered %d with %v, want 500 without the headers of another body", w.Code, w.Header())
	}
	rec := logs.One("panic_recovered")
	if rec.Level() != "CRITICAL" || rec.Logger() != "app.recover" || rec.String("endpoint") != "/boom/{id}" {
		t.Errorf("panic_recovered: %s", rec.Line)
	}
	for _, event := range []string{"panic_recovered", "exception"} {
		stack := logs.One(event).String("stack_trace")
		if !strings.Contains(stack, "explode") {
			t.Errorf("the stack of %s does not show what panicked:\n%s", event, stack)
		}
		if strings.Contains(stack, "debug.Stack") || strings.Contains(stack, ".end(") {
			t.Errorf("the stack of %s shows the recovery:\n%s", event, stack)
		}
	}
	for _, event := range []string{"panic_recovered", "exception"} {
		rec := logs.One(event)
		if got := rec.String("error_message"); !strings.Contains(got, "nil map") || rec.String("error_type") != "runtime.Error" {
			t.Errorf("%s: error %q %q, want the panic's", event, rec.String("error_type"), got)
		}
		if stack := rec.String("stack_trace"); strings.Contains(stack, "mapassign") {
			t.Errorf("%s: the stack begins in the runtime:\n%s", event, stack)
		}
	}
	line := logs.One("http_request")
	if line.Int("status_code") != 500 || line.Level() != "ERROR" || line.String("outcome") != "panic" {
		t.Errorf("line: %s", line.Line)
	}
}

func TestPanicked(t *testing.T) {
	logs := logtest.New(t)
	c := config(logs)
	c.Panicked = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(500)
		fmt.Fprintf(w, `{"error_code":"internal_error","request_id":%q}`, httplog.RequestID(r.Context()))
	}
	w := serve(c, httptest.NewRequest("GET", "/", nil), explode)
	if want := logs.One("http_request").RequestID(); !strings.Contains(w.Body.String(), want) {
		t.Errorf("answer %s, want the request id %s in it", w.Body, want)
	}
	// One that panics itself leaves a plain 500.
	logs.Reset()
	c.Panicked = func(http.ResponseWriter, *http.Request) { panic("again") }
	if w := serve(c, httptest.NewRequest("GET", "/", nil), explode); w.Code != 500 {
		t.Errorf("answered %d, want 500", w.Code)
	}
	logs.One("http_request")
}

// A handler whose goroutine ends without return or panic has its line too.
func TestGoexit(t *testing.T) {
	logs := logtest.New(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(config(logs), httptest.NewRequest("GET", "/", nil), func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
	}()
	<-done
	if rec := logs.One("http_request"); rec.Int("status_code") != 0 || rec.String("outcome") != "aborted" {
		t.Errorf("line: %s", rec.Line)
	}
}

// A panic in the middle of a response goes on as an abort, so that the client
// does not take half a body for a whole one.
func TestPanicAfterWriteCutsTheConnection(t *testing.T) {
	logs := logtest.New(t)
	defer func() {
		if v := recover(); v != any(http.ErrAbortHandler) {
			t.Errorf("recovered %v, want http.ErrAbortHandler", v)
		}
		if rec := logs.One("http_request"); rec.Int("status_code") != 201 || rec.Level() != "ERROR" {
			t.Errorf("line: %s", rec.Line)
		}
		logs.One("exception")
	}()
	serve(config(logs), httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(201)
		io.WriteString(w, "half")
		panic(errors.New("boom"))
	})
}

// A panic that was recovered and logged below, and goes on, has its lines.
func TestPanicThatGoesOn(t *testing.T) {
	logs := logtest.New(t)
	c := config(logs)
	serve(c, httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) {
		defer func() { panic(pairlog.AsLogged(r.Context(), pairlog.Recovered(recover()))) }()
		panic("a bug")
	})
	logs.None("panic_recovered")
	logs.None("exception")
	if rec := logs.One("http_request"); rec.Int("status_code") != 500 || rec.String("outcome") != "panic" {
		t.Errorf("line: %s\nwant 500 with outcome panic", rec.Line)
	}
}
