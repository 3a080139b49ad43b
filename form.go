package pairlog

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// A Form is an event with the keys that its lines begin with, for instrumentation
// that writes the same line again and again: what there is to know about the keys
// is looked up once, which makes a line cheaper than one of [Log]. It writes what
// Log would write, to any logger. It is immutable and safe for concurrent use.
type Form struct {
	logger *slog.Logger
	event  string
	keys   []string
	enc    *encode.Form
	// handler is the logger's; nil where it is none of a pipeline.
	handler *Handler
	// direct is set when the line is written as it comes. Otherwise its values are
	// collected for Log: for a foreign handler, a logger with a group, a policy with
	// allow-lists.
	direct bool
}

// NewForm returns the form of event with keys, for lines of logger. Keys of the
// record contract, such as [KeyRequestID], have places of their own and must not
// be among them.
func NewForm(logger *slog.Logger, event string, keys ...string) *Form {
	f := &Form{logger: logger, event: event, keys: slices.Clone(keys)}
	if h, ok := logger.Handler().(*Handler); ok {
		f.handler = h
		f.enc = h.enc.Form(event, f.keys)
		f.direct = f.enc != nil && f.enc.Fits(h.prefix) && !hasBreadcrumbs(event)
	}
	if !f.direct {
		f.enc = encode.Collecting(f.keys)
	}
	return f
}

// A Query is a raw query or form that is written as an object of its parameters,
// within bounds, so that redaction sees each name and each value.
type Query = encode.Query

// Enabled reports whether a line of this level would be written. The flight
// recorder takes none: a form is for the line that tells how things ended.
func (f *Form) Enabled(ctx context.Context, level slog.Level) bool {
	if f.handler != nil {
		return int64(level) >= f.handler.logger.level.Load()
	}
	return f.logger.Enabled(ctx, level)
}

// A FormLine is a line being written, from [Form.Line] to [FormLine.Write]. The
// methods between them write the members, by the index of their keys: in the
// order of the keys, each at most once. It belongs to one goroutine.
type FormLine struct {
	form   *Form
	ctx    context.Context
	level  slog.Level
	line   *encode.Line
	scope  *Scope
	block  *encode.ScopeBlock
	weight uint64
}

// Line begins a line of time at in the scope of ctx. False means that none is to
// be written: the level is off, or the sampler leaves this one out; route is what
// it may go by.
//
// The line is no breadcrumb for lines that follow: it is the last one of its
// scope.
func (f *Form) Line(ctx context.Context, at time.Time, level slog.Level, route string) (w FormLine, ok bool) {
	if !f.Enabled(ctx, level) {
		return w, false
	}
	w = FormLine{form: f, ctx: ctx, level: level, scope: ScopeFrom(ctx)}
	if !f.direct {
		w.line = f.enc.NewLine()
		return w, true
	}
	h, p := f.handler, f.handler.p
	if p.sampler != nil && level < slog.LevelWarn && !h.logger.audit {
		if w.weight, ok = p.sampler.keep(f.event, func() string { return route }); !ok {
			p.counts.sampled.Add(1)
			return w, false
		}
	}
	if p.ownClock {
		at = p.now()
	}
	l := h.enc.NewLine()
	w.line = l
	l.Begin(at, h.logger.head, level)
	if w.scope != nil {
		if w.block = w.scope.begin(l, h.enc); w.block != nil {
			late, _, _ := w.scope.lend()
			l.Lend(late)
		}
	}
	l.Form(f.enc, h.prefix)
	return w, true
}

// Text writes a text.
func (w *FormLine) Text(i int, s string) { w.line.FormText(i, s) }

// Word writes a text that is usually a method or a protocol: these cost less.
func (w *FormLine) Word(i int, s string) { w.line.FormWord(i, s) }

// Int writes a number.
func (w *FormLine) Int(i int, n int64) { w.line.FormInt(i, n) }

// Milliseconds writes a duration in milliseconds with two decimals, under a key
// that ends in _ms.
func (w *FormLine) Milliseconds(i int, d time.Duration) { w.line.FormMillis(i, d) }

// Query writes a query.
func (w *FormLine) Query(i int, q *Query) { w.line.FormQuery(i, q) }

// Value writes any value.
func (w *FormLine) Value(i int, v slog.Value) { w.line.FormValue(i, v) }

// Scoped writes the scope's attr of the member's key, which then is not among the
// scope's attrs at the end of the line; null where there is none.
func (w *FormLine) Scoped(i int) {
	if w.form.direct {
		w.line.FormLate(i)
		return
	}
	v, _ := w.scope.Value(w.form.keys[i])
	w.line.FormValue(i, v)
}

// Attrs writes attrs that are not among the form's keys, behind its members. attrs
// is not kept.
func (w *FormLine) Attrs(attrs ...slog.Attr) { w.line.FormAttrs(attrs) }

// Write is [FormLine.Attrs], and ends the line.
func (w *FormLine) Write(attrs ...slog.Attr) {
	if !w.form.direct {
		w.log(attrs)
		return
	}
	l, h := w.line, w.form.handler
	l.FormAttrs(attrs)
	l.EndAttrs()
	l.Scope(w.block)
	if h.p.source {
		l.Source(callerPC())
	}
	if w.weight > 1 {
		l.SampleWeight(w.weight)
	}
	h.deliver(w.scope, w.level, l, false)
	l.Free()
}

// log is Write for a line whose values were collected. A foreign handler does not
// know the scope: what it has goes along.
func (w *FormLine) log(attrs []slog.Attr) {
	attrs = append(w.line.Collected(), attrs...)
	if w.form.handler == nil {
		if id := w.scope.RequestID(); id != "" {
			attrs = slices.Insert(attrs, 0, slog.String(KeyRequestID, id))
		}
		own := attrs
		for _, a := range w.scope.Attrs() {
			if !slices.ContainsFunc(own, func(b slog.Attr) bool { return a.Key == b.Key }) {
				attrs = append(attrs, a)
			}
		}
	}
	Log(w.ctx, w.form.logger, w.level, w.form.event, attrs...)
}
