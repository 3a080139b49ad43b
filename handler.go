package pairlog

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// Handler is the slog.Handler of a pipeline for one logger name. It is immutable
// and safe for concurrent use; [Pipeline.Handler] makes it.
type Handler struct {
	p      *Pipeline
	logger *named
	enc    *encode.Encoder
	// prefix is what WithAttrs and WithGroup have collected, already encoded.
	prefix *encode.Prefix
}

var _ slog.Handler = (*Handler)(nil)

// Enabled reports whether a record of this level would be written, or kept by
// the flight recorder of the scope in ctx.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return int64(level) >= h.logger.level.Load() || level >= h.p.recordFrom && ScopeFrom(ctx) != nil
}

// Handle writes the record: scope, sample, encode with redaction, queue. The
// error is always nil; what is lost is counted in [Stats].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	t := r.Time
	if h.p.ownClock && !t.IsZero() {
		t = h.p.now()
	}
	h.emit(ScopeFrom(ctx), t, r.Level, r.Message, r.PC, nil, &r)
	return nil
}

// WithAttrs returns a handler whose records all carry attrs. They are encoded
// and redacted here, once.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	prefix := h.enc.With(h.prefix, attrs)
	if prefix == h.prefix {
		return h
	}
	c := *h
	c.prefix = prefix
	return &c
}

// WithGroup returns a handler that puts the attrs that follow into an object.
// The scope's attrs stay at the root.
func (h *Handler) WithGroup(name string) slog.Handler {
	prefix := h.enc.Group(h.prefix, name)
	if prefix == h.prefix {
		return h
	}
	c := *h
	c.prefix = prefix
	return &c
}

// Log writes an event with attrs to logger: the fast way, which our own
// instrumentation uses. It is logger.LogAttrs but for the cost: a logger of a
// pipeline is reached without the detour over slog.Record, and the caller's
// place is looked up only when [Config].Source is set. attrs is not kept. A nil
// logger drops the event.
func Log(ctx context.Context, logger *slog.Logger, level slog.Level, event string, attrs ...slog.Attr) {
	if logger == nil {
		return
	}
	h, ok := logger.Handler().(*Handler)
	if !ok {
		logForeign(ctx, logger.Handler(), level, event, attrs)
		return
	}
	below := int64(level) < h.logger.level.Load()
	if below && level < h.p.recordFrom {
		return
	}
	sc := ScopeFrom(ctx)
	if below && sc == nil {
		return
	}
	var pc uintptr
	if h.p.source {
		pc = callerPC()
	}
	h.emit(sc, h.p.now(), level, event, pc, attrs, nil)
}

// callerPC returns the place that called Log.
func callerPC() uintptr {
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	return pcs[0]
}

// logForeign is Log for a handler that is not ours. The attrs are copied, since
// such a handler may keep what it is given; so Log's own stay on the stack.
func logForeign(ctx context.Context, h slog.Handler, level slog.Level, event string, attrs []slog.Attr) {
	if ctx == nil {
		ctx = context.Background()
	}
	if h == nil { // of a slog.Logger that slog.New has not made
		return
	}
	if !h.Enabled(ctx, level) {
		return
	}
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	r := slog.NewRecord(time.Now(), level, event, encode.Caller(pcs[0]))
	r.AddAttrs(append([]slog.Attr(nil), attrs...)...)
	_ = h.Handle(ctx, r)
}

// emit is the path of a record through the stages, in the scope sc or in none. The
// attrs are in attrs or in rec.
func (h *Handler) emit(sc *Scope, t time.Time, level slog.Level, msg string, pc uintptr, attrs []slog.Attr, rec *slog.Record) {
	p := h.p
	recorded := int64(level) < h.logger.level.Load()
	if recorded && (sc == nil || level < p.recordFrom) {
		return
	}
	var weight uint64
	if p.sampler != nil && level < slog.LevelWarn && !h.logger.audit {
		var keep bool
		weight, keep = p.sampler.keep(msg, func() string { return routeOf(attrs, rec, sc) })
		if !keep {
			p.counts.sampled.Add(1)
			return
		}
	}
	if recorded && !hasBreadcrumbs(msg) && sc.hold(h, t, level, msg, pc, weight, attrs, rec) {
		return
	}
	l := h.enc.NewLine()
	l.Begin(t, h.logger.head, level)
	var block *encode.ScopeBlock
	if sc != nil {
		block = sc.begin(l, h.enc)
	}
	l.Message(msg)
	l.Prefix(h.prefix)
	l.Attrs(attrs)
	if rec != nil {
		l.Record(rec)
	}
	l.EndAttrs()
	if sc != nil {
		sc.step(l, block, t, level, h.logger)
	}
	l.Scope(block)
	h.end(l, pc, weight)
	h.deliver(sc, level, l, recorded)
	l.Free()
}

// end writes what stands behind the scope's attrs.
func (h *Handler) end(l *encode.Line, pc uintptr, weight uint64) {
	if h.p.source {
		l.Source(pc)
	}
	if weight > 1 {
		l.SampleWeight(weight)
	}
}

// deliver puts the finished line where it belongs.
func (h *Handler) deliver(sc *Scope, level slog.Level, l *encode.Line, recorded bool) {
	if recorded {
		l.Recorded()
		if line := l.End(); !sc.record(h.p, level, line) {
			h.p.append(level, line)
		}
		return
	}
	if level >= slog.LevelError && sc != nil {
		sc.Fail()
	}
	h.p.append(level, l.End())
}
