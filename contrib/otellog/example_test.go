package otellog_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/otellog"
	"github.com/pairly/pairlog/httplog"
)

func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    os.Stdout,
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

// start stands for tracer.Start of an OpenTelemetry SDK.
func start(ctx context.Context) context.Context {
	traceID, _ := trace.TraceIDFromHex("4bf92f3577b34da6a3ce929d0e0e4736")
	spanID, _ := trace.SpanIDFromHex("00f067aa0ba902b7")
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}))
}

func ExampleHandler() {
	p := example()
	log := slog.New(otellog.Handler(p.Handler("worker.fraud")))

	ctx := start(context.Background())
	log.InfoContext(ctx, "fraud_scored", "score", 12)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.fraud","event":"fraud_scored","score":12,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
}

func ExampleTrace() {
	p := example()
	middleware := httplog.Middleware(httplog.Config{
		Logger: p.Logger("api.request"),
		Trace:  otellog.Trace,
		Skip:   func(httplog.Outcome) bool { return true }, // for the example: one line is enough
	})
	log := p.Logger("service.ping")
	ping := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "pinged")
	})

	r := httptest.NewRequest("GET", "/ping", nil)
	r.Header.Set("X-Request-ID", "550e8400-e29b-41d4-a716-446655440000")
	middleware(ping).ServeHTTP(httptest.NewRecorder(), r.WithContext(start(r.Context())))
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"service.ping","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"pinged","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
}

func ExampleNewScope() {
	p := example()
	log := p.Logger("worker.fraud")

	ctx, _ := otellog.NewScope(start(context.Background()), pairlog.ScopeConfig{
		Attrs: []slog.Attr{slog.String("job_id", "j1")},
	})
	log.InfoContext(ctx, "fraud_scored", "score", 12)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.fraud","event":"fraud_scored","score":12,"job_id":"j1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
}
