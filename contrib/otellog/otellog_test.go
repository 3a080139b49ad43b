package otellog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"go.opentelemetry.io/otel/trace"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/otellog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// Trace is what the middleware wants.
var _ = httplog.Config{Trace: otellog.Trace}

// TraceHeaders is what the transport wants.
var _ = httplog.Transport{Trace: otellog.TraceHeaders}

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanID  = "00f067aa0ba902b7"
	childID = "00f067aa0ba902b8"
)

// within returns ctx with an active span.
func within(t *testing.T, ctx context.Context, span string, flags trace.TraceFlags) context.Context {
	t.Helper()
	tid, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		t.Fatal(err)
	}
	sid, err := trace.SpanIDFromHex(span)
	if err != nil {
		t.Fatal(err)
	}
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: tid, SpanID: sid, TraceFlags: flags}))
}

func TestTraceHeaders(t *testing.T) {
	state, err := trace.ParseTraceState("a=b,c=d")
	if err != nil {
		t.Fatal(err)
	}
	sampled := within(t, t.Context(), spanID, trace.FlagsSampled)
	f := func(name string, ctx context.Context, wantParent, wantState string) {
		t.Helper()
		if gotParent, gotState := otellog.TraceHeaders(ctx); gotParent != wantParent || gotState != wantState {
			t.Errorf("%s: TraceHeaders = %q, %q, want %q, %q", name, gotParent, gotState, wantParent, wantState)
		}
	}
	f("sampled", sampled, "00-"+traceID+"-"+spanID+"-01", "")
	f("not sampled", within(t, t.Context(), spanID, 0), "00-"+traceID+"-"+spanID+"-00", "")
	f("flags of the future", within(t, t.Context(), spanID, 0xf0), "00-"+traceID+"-"+spanID+"-00", "")
	f("with state", trace.ContextWithSpanContext(t.Context(), trace.SpanContextFromContext(sampled).WithTraceState(state)),
		"00-"+traceID+"-"+spanID+"-01", "a=b,c=d")
	f("no span", t.Context(), "", "")
	var none context.Context
	f("no context", none, "", "")
}

func TestTrace(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags trace.TraceFlags
	}{{"sampled", trace.FlagsSampled}, {"not sampled", 0}} {
		gotTrace, gotSpan := otellog.Trace(within(t, t.Context(), spanID, c.flags))
		if gotTrace != traceID || gotSpan != spanID {
			t.Errorf("%s: Trace = %q, %q, want %q, %q", c.name, gotTrace, gotSpan, traceID, spanID)
		}
	}
	var none context.Context
	for _, ctx := range []context.Context{t.Context(), none} {
		if gotTrace, gotSpan := otellog.Trace(ctx); gotTrace != "" || gotSpan != "" {
			t.Errorf("Trace without a span = %q, %q, want nothing", gotTrace, gotSpan)
		}
	}
}

func TestNewScope(t *testing.T) {
	logs := logtest.New(t)
	ctx, scope := otellog.NewScope(within(t, t.Context(), spanID, 0), pairlog.ScopeConfig{RequestID: "r1"})
	logs.Logger("worker.fraud").InfoContext(ctx, "fraud_scored")
	r := logs.One("fraud_scored")
	if got, want := r.String("trace_id")+" "+r.String("span_id")+" "+r.RequestID(), traceID+" "+spanID+" r1"; got != want {
		t.Errorf("ids = %q, want %q", got, want)
	}
	if got, want := scope.TraceID(), traceID; got != want {
		t.Errorf("scope's trace id = %q, want %q", got, want)
	}
	_, own := otellog.NewScope(within(t, t.Context(), spanID, 0), pairlog.ScopeConfig{TraceID: "t", SpanID: "s"})
	if got, want := own.TraceID()+" "+own.SpanID(), "t s"; got != want {
		t.Errorf("ids given = %q, want %q", got, want)
	}
}

