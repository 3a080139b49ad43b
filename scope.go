package pairlog

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/pairly/pairlog/internal/encode"
)

// Scope is the object of one request, socket or job in ctx: its ids, the attrs
// that every line of it carries, and the flight recorder. It is safe for
// concurrent use. A nil Scope is valid and empty.
type Scope struct {
	ids encode.IDs

	mu sync.Mutex
	// attrs are the late attrs, oldest first, one for each key; guarded by mu.
	attrs []slog.Attr
	// room is the first memory of attrs. There is one scope for each request, and
	// most have no more attrs than these: its size is what a request costs.
	room [2]slog.Attr
	// block is what lines copy. It is replaced, never changed; nil when attrs
	// have been added since, or no second line has been written.
	block atomic.Pointer[encode.ScopeBlock]
	// version counts the calls of add, from 1 on, and lined is the version of
	// which a line has been written; both guarded by mu.
	version, lined uint32

	// summaries is the last of those for the closing line, see Gather; stored
	// under mu.
	summaries atomic.Pointer[summary]

	// recorder is nil until there is a line for it; guarded by mu.
	recorder *recorder
	failed   bool // guarded by mu
	crumbs   crumbs
}

// ScopeConfig describes a [Scope]. Every field may be empty.
type ScopeConfig struct {
	// RequestID, TraceID and SpanID are written on every line of the scope. An
	// empty one is inherited from the scope that ctx has already.
	RequestID, TraceID, SpanID string
	// Attrs are on every line of the scope, as if given to [Scope.Add]. They are
	// copied.
	Attrs []slog.Attr
}

type scopeKey struct{}

// scopeContext is a context that is a scope, to save an allocation.
type scopeContext struct {
	context.Context
	scope Scope
}

// Value answers for the scope itself and asks the parent for everything else.
func (c *scopeContext) Value(k any) any {
	if _, ok := k.(scopeKey); ok {
		return &c.scope
	}
	return c.Context.Value(k)
}

// NewScope returns a context with a new scope in it, and the scope. Lines logged
// with the context, or one derived from it, carry its ids and attrs.
func NewScope(ctx context.Context, c ScopeConfig) (context.Context, *Scope) {
	sc := &scopeContext{Context: ctx}
	s := &sc.scope
	s.ids = encode.IDs{RequestID: c.RequestID, TraceID: c.TraceID, SpanID: c.SpanID}
	if c.RequestID == "" || c.TraceID == "" || c.SpanID == "" {
		if outer := ScopeFrom(ctx); outer != nil {
			s.ids = inherit(s.ids, outer.ids)
		}
	}
	s.attrs = s.room[:0]
	s.add(c.Attrs)
	return sc, s
}

func inherit(ids, outer encode.IDs) encode.IDs {
	if ids.RequestID == "" {
		ids.RequestID = outer.RequestID
	}
	if ids.TraceID == "" {
		ids.TraceID = outer.TraceID
	}
	if ids.SpanID == "" {
		ids.SpanID = outer.SpanID
	}
	return ids
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
// attr of a call wins over the scope's. Without a scope Add does nothing. It may
// be called from any goroutine; attrs is not kept.
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
	for _, a := range attrs {
		if i := s.index(a.Key); i >= 0 && a.Key != "" {
			s.attrs = append(s.attrs[:i], s.attrs[i+1:]...)
		}
		s.attrs = append(s.attrs, a)
	}
	s.version++
	s.block.Store(nil)
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
	return s.ids.RequestID
}

// TraceID returns the W3C trace id, "" when there is none.
func (s *Scope) TraceID() string {
	if s == nil {
		return ""
	}
	return s.ids.TraceID
}

// SpanID returns the W3C span id, "" when there is none.
func (s *Scope) SpanID() string {
	if s == nil {
		return ""
	}
	return s.ids.SpanID
}

// blocks are for lines that are the only ones between two Adds.
var blocks = sync.Pool{New: func() any { return new(encode.ScopeBlock) }}

// encoded returns what the scope adds to a line of e. The first line after an Add
// gets a block for itself, to be given back to blocks: most scopes write one line
// only. From the second on there is one for all lines until the next Add.
func (s *Scope) encoded(e *encode.Encoder) (b *encode.ScopeBlock, giveBack bool) {
	if b := s.block.Load(); b != nil && b.For(e) {
		return b, false
	}
	// Encoding calls methods of values, which may well come back to this scope:
	// it is done on a copy, without the lock.
	var room [12]slog.Attr
	s.mu.Lock()
	attrs, version := append(room[:0], s.attrs...), s.version
	first := s.lined != version
	s.lined = version
	s.mu.Unlock()
	if first {
		b = blocks.Get().(*encode.ScopeBlock)
		*b = encode.ScopeBlock{}
		e.ScopeBlock(b, s.ids, attrs)
		return b, true
	}
	b = new(encode.ScopeBlock)
	e.ScopeBlock(b, s.ids, attrs)
	s.mu.Lock()
	if s.version == version {
		s.block.Store(b)
	}
	s.mu.Unlock()
	return b, false
}
