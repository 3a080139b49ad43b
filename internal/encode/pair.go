package encode

import (
	"bytes"
	"log/slog"
	"reflect"
	"slices"
	"unsafe"

	"github.com/pairly/pairlog/redact"
)

// A pair is an object in which one member names what stands in another, as in
// {"name": "password", "value": "x"}. Which keys can be of one, and which names
// are those of secrets, is for redact to say, which does the same for JSON: in an
// object that has an order, the name comes before the value; one that has none, a
// map, and a struct are searched for it.

// classIn returns what must happen to the next member of lv, whose key is k: it is
// a secret too where a member before it says so.
func (l *Line) classIn(lv *level, k *key, in env) redact.Class {
	if k.pair == redact.PairValue && l.named(lv) {
		return redact.ClassSecret
	}
	return l.e.classOf(k, in)
}

// named reports whether a member of lv names a secret. It is asked for only by
// values that may belong to one.
func (l *Line) named(lv *level) bool {
	if lv.trust {
		for i, k := range l.shape.out[:l.members] {
			if k.pair == redact.PairName && l.missing&(1<<i) == 0 && l.memberNames(k, l.buf[l.at[i]:]) {
				return true
			}
		}
	}
	if l.namedIn(l.segs[lv.base:]) {
		return true
	}
	return lv.brought && l.namedIn(l.brought())
}

func (l *Line) namedIn(members []seg) bool {
	for _, s := range members {
		if s.key.pair == redact.PairName && l.memberNames(s.key, l.buf[s.at:]) {
			return true
		}
	}
	return false
}

// rootNames reports whether a member of the root names a secret. It reads the line
// as it stands: the call's attrs have ended, and some have found another place.
func (l *Line) rootNames() bool {
	l.scratch = append(l.scratch[:0], l.buf...)
	l.scratch[len(l.scratch)-1] = '}'
	named := false
	scanMembers(l.scratch, func(key string, v []byte) {
		named = named || redact.PairKeyOf(key) == redact.PairName && l.textNames(l.e.key(key), v)
	})
	return named
}

// memberNames reports whether the member with which b begins, written under k, names a
// secret.
func (l *Line) memberNames(k *key, b []byte) bool {
	return l.textNames(k, b[len(k.block):])
}

// textNames reports whether the value with which b begins, if it is a text, names a
// secret under k.
func (l *Line) textNames(k *key, b []byte) bool {
	text := textAt(b)
	return text != nil && k.class == redact.ClassKeep && l.e.red.Names(k.name, string(text))
}

// textAt returns the text with which b begins, as it is written, up to a quote in
// it; nil where there is none.
func textAt(b []byte) []byte {
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	return b[1 : 1+max(0, bytes.IndexByte(b[1:], '"'))]
}

// valueNames reports whether v, which is not written yet, is a text that names a
// secret under k.
func (l *Line) valueNames(k *key, v reflect.Value) bool {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if k.class != redact.ClassKeep || !v.IsValid() {
		return false // a nil interface too
	}
	if x, ok := v.Interface().(slog.LogValuer); ok {
		r, ok := l.resolve(x)
		return ok && r.Kind() == slog.KindString && l.e.red.Names(k.name, r.String())
	}
	p := l.e.plan(v.Type())
	switch {
	case p.text:
		return l.e.red.Names(k.name, v.String())
	case !p.texty:
		return false
	}
	at := len(l.buf)
	p.enc(l, v, env{})
	named := l.textNames(k, l.buf[at:])
	l.buf = l.buf[:at]
	return named
}

// told reports whether one of the n members of a map says that what is under k is a
// secret: it names one, or k is a part of a web key.
func (l *Line) told(k *key, n int, member func(i int) (string, reflect.Value)) bool {
	for i := range n {
		name, v := member(i)
		switch k.pair {
		case redact.PairValue:
			if redact.PairKeyOf(name) == redact.PairName && l.valueNames(l.e.key(name), v) {
				return true
			}
		case redact.PairPrivate:
			if name == redact.WebKeyType {
				return true
			}
		}
	}
	return false
}

// pairFields returns the fields that may name a secret, and all fields as they are
// written when one does; nil for a struct that is no pair.
func pairFields(fields []structField) (names, masked []structField) {
	part := func(p redact.PairKey) func(structField) bool {
		return func(f structField) bool { return f.key.pair == p && !f.secret }
	}
	if !slices.ContainsFunc(fields, part(redact.PairName)) || !slices.ContainsFunc(fields, part(redact.PairValue)) {
		return nil, nil
	}
	masked = slices.Clone(fields)
	for i := range masked {
		f := &masked[i]
		switch f.key.pair {
		case redact.PairName:
			names = append(names, *f)
		case redact.PairValue:
			f.secret, f.at, f.quick = true, nil, quickNot
		}
	}
	return names, masked
}

// pairWriters is structWriters for a struct that may be a pair.
func pairWriters(t reflect.Type, names, fields, masked []structField) (careful func(l *Line, v reflect.Value, in env), at direct) {
	plain, plainAt := structWriters(t, fields)
	hiding, hidingAt := structWriters(t, masked)
	careful = func(l *Line, v reflect.Value, in env) {
		if l.structNames(names, v) {
			hiding(l, v, in)
			return
		}
		plain(l, v, in)
	}
	return careful, func(l *Line, p unsafe.Pointer, in env) {
		// p is of type t: see direct.
		if l.structNames(names, reflect.NewAt(t, p).Elem()) {
			hidingAt(l, p, in)
			return
		}
		plainAt(l, p, in)
	}
}

// structNames reports whether one of the fields of v names a secret.
func (l *Line) structNames(names []structField, v reflect.Value) bool {
	for i := range names {
		f := &names[i]
		if fv, ok := f.of(v); ok && !f.secret && l.valueNames(f.key, fv) {
			return true
		}
	}
	return false
}
