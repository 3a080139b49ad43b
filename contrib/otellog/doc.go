// Package otellog puts the ids of the active OpenTelemetry span on log lines,
// whether the span is sampled or not.
//
// For the lines of requests, give [Trace] to the middleware; the span of an
// instrumentation around it then wins over the traceparent header:
//
//	httplog.Config{Logger: p.Logger("api.request"), Trace: otellog.Trace}
//
// All lines of the request have the ids of that span. The calls of an
// httplog.Transport belong to the active span, and are as sampled as it is, with
// [TraceHeaders] as its Trace. For the ids of the span
// that is active where a line is logged, inside requests and outside of them, wrap
// the handler:
//
//	log := slog.New(otellog.Handler(p.Handler("worker.fraud")))
//	ctx, span := tracer.Start(ctx, "score")
//	log.InfoContext(ctx, "fraud_scored", "score", 12)
//
// which gives
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.fraud","event":"fraud_scored","score":12,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
//
// [NewScope] does the same for a piece of work of its own: a job, a message.
//
// The package only reads ids. It exports nothing to OpenTelemetry and depends on
// its trace API alone.
package otellog
