package pairlog

import "log/slog"

// A summary is gathered over the life of a scope.
type summary struct {
	key   string
	value slog.LogValuer
}

// Gather returns what the scope gathers under key, such as the count of database
// queries; start makes it at the first call. Unlike the attrs of [Scope.Add] it
// is not on every line: instrumentation writes it once, on the scope's closing
// line, with what [Scope.Gathered] returns. The value must be safe for
// concurrent use. A nil scope gathers nothing and returns nil.
func (s *Scope) Gather(key string, start func() slog.LogValuer) slog.LogValuer {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.summaries {
		if s.summaries[i].key == key {
			return s.summaries[i].value
		}
	}
	v := start()
	s.summaries = append(s.summaries, summary{key, v})
	return v
}

// Gathered appends to attrs what the scope has gathered, in the order in which
// it began.
func (s *Scope) Gathered(attrs []slog.Attr) []slog.Attr {
	if s == nil {
		return attrs
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.summaries {
		attrs = append(attrs, slog.Any(s.summaries[i].key, s.summaries[i].value))
	}
	return attrs
}
