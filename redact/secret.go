package redact

import (
	"fmt"
	"log/slog"
)

// Secret holds a value that must not be printed. Every way of turning it into
// text gives [Mark]: all verbs of fmt, encoding/json, encoding.TextMarshaler,
// and log/slog. Only [Secret.Reveal] gives the value back.
//
//	type Config struct{ Password redact.Secret[string] }
//	fmt.Printf("%+v", cfg) // {Password:[REDACTED]}
type Secret[T any] struct{ v T }

// NewSecret wraps v.
func NewSecret[T any](v T) Secret[T] { return Secret[T]{v: v} }

// Reveal returns the value. Search for its callers when you audit.
func (s Secret[T]) Reveal() T { return s.v }

// IsSecret marks the type for encoders: anything with this method is Mark.
func (Secret[T]) IsSecret() {}

// String returns [Mark].
func (Secret[T]) String() string { return Mark }

// GoString returns [Mark], for %#v.
func (Secret[T]) GoString() string { return Mark }

// Format writes [Mark] for every verb, %x and %d too.
func (Secret[T]) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "%q", Mark)
		return
	}
	_, _ = f.Write([]byte(Mark))
}

// MarshalJSON returns [Mark] as a JSON string.
func (Secret[T]) MarshalJSON() ([]byte, error) { return []byte(`"` + Mark + `"`), nil }

// MarshalText returns [Mark].
func (Secret[T]) MarshalText() ([]byte, error) { return []byte(Mark), nil }

// LogValue returns [Mark] as a string value.
func (Secret[T]) LogValue() slog.Value { return slog.StringValue(Mark) }

// UnmarshalText takes the text as the value when T is string or []byte, so
// that a configuration can be read straight into a Secret.
func (s *Secret[T]) UnmarshalText(b []byte) error {
	switch p := any(&s.v).(type) {
	case *string:
		*p = string(b)
	case *[]byte:
		*p = append((*p)[:0:0], b...)
	default:
		return fmt.Errorf("redact: read a secret of type %T from text: want string or []byte", s.v)
	}
	return nil
}
