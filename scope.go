package pairlog

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pairly/pairlog/internal/encode"
)

// Scope is the object of one request, socket or job in ctx: its ids, the attrs
// that every line of it carries, and the flight recorder. It is safe for
// concurrent use and must not be copied. A nil Scope is valid and empty.
type Scope struct {
	requestID string
	trace     *traceIDs // nil where there are none, as in most services

	mu sync.Mutex
	// attrs are the late attrs, oldest first, one for each key; guarded by mu.
	// While shared is set, lines that are being written read them: then they are
	// appended to, and replaced, but not changed in place.
	attrs  []slog.Attr
	shared bool // guarded by mu
	failed bool // guarded by mu; see Fail
	// varies is set once there has been an attr whose value may not be the same
	// each time that it is read; guarded by mu.
	varies bool
	// lined is set when a line has been written since the last call of add, and
	// version counts those calls; both guarded by mu.
	lined   bool
	version uint32
	// room is the first memory of attrs. There is one scope for each request, and
	// most have no more attrs than this: its size is what a request costs.
	room [1]slog.Attr

	// past is nil until the scope has had a line, or has gathered something; stored
	// under mu.
	past atomic.Pointer[past]
}

// past is what is kept of the lines of a scope, for those to come. Many scopes,
// such as those of requests that go well, have one line at their end and none
// before.
type past struct {
	// block is what lines copy. It is replaced, never changed; nil when attrs
	// have been added since, or no second line has been written.
	block atomic.Pointer[encode.ScopeBlock]
	// summaries is the last of those for the closing line, see Gather; stored
	// under the scope's mu.
	summaries atomic.Pointer[summary]
	// firstSummaries is the memory of the first ones: a request usually asks a
	// database and a cache.
	firstSummaries [2]summary
	// recorder is nil until there is a line for it, and crumbs are the events; both
	// guarded by the scope's mu.
	recorder *recorder
	crumbs   crumbs
}

// traceIDs are the W3C ids of a scope.
type traceIDs struct{ trace, span string }

// ids returns the ids of the scope.
func (s *Scope) ids() encode.IDs {
	if t := s.trace; t != nil {
		return encode.IDs{RequestID: s.requestID, TraceID: t.trace, SpanID: t.span}
	}
	return encode.IDs{RequestID: s.requestID}
}

// begun returns the past of the scope, which it makes at the first call. s.mu is
// held.
func (s *Scope) begun() *past {
	p := s.past.Load()
	if p == nil {
		p = new(past)
		s.past.Store(p)
	}
	return p
}

// ScopeConfig describes a [Scope]. Every field may be empty.
type ScopeConfig struct {
	// RequestID, TraceID and SpanID are written on every line of the scope; an attr
	// of that name gets an underscore there. An empty one is inherited from the scope
	// that ctx has already.
	RequestID, TraceID, SpanID string
	// Attrs are on every line of the scope, as if given to [Scope.Add]. They are
	// copied.
	Attrs []slog.Attr
}

// An ActiveID is the value of an attr trace_id or span_id that wins over the scope's:
// the id of the span that is active where a line is logged. It is for handlers that
// bring the ids of a tracer along, as contrib/otellog does, and a text to a handler of
// anybody else's.
type ActiveID = encode.ActiveID

type scopeKey struct{}

// scopeContext is a context that is a scope, to save an allocation.
type scopeContext struct {
	context.Context
	scope Scope
}

// Value answers for the scope itself and asks the parent for everything else.
func (c *scopeContext) Value(k any) any {
	if IsScopeKey(k) {
		return &c.scope
	}
	return c.Context.Value(k)
}

// IsScopeKey reports whether k is the key that a context is asked for its scope
// with. It is for instrumentation that has an object of its own for each request:
// one that holds a [Scope] and is a context may answer with the scope's address.
func IsScopeKey(k any) bool {
	_, ok := k.(scopeKey)
	return ok
}

// Open makes s, which is fresh, the scope that c describes, for a child of ctx.
// [NewScope] does it for a scope of its own.
func (s *Scope) Open(ctx context.Context, c ScopeConfig) {
	s.requestID = c.RequestID
	if c.TraceID != "" || c.SpanID != "" {
		s.trace = &traceIDs{c.TraceID, c.SpanID}
	}
	if c.RequestID == "" || c.TraceID == "" || c.SpanID == "" {
		if outer := ScopeFrom(ctx); outer != nil {
			s.inherit(outer)
		}
	}
	s.attrs = s.room[:0]
	if len(c.Attrs) > 0 {
		s.add(c.Attrs)
	}
}

// NewScope returns a context with a new scope in it, and the scope. Lines logged
// with the context, or one derived from it, carry its ids and attrs.
func NewScope(ctx context.Context, c ScopeConfig) (context.Context, *Scope) {
	sc := &scopeContext{Context: ctx}
	sc.scope.Open(ctx, c)
	return sc, &sc.scope
}

