package otellog

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/pairly/pairlog"
)

// Trace returns the ids of the active span in lower-case hexadecimal, 32 and 16
// digits, or two empty strings where there is no span. A span that is not sampled
// has ids like any other.
func Trace(ctx context.Context) (traceID, spanID string) {
	sc := spanContext(ctx)
	if !sc.HasTraceID() {
		return "", ""
	}
	traceID = sc.TraceID().String()
	if sc.HasSpanID() {
		spanID = sc.SpanID().String()
	}
	return traceID, spanID
}

// TraceHeaders returns the active span as traceparent and tracestate headers (W3C
// Trace Context), or two empty strings where there is no span: for httplog.Transport,
// whose calls then belong to that span and are as sampled as it is. A client that
// propagates by OpenTelemetry itself has its headers already, and keeps them.
func TraceHeaders(ctx context.Context) (traceparent, tracestate string) {
	sc := spanContext(ctx)
	if !sc.IsValid() {
		return "", ""
	}
	flags := sc.TraceFlags() & trace.FlagsSampled
	return "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-" + flags.String(), sc.TraceState().String()
}

// NewScope is [pairlog.NewScope] with the ids of the active span where c has
// none: for work that no middleware makes a scope for, such as a job or a message
// of a queue.
func NewScope(ctx context.Context, c pairlog.ScopeConfig) (context.Context, *pairlog.Scope) {
	if c.TraceID == "" && c.SpanID == "" {
		c.TraceID, c.SpanID = Trace(ctx)
	}
	return pairlog.NewScope(ctx, c)
}

// spanContext returns the active span's, or an empty one.
func spanContext(ctx context.Context) trace.SpanContext {
	if ctx == nil {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(ctx)
}
