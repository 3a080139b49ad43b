package httplog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// provider is a server that answers with the given statuses, one after the
// other, and keeps the headers it was sent.
func provider(t *testing.T, statuses ...int) (*httptest.Server, *[]http.Header) {
	var got []http.Header
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		w.Header().Set("Request-Id", "prov-1")
		w.WriteHeader(statuses[min(len(got), len(statuses))-1])
		io.WriteString(w, "0123456789")
	}))
	t.Cleanup(s.Close)
	return s, &got
}

func send(t *testing.T, ctx context.Context, rt http.RoundTripper, url string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader("body of the request"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: rt}).Do(r)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
}

func TestTransport(t *testing.T) {
	logs := logtest.New(t)
	s, got := provider(t, 200)
	secret := "hunter" + "2-horse"
	rt := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe",
		Operation: func(r *http.Request) string { return "create_intent" }}
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001",
		TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7"})
	send(t, ctx, rt, strings.Replace(s.URL, "://", "://user:"+secret+"@", 1)+"/v1/intents?key="+secret+"&expand=x")

	rec := logs.One("external_api_call")
	want := []string{"timestamp", "level", "logger", "request_id", "event", "service", "operation", "duration_ms", "status", "attempt", "provider_request_id"}
	if !slices.Equal(rec.Keys[:len(want)], want) {
		t.Errorf("keys %v\nwant %v", rec.Keys, want)
	}
	if rec.Level() != "INFO" || rec.RequestID() != "req-00000001" || rec.String("service") != "stripe" || rec.String("operation") != "create_intent" ||
		rec.Int("status") != 200 || rec.Int("attempt") != 1 || rec.String("provider_request_id") != "prov-1" || rec.Int("response_size_bytes") != 10 {
		t.Errorf("line: %s", rec.Line)
	}
	for _, key := range []string{"conn_reused", "connect_ms", "ttfb_ms"} {
		if !rec.Has(key) {
			t.Errorf("no %s: %s", key, rec.Line)
		}
	}
	if strings.Contains(rec.Line, secret) || !strings.HasSuffix(rec.String("url"), "/v1/intents?key=…&expand=…") {
		t.Errorf("url: %s", rec.Line)
	}
	h := (*got)[0]
	if h.Get("X-Request-ID") != "req-00000001" || h.Get("Traceparent") != "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00" {
		t.Errorf("sent headers %v, want the scope's ids", h)
	}
	logs.None("external_api_attempt")

	logs.Reset()
	send(t, ctx, rt, s.URL)
	if rec := logs.One("external_api_call"); !rec.Bool("conn_reused") || rec.Has("connect_ms") {
		t.Errorf("second request: %s", rec.Line)
	}
}

// The line of a call of one attempt tells of the request what the line of an
// attempt tells.
func TestTransportRequest(t *testing.T) {
	s, _ := provider(t, 200)
	f := func(name, body, key, want string) {
		t.Helper()
		logs := logtest.New(t)
		rt := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe"}
		line := func(event string, ctx context.Context, done func(error)) {
			t.Helper()
			r, err := http.NewRequestWithContext(ctx, "POST", s.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if key != "" {
				r.Header.Set("Idempotency-Key", key)
			}
			resp, err := rt.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			done(nil)
			rec := logs.One(event)
			got := ""
			if rec.Has("idempotent") {
				got += fmt.Sprint(" idempotent=", rec.Bool("idempotent"))
			}
			if rec.Has("request_size_bytes") {
				got += fmt.Sprint(" request_size_bytes=", rec.Int("request_size_bytes"))
			}
			if got != want {
				t.Errorf("%s: %s has%s, want%s: %s", name, event, got, want, rec.Line)
			}
			if key != "" && strings.Contains(rec.Line, key) {
				t.Errorf("%s: the key is on the line: %s", name, rec.Line)
			}
		}
		line("external_api_call", t.Context(), func(error) {})
		logs.Reset()
		ctx, call := rt.Start(t.Context(), "create")
		line("external_api_attempt", ctx, call.End)
		logs.Reset()
		ctx, call = rt.Start(t.Context(), "create")
		line("external_api_call", ctx, call.End)
	}
	f("both", "12345", "key-of-the-caller", " idempotent=true request_size_bytes=5")
	f("no key", "12345", "", " request_size_bytes=5")
	f("no body", "", "key-of-the-caller", " idempotent=true")
	f("neither", "", "", "")
}

func TestTransportErrors(t *testing.T) {
	s, _ := provider(t, 402)
	gone := httptest.NewServer(nil)
	gone.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name, url, level, status, errorType, code, providerID string
		ctx                                                   context.Context
	}{
		{"status", s.URL, "ERROR", "402", "http_status", `"http_402"`, `"prov-1"`, t.Context()},
		{"refused", gone.URL, "ERROR", "null", "connection_refused", "null", "null", t.Context()},
		{"canceled", s.URL, "WARNING", "null", "canceled", "null", "null", canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.New(t)
			send(t, c.ctx, &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe"}, c.url)
			rec := logs.One("external_api_error")
			want := []string{"timestamp", "level", "logger", "event", "service", "operation", "duration_ms", "status", "error_type", "error_code", "provider_request_id"}
			if !slices.Equal(rec.Keys[:len(want)], want) {
				t.Errorf("keys %v\nwant %v", rec.Keys, want)
			}
			if rec.Level() != c.level || rec.String("error_type") != c.errorType {
				t.Errorf("level %s, error_type %s, want %s, %s", rec.Level(), rec.String("error_type"), c.level, c.errorType)
			}
			for _, part := range []string{`"status":` + c.status, `"error_code":` + c.code, `"provider_request_id":` + c.providerID} {
				if !strings.Contains(rec.Line, part) {
					t.Errorf("no %s: %s", part, rec.Line)
				}
			}
		})
	}
}

