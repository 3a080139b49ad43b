package encode

import (
	"log/slog"
	"math"
	"reflect"
	"unsafe"
)

// valueWords is a slog.Value as it lies in memory, where probe has found it to be
// so: a text has its length in num and its bytes at data, under a type that only
// texts have; a number or boolean has its bits in num, and its kind at data. A
// third of what such an attr costs is to ask the methods of slog.Value, which look
// at the type twice.
type valueWords struct {
	num       uint64
	typ, data unsafe.Pointer // of an interface
}

// What makes the functions below safe: probe has compared the size of slog.Value
// and the offsets and types of its fields, so that all three words are within v.
// data is a pointer for the collector, in the interface and here alike. It is
// followed only where typ is the very word that probe found for texts or for
// kinds: of one type all interfaces have one form, and for that type it has held
// data against what was put in. Nothing is written through it. Where probe has
// found anything else, typ is never equal, and slog's own methods are used.

// textOf returns the text that v is, and whether it is one.
func textOf(v *slog.Value) (string, bool) {
	if w := (*valueWords)(unsafe.Pointer(v)); valueSize && w.typ == valueTypes.text {
		return unsafe.String((*byte)(w.data), int(w.num)), true
	}
	return "", false
}

// bitsOf returns the bits of a number, a duration or a boolean, and its kind; false
// for other values.
func bitsOf(v *slog.Value) (num uint64, kind slog.Kind, ok bool) {
	if w := (*valueWords)(unsafe.Pointer(v)); valueSize && w.typ == valueTypes.kind {
		return w.num, *(*slog.Kind)(w.data), true
	}
	return 0, 0, false
}

// valueSize is constant, so that nothing is read where there is too little.
const valueSize = unsafe.Sizeof(slog.Value{}) == unsafe.Sizeof(valueWords{})

// valueTypes are the types of values of slog; an address that is none where the
// form of values is not known.
var valueTypes = probe()

type typeWords struct{ text, kind unsafe.Pointer }

func probe() typeWords {
	none := unsafe.Pointer(new(byte))
	unknown := typeWords{none, none}
	if !valueSize || !sameForm(reflect.TypeFor[slog.Value]()) {
		return unknown
	}
	words := func(v slog.Value) valueWords { return *(*valueWords)(unsafe.Pointer(&v)) }
	found := typeWords{words(slog.StringValue("a")).typ, words(slog.IntValue(1)).typ}
	if found.text == nil || found.kind == nil || found.text == found.kind {
		return unknown
	}
	for _, s := range []string{"a", "another text", string([]byte("of its own memory"))} {
		if w := words(slog.StringValue(s)); w.typ != found.text || w.num != uint64(len(s)) || w.data != unsafe.Pointer(unsafe.StringData(s)) {
			return unknown
		}
	}
	// An interface of a pointer is that pointer; one of a number points to it.
	for _, v := range []struct {
		value slog.Value
		kind  slog.Kind
		num   uint64
	}{
		{slog.Int64Value(-2), slog.KindInt64, math.MaxUint64 - 1},
		{slog.Uint64Value(3), slog.KindUint64, 3},
		{slog.BoolValue(true), slog.KindBool, 1},
		{slog.BoolValue(false), slog.KindBool, 0},
		{slog.Float64Value(1.5), slog.KindFloat64, math.Float64bits(1.5)},
		{slog.DurationValue(4), slog.KindDuration, 4},
	} {
		// A word as small as a kind is no address: then this is another form.
		w := words(v.value)
		if w.typ != found.kind || w.num != v.num || uintptr(w.data) < 4096 || *(*slog.Kind)(w.data) != v.kind {
			return unknown
		}
	}
	return found
}

// sameForm reports whether t has the fields of valueWords.
func sameForm(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.Size() != reflect.TypeFor[valueWords]().Size() {
		return false
	}
	num, ok1 := t.FieldByName("num")
	iface, ok2 := t.FieldByName("any")
	return ok1 && ok2 && num.Type.Kind() == reflect.Uint64 && num.Offset == unsafe.Offsetof(valueWords{}.num) &&
		iface.Type == reflect.TypeFor[any]() && iface.Offset == unsafe.Offsetof(valueWords{}.typ)
}
