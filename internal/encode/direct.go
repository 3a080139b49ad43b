package encode

import (
	"math"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/pairly/pairlog/redact"
)

// direct writes the value at p. It is what package reflect does for the same
// type, without a reflect.Value for each member on the way: structs and lists of
// plain values are written in half the time.
//
// What makes it safe, here and wherever a direct is called: p points to a live
// value of exactly the type that the direct was compiled for. It comes from a
// reflect.Value of that type (a pointer, the first element of a slice, the copy
// that a [holder] has), and goes on only by offsets and sizes of that type's
// reflect.Type, to fields and elements of the type that reflect names. Whoever
// calls a direct holds the value that p came from, so the collector sees it.
// Nothing is written through p.
type direct func(l *Line, p unsafe.Pointer, in env)

// directOf returns how a value of t, which says nothing of itself, is written
// by its address; nil where reflect has to look at it.
func directOf(t reflect.Type) direct {
	switch t.Kind() {
	case reflect.String:
		return func(l *Line, p unsafe.Pointer, in env) { l.text(*(*string)(p), in.class) }
	case reflect.Bool:
		return func(l *Line, p unsafe.Pointer, _ env) { l.bool(*(*bool)(p)) }
	case reflect.Int:
		return directInt[int]
	case reflect.Int8:
		return directInt[int8]
	case reflect.Int16:
		return directInt[int16]
	case reflect.Int32:
		return directInt[int32]
	case reflect.Int64:
		return directInt[int64]
	case reflect.Uint:
		return directUint[uint]
	case reflect.Uint8:
		return directUint[uint8]
	case reflect.Uint16:
		return directUint[uint16]
	case reflect.Uint32:
		return directUint[uint32]
	case reflect.Uint64:
		return directUint[uint64]
	case reflect.Uintptr:
		return directUint[uintptr]
	case reflect.Float64:
		return func(l *Line, p unsafe.Pointer, in env) { l.float(*(*float64)(p), in.class) }
	case reflect.Float32:
		return func(l *Line, p unsafe.Pointer, in env) { l.float32(*(*float32)(p), in.class) }
	}
	return nil
}

func directInt[T int | int8 | int16 | int32 | int64](l *Line, p unsafe.Pointer, in env) {
	l.int(int64(*(*T)(p)), in.class)
}

func directUint[T uint | uint8 | uint16 | uint32 | uint64 | uintptr](l *Line, p unsafe.Pointer, in env) {
	l.uint(uint64(*(*T)(p)), in.class)
}

// directMillis is for floats of type t under a key that ends in _ms.
func directMillis(t reflect.Type) direct {
	if t.Kind() == reflect.Float32 {
		return func(l *Line, p unsafe.Pointer, _ env) { l.millis(float64(*(*float32)(p))) }
	}
	return func(l *Line, p unsafe.Pointer, _ env) { l.millis(*(*float64)(p)) }
}

func directTime(l *Line, p unsafe.Pointer, _ env) { l.time(*(*time.Time)(p)) }

func directDuration(l *Line, p unsafe.Pointer, _ env) { l.duration(*(*time.Duration)(p)) }

// float32 writes v with as many digits as a float32 has.
func (l *Line) float32(v float32, c redact.Class) {
	f := float64(v)
	if c == redact.ClassCoordinate || math.IsNaN(f) || math.IsInf(f, 0) {
		l.float(f, c)
		return
	}
	if mark, is := l.e.red.Float(f); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	l.buf = appendFloat(l.buf, f, 32)
}

// holder is room for one value of a type: a value in an interface has no address
// that reflect would tell, and is copied to where it has one.
type holder struct {
	v reflect.Value // of kind pointer
	p unsafe.Pointer
}

func holders(t reflect.Type) *sync.Pool {
	return &sync.Pool{New: func() any {
		v := reflect.New(t)
		return &holder{v, v.UnsafePointer()}
	}}
}

// addressed calls d with the address of v, or of a copy of it, which is of the
// type that d and pool were made for.
func addressed(l *Line, v reflect.Value, in env, d direct, pool *sync.Pool) {
	if v.CanAddr() {
		d(l, v.Addr().UnsafePointer(), in)
		return
	}
	h := pool.Get().(*holder)
	h.v.Elem().Set(v)
	d(l, h.p, in)
	h.v.Elem().SetZero() // what was logged must not live on in the pool
	pool.Put(h)
}
