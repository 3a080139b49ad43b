package encode

import (
	"log/slog"
	"reflect"
	"unsafe"
)

// attrsOf returns the attrs of r where they lie, in two parts. They belong to r
// and must not be changed. It reports false when a slog.Record is not built as
// expected; [slog.Record.Attrs] must then be used, which copies each attr to call
// a function with it: a fifth of what a line costs behind a slog.Logger.
func attrsOf(r *slog.Record) (front, back []slog.Attr, ok bool) {
	at := recordAt
	if !at.known {
		return nil, nil, false
	}
	// What makes this safe: the offsets are those that reflect gives for the fields
	// of slog.Record, and locate has compared the types of the fields with the ones
	// that are read here. So each pointer is into *r, aligned, and of the type of
	// what it points to. nFront is checked against the array by the slicing.
	p := unsafe.Pointer(r)
	array := (*[recordFront]slog.Attr)(unsafe.Add(p, at.front))
	return array[:*(*int)(unsafe.Add(p, at.nFront))], *(*[]slog.Attr)(unsafe.Add(p, at.back)), true
}

// recordFront is how many attrs a slog.Record holds by itself
// (log/slog/record.go, nAttrsInline).
const recordFront = 5

// recordLayout is where the attrs of a slog.Record are, in bytes from its start.
type recordLayout struct {
	front, nFront, back uintptr
	known               bool
}

var recordAt = locate(reflect.TypeFor[slog.Record]())

// locate finds the attrs in records of type t. Another version of log/slog may
// keep them in another way, and is then left to its own methods.
func locate(t reflect.Type) recordLayout {
	front, ok1 := t.FieldByName("front")
	n, ok2 := t.FieldByName("nFront")
	back, ok3 := t.FieldByName("back")
	if !ok1 || !ok2 || !ok3 || t.NumField() != 7 ||
		front.Type != reflect.TypeFor[[recordFront]slog.Attr]() || n.Type != reflect.TypeFor[int]() || back.Type != reflect.TypeFor[[]slog.Attr]() {
		return recordLayout{}
	}
	return recordLayout{front: front.Offset, nFront: n.Offset, back: back.Offset, known: true}
}
