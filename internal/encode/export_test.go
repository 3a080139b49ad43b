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

// TextOf is textOf, and BitsOf bitsOf, for their test.
func TextOf(v slog.Value) (string, bool) { return textOf(&v) }

// BitsOf is described at TextOf.
func BitsOf(v slog.Value) (num uint64, kind slog.Kind, ok bool) { return bitsOf(&v) }

// SameForm is sameForm, for its test.
func SameForm(t reflect.Type) bool { return sameForm(t) }

// AppendEscaped is appendEscaped, for its test.
func AppendEscaped(dst []byte, s string) []byte { return appendEscaped(dst, s) }
