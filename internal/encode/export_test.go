package encode

import (
	"log/slog"
	"reflect"
)

// IsPlain is isPlain, for its test.
func IsPlain(b []byte) bool { return isPlain(b) }

// AttrsOf is attrsOf, for its test.
func AttrsOf(r *slog.Record) (front, back []slog.Attr, ok bool) { return attrsOf(r) }

// Located reports whether attrs are found in records of type t.
func Located(t reflect.Type) bool { return locate(t).known }

// Columns is columns, for tests of what stands in rows.
func Columns(s string) int { return columns(s) }
