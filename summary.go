package pairlog

import (
	"log/slog"
	"slices"
)

// A summary is gathered over the life of a scope. It does not change, so that
// it is found without a lock.
type summary struct {
	key    string
	value  slog.LogValuer
	before *summary // the one that began before it
}

// gathered returns what is gathered under key, or nil.
func (s *Scope) gathered(key string) slog.LogValuer {
	for g := s.lastSummary(); g != nil; g = g.before {
		if g.key == key {
			return g.value
		}
	}
	return nil
}

// lastSummary returns the summary that began last, or nil.
func (s *Scope) lastSummary() *summary {
	if p := s.past.Load(); p != nil {
		return p.summaries.Load()
	}
	return nil
}

// Gather returns what the scope gathers under key, such as the count of database
// queries; start makes it at the first call. Unlike the attrs of [Scope.Add] it
// is not on every line: instrumentation writes it once, on the scope's closing
// line, with what [Scope.Gathered] returns. The value must be safe for
// concurrent use. A nil scope gathers nothing and returns nil.
//
// A value that is a [Summary] costs less on the line of a request.
func (s *Scope) Gather(key string, start func() slog.LogValuer) slog.LogValuer {
	if s == nil {
		return nil
	}
	if v := s.gathered(key); v != nil {
		return v
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.gathered(key); v != nil {
		return v
	}
	v := start()
	p := s.begun()
	g := p.freshSummary()
	*g = summary{key, v, p.summaries.Load()}
	p.summaries.Store(g)
	return v
}

// freshSummary returns the memory for one more summary. The scope's mu is held.
func (p *past) freshSummary() *summary {
	for i := range p.firstSummaries {
		if g := &p.firstSummaries[i]; g.value == nil {
			return g
		}
	}
	return new(summary)
}

// Gathered appends to attrs what the scope has gathered, in the order in which
// it began. [FormLine.Gathered] writes it.
func (s *Scope) Gathered(attrs []slog.Attr) []slog.Attr {
	if s == nil {
		return attrs
	}
	g := s.lastSummary()
	if g == nil {
		return attrs
	}
	at := len(attrs)
	for ; g != nil; g = g.before {
		attrs = append(attrs, slog.Any(g.key, g.value))
	}
	slices.Reverse(attrs[at:])
	return attrs
}

// A Renewer is gathered in a scope, and counts something for each piece of work
// in it, such as how often a statement is sent. See [Scope.Renew].
type Renewer interface {
	// Renew begins the next piece of work. It may be called from any goroutine.
	Renew()
}

// Renew says that a scope that lives long begins its next piece of work: the next
// message of a socket, the next batch of a job. What is gathered for the closing
// line goes on; what is counted for each piece, so that a query in a loop is found,
// starts anew. It may be called from any goroutine; on a nil scope it does nothing.
func (s *Scope) Renew() {
	if s == nil {
		return
	}
	for g := s.lastSummary(); g != nil; g = g.before {
		if r, ok := g.value.(Renewer); ok {
			r.Renew()
		}
	}
}