func TestHandler(t *testing.T) {
	logs := logtest.New(t)
	base := slog.New(otellog.Handler(logs.Pipeline().Handler("worker.fraud")))
	span := within(t, t.Context(), spanID, 0)
	inRequest, _ := pairlog.NewScope(span, pairlog.ScopeConfig{RequestID: "r1", TraceID: traceID, SpanID: spanID})
	inChild := within(t, inRequest, childID, trace.FlagsSampled)

	log := func(name string, ctx context.Context, l *slog.Logger, want string) {
		t.Helper()
		logs.Reset()
		l.InfoContext(ctx, "fraud_scored", "score", 12)
		r := logs.One("fraud_scored")
		_, line, _ := strings.Cut(r.Line, `"event":"fraud_scored",`)
		if line != want {
			t.Errorf("%s: %s\nwant %s", name, line, want)
		}
	}
	ids := `,"trace_id":"` + traceID + `","span_id":"` + spanID + `"}`
	child := `,"trace_id":"` + traceID + `","span_id":"` + childID + `"}`
	log("no span", t.Context(), base, `"score":12}`)
	log("span", span, base, `"score":12`+ids)
	log("request", inRequest, base, `"score":12`+ids)
	log("child span", inChild, base, `"score":12`+child)
	log("attrs", span, base.With("a", 1), `"a":1,"score":12`+ids)
	log("group", span, base.With("a", 1).WithGroup("g").With("b", 2), `"a":1,"g":{"b":2,"score":12}`+ids)
	log("groups", inChild, base.WithGroup("g").WithGroup("h"), `"g":{"h":{"score":12}}`+child)
	log("group, no span", t.Context(), base.WithGroup("g"), `"g":{"score":12}}`)
}

// Two loggers made of one must not share what the second adds.
func TestHandlerIsNotShared(t *testing.T) {
	logs := logtest.New(t)
	span := within(t, t.Context(), spanID, 0)
	g := slog.New(otellog.Handler(logs.Pipeline().Handler("x"))).WithGroup("g").With("a", 1)
	one, two := g.With("one", 1), g.With("two", 2)
	one.InfoContext(span, "first")
	two.InfoContext(span, "second")
	if got, want := logs.One("first").Line, `"g":{"a":1,"one":1}`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
	if got, want := logs.One("second").Line, `"g":{"a":1,"two":2}`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
}

func TestHandlerLevel(t *testing.T) {
	h := otellog.Handler(slog.NewTextHandler(new(bytes.Buffer), &slog.HandlerOptions{Level: slog.LevelWarn}))
	if h.Enabled(t.Context(), slog.LevelInfo) || !h.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("Enabled does not answer as the handler below does")
	}
}

// The contract of slog.Handler, of every record with a span in its context.
func TestSlogHandler(t *testing.T) {
	var buf *bytes.Buffer
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		buf = new(bytes.Buffer)
		below := otellog.Handler(slog.NewJSONHandler(buf, nil))
		return always{below, within(t, context.Background(), spanID, 0)}
	}, func(t *testing.T) map[string]any {
		m := make(map[string]any)
		if err := json.Unmarshal(buf.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if got := m["trace_id"]; got != traceID {
			t.Errorf("trace_id at the root = %v, want %q", got, traceID)
		}
		delete(m, "trace_id")
		delete(m, "span_id")
		return m
	})
}

// always handles records with a context of its own.
type always struct {
	slog.Handler
	ctx context.Context
}

func (a always) Handle(_ context.Context, r slog.Record) error { return a.Handler.Handle(a.ctx, r) }
func (a always) WithAttrs(attrs []slog.Attr) slog.Handler {
	return always{a.Handler.WithAttrs(attrs), a.ctx}
}
func (a always) WithGroup(name string) slog.Handler { return always{a.Handler.WithGroup(name), a.ctx} }

func TestNothingAllocatedInRequest(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := otellog.Handler(slog.DiscardHandler)
	ctx, _ := pairlog.NewScope(within(t, t.Context(), spanID, 0), pairlog.ScopeConfig{TraceID: traceID, SpanID: spanID})
	var r slog.Record
	if got := testing.AllocsPerRun(100, func() { h.Handle(ctx, r) }); got != 0 {
		t.Errorf("Handle allocates %v times, want 0", got)
	}
}
