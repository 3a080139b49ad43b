package stripecalls

import (
	"context"
	"reflect"
)

var contextType = reflect.TypeFor[context.Context]()

// copyParams returns a copy of a request's parameters, which may be shared by
// several requests, and where its context is. Without one, or for parameters that
// are no pointer to a struct, ctx is nil.
func copyParams[P any](params P) (own P, ctx *context.Context) {
	v := reflect.ValueOf(params)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return params, nil
	}
	field, ok := v.Type().Elem().FieldByName("Context")
	if !ok || field.Type != contextType || !field.IsExported() || !isWithin(v.Type().Elem(), field.Index) {
		return params, nil
	}
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	own, ok = c.Interface().(P)
	if !ok {
		return params, nil
	}
	return own, c.Elem().FieldByIndex(field.Index).Addr().Interface().(*context.Context)
}

// isWithin reports whether a field of a struct is in the struct itself, not in what
// one of its embedded pointers points at: that would be shared by the copy.
func isWithin(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		f := t.Field(i)
		if f.Type.Kind() != reflect.Struct || !f.IsExported() {
			return false
		}
		t = f.Type
	}
	return true
}