func TestTransportExpected(t *testing.T) {
	logs := logtest.New(t)
	s, _ := provider(t, 404)
	send(t, t.Context(), &httplog.Transport{Logger: logs.Logger("external.s3"), Service: "s3", Quiet: true,
		Expected: func(resp *http.Response) bool { return resp.StatusCode == 404 }}, s.URL)
	if rec := logs.One("external_api_call"); rec.Level() != "DEBUG" || rec.Int("status") != 404 {
		t.Errorf("line: %s", rec.Line)
	}
}

// retrying sends a request until its status is below 500, three times at most.
type retrying struct{ next http.RoundTripper }

func (r retrying) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	for range 3 {
		if resp != nil {
			resp.Body.Close()
		}
		again := req.Clone(req.Context())
		again.Body, _ = req.GetBody()
		if resp, err = r.next.RoundTrip(again); err != nil || resp.StatusCode < 500 {
			return resp, err
		}
	}
	return resp, err
}

// A call of several attempts has a line for each, one for each repetition, and
// one for the whole.
func TestTransportCalls(t *testing.T) {
	logs := logtest.New(t)
	s, _ := provider(t, 503, 502, 200)
	rt := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe"}
	send(t, t.Context(), rt.Calls(retrying{rt}), s.URL)

	want := []string{"external_api_attempt", "external_api_retry", "external_api_attempt", "external_api_retry", "external_api_attempt", "external_api_call"}
	if got := events(logs); !slices.Equal(got, want) {
		t.Fatalf("events %v\nwant %v", got, want)
	}
	retry := logs.Event("external_api_retry")[1]
	wantKeys := []string{"timestamp", "level", "logger", "event", "service", "operation", "attempt", "delay_ms", "error_type"}
	if !slices.Equal(retry.Keys, wantKeys) || retry.Level() != "WARNING" || retry.Int("attempt") != 3 {
		t.Errorf("retry: %s", retry.Line)
	}
	if a := logs.Event("external_api_attempt")[0]; a.Int("status") != 503 || a.String("error_code") != "http_503" || a.Int("request_size_bytes") != 19 {
		t.Errorf("attempt: %s", a.Line)
	}
	if c := logs.One("external_api_call"); c.Int("attempt") != 3 || c.Int("status") != 200 {
		t.Errorf("call: %s", c.Line)
	}

	logs.Reset()
	s, _ = provider(t, 503)
	send(t, t.Context(), rt.Calls(retrying{rt}), s.URL)
	if c := logs.One("external_api_error"); c.Int("attempt") != 3 || c.Int("status") != 503 {
		t.Errorf("call: %s", c.Line)
	}
}

func TestTransportStart(t *testing.T) {
	logs := logtest.New(t)
	s, _ := provider(t, 200)
	rt := &httplog.Transport{Logger: logs.Logger("external.stripe"), Service: "stripe"}
	ctx, call := rt.Start(t.Context(), "create_customer")
	send(t, ctx, rt, s.URL)
	call.End(errors.New("the answer made no sense"))
	call.End(nil)
	if rec := logs.One("external_api_error"); rec.String("operation") != "create_customer" || rec.Int("status") != 200 {
		t.Errorf("line: %s", rec.Line)
	}
	logs.None("external_api_call")
}

// Another Transport's call is not this one's.
func TestTransportsDoNotMix(t *testing.T) {
	logs := logtest.New(t)
	s, _ := provider(t, 200)
	a := &httplog.Transport{Logger: logs.Logger("external.a"), Service: "a"}
	b := &httplog.Transport{Logger: logs.Logger("external.b"), Service: "b"}
	ctx, call := a.Start(t.Context(), "outer")
	send(t, ctx, b, s.URL)
	call.End(nil)
	if recs := logs.Event("external_api_call"); len(recs) != 2 || recs[0].String("service") != "b" || recs[1].String("service") != "a" {
		t.Errorf("lines: %s", logs.Text())
	}
}

// The request that the caller made stays as it was.
func TestTransportKeepsTheRequest(t *testing.T) {
	s, got := provider(t, 200)
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
	r, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	r.Header.Set("X-Request-ID", "the-callers-own")
	for _, rt := range []*httplog.Transport{{Logger: discard}, {Logger: discard, KeepIDs: true}} {
		resp, err := rt.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if len(r.Header) != 1 || (*got)[0].Get("X-Request-ID") != "the-callers-own" {
		t.Errorf("headers %v, sent %v", r.Header, (*got)[0])
	}
}
