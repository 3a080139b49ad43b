package otellog

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"github.com/pairly/pairlog"
)

// Handler returns a handler that adds trace_id and span_id of the active span to
// each record of h. They stay at the root of the line when a group is open, and
// they win over those of the request's scope. Without a span, and where the scope
// has the same ids, records pass as they are.
//
// The handler is as safe for concurrent use as h is. Records with a span in an
// open group cost more than others: the group is opened anew for each.
func Handler(h slog.Handler) slog.Handler { return &handler{root: h, open: h} }

type handler struct {
	root slog.Handler // where no group is open
	open slog.Handler // root with all steps done
	// steps lead from root to open: the first opens a group. Empty while no
	// group is open.
	steps []step
}

var _ slog.Handler = (*handler)(nil)

// A step is a call of WithGroup, or of WithAttrs where group is empty.
type step struct {
	group string
	attrs []slog.Attr
}

// Enabled implements [slog.Handler].
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.open.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	sc := spanContext(ctx)
	if !sc.HasTraceID() || inScope(ctx, sc) {
		return h.open.Handle(ctx, r)
	}
	ids := make([]slog.Attr, 1, 2)
	ids[0] = slog.Any(pairlog.KeyTraceID, pairlog.ActiveID(sc.TraceID().String()))
	if sc.HasSpanID() {
		ids = append(ids, slog.Any(pairlog.KeySpanID, pairlog.ActiveID(sc.SpanID().String())))
	}
	if len(h.steps) == 0 {
		r = r.Clone()
		r.AddAttrs(ids...)
		return h.open.Handle(ctx, r)
	}
	to := h.root.WithAttrs(ids)
	for _, s := range h.steps {
		if s.group != "" {
			to = to.WithGroup(s.group)
		} else {
			to = to.WithAttrs(s.attrs)
		}
	}
	return to.Handle(ctx, r)
}

// inScope reports whether the scope in ctx has the ids of the span, so that they
// are on the line without our doing. It allocates nothing.
func inScope(ctx context.Context, sc trace.SpanContext) bool {
	scope := pairlog.ScopeFrom(ctx)
	if scope == nil {
		return false
	}
	var buf [32]byte
	traceID, spanID := sc.TraceID(), sc.SpanID()
	hex.Encode(buf[:], traceID[:])
	if scope.TraceID() != string(buf[:]) {
		return false
	}
	hex.Encode(buf[:16], spanID[:])
	return scope.SpanID() == string(buf[:16])
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	open := h.open.WithAttrs(attrs)
	if len(h.steps) == 0 {
		return &handler{root: open, open: open}
	}
	return &handler{h.root, open, append(slices.Clip(h.steps), step{attrs: attrs})}
}

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.root, h.open.WithGroup(name), append(slices.Clip(h.steps), step{group: name})}
}
