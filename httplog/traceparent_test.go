package httplog_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

const (
	testTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	testSpan   = "00f067aa0ba902b7"
	otherTrace = "0af7651916cd43dd8448eb211c80319c"
)

// traced lets a request with the given headers through a server that makes a call
// within ctx, and returns the headers of the call.
func traced(t *testing.T, c httplog.Config, sent http.Header, rt httplog.Transport, within func(context.Context) context.Context) http.Header {
	t.Helper()
	logs := logtest.New(t)
	c.Logger, rt.Logger = logs.Logger("api.request"), logs.Logger("external.bank")
	var got http.Header
	rt.Base = roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	h := httplog.Middleware(c)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if within != nil {
			ctx = within(ctx)
		}
		call, err := http.NewRequestWithContext(ctx, "GET", "http://bank.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rt.RoundTrip(call); err != nil {
			t.Error(err)
		}
	}))
	r := httptest.NewRequest("GET", "/", nil)
	for name, values := range sent {
		r.Header[name] = values
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What was decided of a trace by whoever sent the request goes on with it.
func TestTraceGoesOn(t *testing.T) {
	f := func(name, parent string, state []string, wantParent, wantState string) {
		t.Helper()
		sent := http.Header{"Traceparent": {parent}}
		if state != nil {
			sent["Tracestate"] = state
		}
		got := traced(t, httplog.Config{}, sent, httplog.Transport{}, nil)
		if p, s := got.Get("Traceparent"), strings.Join(got["Tracestate"], "|"); p != wantParent || s != wantState {
			t.Errorf("%s: sent on %q with state %q, want %q with %q", name, p, s, wantParent, wantState)
		}
	}
	const ids = testTrace + "-" + testSpan
	f("not sampled", "00-"+ids+"-00", []string{"a=b"}, "00-"+ids+"-00", "a=b")
	f("sampled", "00-"+ids+"-01", []string{"a=b"}, "00-"+ids+"-01", "a=b")
	f("random id", "00-"+ids+"-02", nil, "00-"+ids+"-02", "")
	f("sampled, random id", "00-"+ids+"-03", nil, "00-"+ids+"-03", "")
	f("flags of the future", "00-"+ids+"-fd", nil, "00-"+ids+"-01", "")
	f("a version of the future", "cc-"+ids+"-01-more", []string{"a=b"}, "00-"+ids+"-01", "a=b")
	f("two states", "00-"+ids+"-01", []string{"a=b", "c=d"}, "00-"+ids+"-01", "a=b,c=d")
	f("no state", "00-"+ids+"-01", []string{""}, "00-"+ids+"-01", "")
	f("the longest state", "00-"+ids+"-01", []string{"a=" + strings.Repeat("b", 510)}, "00-"+ids+"-01", "a="+strings.Repeat("b", 510))
	f("a longer one", "00-"+ids+"-01", []string{"a=" + strings.Repeat("b", 511)}, "00-"+ids+"-01", "")
	f("malformed", "00-"+ids+"-1", []string{"a=b"}, "", "")
	f("nothing", "", []string{"a=b"}, "", "")
}

// A trace that did not come with the request has neither the request's flags nor
// its state.
func TestTraceOfOthers(t *testing.T) {
	const ids = testTrace + "-" + testSpan
	sent := http.Header{"Traceparent": {"00-" + ids + "-01"}, "Tracestate": {"a=b"}}
	span := func(trace string) func(context.Context) (string, string) {
		return func(context.Context) (string, string) { return trace, "00000000000000ff" }
	}
	scope := func(trace string) func(context.Context) context.Context {
		return func(ctx context.Context) context.Context {
			ctx, _ = pairlog.NewScope(ctx, pairlog.ScopeConfig{TraceID: trace, SpanID: "00000000000000ff"})
			return ctx
		}
	}
	inherited := func(ctx context.Context) context.Context {
		ctx, _ = pairlog.NewScope(context.WithoutCancel(ctx), pairlog.ScopeConfig{})
		return ctx
	}
	active := func(context.Context) (string, string) { return "00-" + otherTrace + "-00000000000000ff-01", "o=t" }
	none := func(context.Context) (string, string) { return "", "" }
	for _, c := range []struct {
		name                  string
		config                httplog.Config
		transport             httplog.Transport
		within                func(context.Context) context.Context
		wantParent, wantState string
	}{
		{"a span of the same trace", httplog.Config{Trace: span(testTrace)}, httplog.Transport{}, nil, "00-" + testTrace + "-00000000000000ff-01", "a=b"},
		{"a span of another trace", httplog.Config{Trace: span(otherTrace)}, httplog.Transport{}, nil, "00-" + otherTrace + "-00000000000000ff-00", ""},
		{"a scope below, of the same trace", httplog.Config{}, httplog.Transport{}, scope(testTrace), "00-" + testTrace + "-00000000000000ff-01", "a=b"},
		{"a scope below, of another trace", httplog.Config{}, httplog.Transport{}, scope(otherTrace), "00-" + otherTrace + "-00000000000000ff-00", ""},
		{"a scope below that inherits", httplog.Config{}, httplog.Transport{}, inherited, "00-" + ids + "-01", "a=b"},
		{"the transport's own", httplog.Config{}, httplog.Transport{Trace: active}, nil, "00-" + otherTrace + "-00000000000000ff-01", "o=t"},
		{"the transport's own, no span", httplog.Config{}, httplog.Transport{Trace: none}, nil, "00-" + ids + "-01", "a=b"},
		{"the transport's own, no scope", httplog.Config{}, httplog.Transport{Trace: active}, func(context.Context) context.Context { return context.Background() },
			"00-" + otherTrace + "-00000000000000ff-01", "o=t"},
		{"kept", httplog.Config{}, httplog.Transport{Trace: active, KeepIDs: true}, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := traced(t, c.config, sent, c.transport, c.within)
			if p, s := got.Get("Traceparent"), got.Get("Tracestate"); p != c.wantParent || s != c.wantState {
				t.Errorf("sent on %q with state %q, want %q with %q", p, s, c.wantParent, c.wantState)
			}
		})
	}
}