// inherit takes over the ids of outer that the scope has none of its own for.
func (s *Scope) inherit(outer *Scope) {
	if s.requestID == "" {
		s.requestID = outer.requestID
	}
	switch t := outer.trace; {
	case t == nil:
	case s.trace == nil:
		s.trace = t
	case s.trace.trace == "":
		s.trace.trace = t.trace
	case s.trace.span == "":
		s.trace.span = t.span
	}
}

// ScopeFrom returns the innermost scope in ctx, or nil. It is one look-up.
func ScopeFrom(ctx context.Context) *Scope {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(scopeKey{}).(*Scope)
	return s
}

// Add adds attrs to the scope in ctx: they are on the request line and on every
// later line of the request. Of several with one key the last one wins, and an
// attr of a call wins over the scope's. The ids of [ScopeConfig] are neither's to
// change: an attr request_id is written as request_id_ where the scope has that id,
// and is the id of its lines where it has none. Without a scope Add does nothing.
// It may be called from any goroutine; attrs is not kept.
func Add(ctx context.Context, attrs ...slog.Attr) { ScopeFrom(ctx).Add(attrs...) }

// Add is the function [Add] for a scope at hand.
func (s *Scope) Add(attrs ...slog.Attr) {
	if s == nil || len(attrs) == 0 {
		return
	}
	s.mu.Lock()
	s.add(attrs)
	s.mu.Unlock()
}

// add is Add with s.mu held.
func (s *Scope) add(attrs []slog.Attr) {
	for i := range attrs {
		a := &attrs[i]
		if at := s.index(a.Key); at >= 0 && a.Key != "" {
			s.remove(at)
		}
		if len(s.attrs) == cap(s.attrs) {
			s.attrs = slices.Grow(s.attrs, 3)
		}
		s.attrs = append(s.attrs, *a)
		switch a.Value.Kind() {
		case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
			s.varies = s.varies || !encode.IsConstant(a.Value)
		}
	}
	s.version++
	s.lined = false
	if p := s.past.Load(); p != nil && p.block.Load() != nil {
		p.block.Store(nil)
	}
}

// remove takes the attr at i out. s.mu is held.
func (s *Scope) remove(i int) {
	if s.shared {
		s.attrs = append(make([]slog.Attr, 0, len(s.attrs)), s.attrs...)
		s.shared = false
	}
	s.attrs = append(s.attrs[:i], s.attrs[i+1:]...)
}

func (s *Scope) index(key string) int {
	for i := range s.attrs {
		if s.attrs[i].Key == key {
			return i
		}
	}
	return -1
}

// Value returns the attr named key that was added last, and whether there is one.
func (s *Scope) Value(key string) (slog.Value, bool) {
	if s == nil {
		return slog.Value{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.index(key); i >= 0 {
		return s.attrs[i].Value, true
	}
	return slog.Value{}, false
}

// Attrs returns a copy of the scope's attrs in the order in which they were
// added, the last one of each key.
func (s *Scope) Attrs() []slog.Attr {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]slog.Attr(nil), s.attrs...)
}

// RequestID returns the request's id, "" when there is none.
func (s *Scope) RequestID() string {
	if s == nil {
		return ""
	}
	return s.requestID
}

// TraceID returns the W3C trace id, "" when there is none.
func (s *Scope) TraceID() string {
	if s == nil || s.trace == nil {
		return ""
	}
	return s.trace.trace
}

// SpanID returns the W3C span id, "" when there is none.
func (s *Scope) SpanID() string {
	if s == nil || s.trace == nil {
		return ""
	}
	return s.trace.span
}

// begin writes the request id of a line of e, and returns the block with what else
// the scope adds to it, for the end of the line. The line that is the only one
// between two Adds, as that of most scopes is, takes the attrs as they are and
// gets no block; from the second one on there is one for all lines until the next
// Add.
func (s *Scope) begin(l *encode.Line, e *encode.Encoder) *encode.ScopeBlock {
	if p := s.past.Load(); p != nil {
		if b := p.block.Load(); b != nil && b.For(e) {
			l.RequestID(b)
			return b
		}
	}
	attrs, version, first := s.lend()
	if first && l.Late(s.ids(), attrs) {
		return nil
	}
	b := new(encode.ScopeBlock)
	e.ScopeBlock(b, s.ids(), attrs)
	s.mu.Lock()
	if s.version == version {
		s.begun().block.Store(b)
	}
	s.mu.Unlock()
	l.RequestID(b)
	return b
}

// lend returns the attrs for a line, which reads them without the lock: encoding
// calls methods of values, which may well come back to this scope. first is set
// for the first line since the last Add.
func (s *Scope) lend() (attrs []slog.Attr, version uint32, first bool) {
	s.mu.Lock()
	attrs, version, first = s.attrs, s.version, !s.lined
	s.lined, s.shared = true, true
	s.mu.Unlock()
	return attrs, version, first
}
