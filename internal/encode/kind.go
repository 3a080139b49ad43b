package encode

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/pairly/pairlog/redact"
)

// compileKind decides how values of t are written by their structure.
func (e *Encoder) compileKind(t reflect.Type) *plan {
	p := &plan{at: directOf(t), flat: true}
	switch t.Kind() {
	case reflect.String:
		p.enc = func(l *Line, v reflect.Value, in env) { l.text(v.String(), in.class) }
		p.texty, p.text = true, true
		return p
	case reflect.Bool:
		p.enc = func(l *Line, v reflect.Value, _ env) { l.bool(v.Bool()) }
		return p
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.enc = func(l *Line, v reflect.Value, in env) { l.int(v.Int(), in.class) }
		return p
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.enc = func(l *Line, v reflect.Value, in env) { l.uint(v.Uint(), in.class) }
		return p
	case reflect.Float64:
		p.enc = func(l *Line, v reflect.Value, in env) { l.float(v.Float(), in.class) }
		p.float = true
		return p
	case reflect.Float32:
		p.enc = func(l *Line, v reflect.Value, in env) { l.float32(float32(v.Float()), in.class) }
		p.float = true
		return p
	case reflect.Pointer:
		return e.compilePointer(t)
	case reflect.Map:
		return e.compileMap(t)
	case reflect.Slice, reflect.Array:
		return e.compileList(t)
	case reflect.Struct:
		return e.compileStruct(t)
	}
	// Functions, channels, complex numbers: JSON has nothing for them, and an
	// address would be noise. The type is what can be said.
	name := t.String()
	return &plan{enc: func(l *Line, _ reflect.Value, in env) { l.text(name, in.class) }, texty: true}
}

func (e *Encoder) compilePointer(t reflect.Type) *plan {
	elem := t.Elem()
	to := e.later(elem)
	return &plan{
		to:    to,
		texty: elem.Kind() == reflect.String,
		ms:    elem == durationType,
		enc:   func(l *Line, v reflect.Value, in env) { l.pointee(t, to.plan(l.e), v.UnsafePointer(), in) },
		at: func(l *Line, p unsafe.Pointer, in env) {
			l.pointee(t, to.plan(l.e), *(*unsafe.Pointer)(p), in)
		},
	}
}

// pointee writes what a pointer of type t points to, which plan is for.
func (l *Line) pointee(t reflect.Type, to *plan, p unsafe.Pointer, in env) {
	if p == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if !to.flat && !l.enter(visit{uintptr(p), t}) {
		return
	}
	if to.at != nil {
		to.at(l, p, in)
	} else {
		to.enc(l, reflect.NewAt(t.Elem(), p).Elem(), in)
	}
	if !to.flat {
		l.leave()
	}
}

// visit is a reference that is being followed. The type belongs to it: a struct
// and its first field have one address.
type visit struct {
	at uintptr
	t  reflect.Type
}

// visited is the reference that v is.
func visited(v reflect.Value) visit { return visit{v.Pointer(), v.Type()} }

// enter notes that what is behind p is being written, and writes a mark when
// that is the case already: a cycle.
func (l *Line) enter(p visit) bool {
	for _, q := range l.ancestry {
		if p == q {
			l.e.truncated.Add(1)
			l.buf = append(l.buf, `"`+Ellipsis+`"`...)
			return false
		}
	}
	// A pointer to a pointer to … has no objects in between to count.
	if len(l.ancestry) > 4*l.e.lim.Depth {
		l.tooDeep(l.e.lim.Depth)
		return false
	}
	l.ancestry = append(l.ancestry, p)
	return true
}

func (l *Line) leave() { l.ancestry = l.ancestry[:len(l.ancestry)-1] }

func (e *Encoder) compileList(t reflect.Type) *plan {
	if t.Elem().Kind() == reflect.Uint8 && t.Kind() == reflect.Slice && !speaks(t.Elem()) {
		return &plan{enc: func(l *Line, v reflect.Value, in env) { l.bytes(v.Bytes(), in.class) }, texty: true}
	}
	list := &listPlan{slice: t.Kind() == reflect.Slice, texts: mayBeText(t.Elem()),
		item: e.later(t.Elem()), size: t.Elem().Size()}
	return &plan{
		enc: list.enc,
		at:  func(l *Line, p unsafe.Pointer, in env) { list.enc(l, reflect.NewAt(t, p).Elem(), in) },
	}
}

// listPlan is how slices or arrays of one type are written.
type listPlan struct {
	slice bool
	// texts is set where elements may be texts: one may announce that the next is a
	// secret.
	texts bool
	item  *later
	size  uintptr // of an element, in bytes
}

func (p *listPlan) enc(l *Line, v reflect.Value, in env) {
	if p.slice && v.IsNil() {
		l.buf = append(l.buf, "null"...)
		return
	}
	item, n := p.item.plan(l.e), v.Len()
	// Only what holds references can hold itself.
	follow := p.slice && n > 0 && !item.flat
	if l.closed(in.class, in.depth) || follow && !l.enter(visited(v)) {
		return
	}
	in.depth++
	l.buf = append(l.buf, '[')
	if first := firstOf(v, n); first != nil && item.at != nil && !p.texts {
		p.elements(l, item, first, n, in)
	} else {
		p.items(l, item, v, n, in)
	}
	l.closeList()
	if follow {
		l.leave()
	}
}

// firstOf returns the address of the first of the n elements of v, nil when there
// is none.
func firstOf(v reflect.Value, n int) unsafe.Pointer {
	switch {
	case n == 0:
	case v.Kind() == reflect.Slice:
		return v.UnsafePointer()
	case v.CanAddr():
		return v.Addr().UnsafePointer()
	}
	return nil
}

// elements writes the n elements from first on.
func (p *listPlan) elements(l *Line, item *plan, first unsafe.Pointer, n int, in env) {
	at := item.at
	if item.to != nil {
		if to := item.to.plan(l.e); to.flat && to.at != nil {
			// What they lead to cannot lead back to the list.
			at = func(l *Line, p unsafe.Pointer, in env) {
				if p = *(*unsafe.Pointer)(p); p == nil {
					l.buf = append(l.buf, "null"...)
					return
				}
				to.at(l, p, in)
			}
		}
	}
	for i := range n {
		if l.enoughItems(i) {
			return
		}
		at(l, unsafe.Add(first, uintptr(i)*p.size), in)
		l.buf = append(l.buf, ',')
	}
}

// items writes the n elements of v with reflect.
func (p *listPlan) items(l *Line, item *plan, v reflect.Value, n int, in env) {
	prev := ""
	for i := range n {
		if l.enoughItems(i) {
			return
		}
		if p.texts {
			prev = l.item(item, v.Index(i), in, prev)
		} else {
			item.enc(l, v.Index(i), in)
		}
		l.buf = append(l.buf, ',')
	}
}

// mayBeText reports whether values of t may be written as texts, for all that its
// kind says.
func mayBeText(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String || t.Kind() == reflect.Interface
}

// speaks reports whether values of t say themselves what they are.
func speaks(t reflect.Type) bool {
	for _, m := range methods() {
		if t.Implements(m.iface) || reflect.PointerTo(t).Implements(m.iface) {
			return true
		}
	}
	return false
}

func (e *Encoder) compileMap(t reflect.Type) *plan {
	named := mapKeyName(t.Key())
	return &plan{enc: func(l *Line, v reflect.Value, in env) {
		if v.IsNil() {
			l.buf = append(l.buf, "null"...)
			return
		}
		if l.closed(in.class, in.depth) || !l.enter(visited(v)) {
			return
		}
		l.mapMembers(v, in, named)
		l.leave()
	}}
}

// entry is a map's key and where its value is.
type entry struct {
	name  string
	value reflect.Value
}

// mapMembers writes the members of v in the order of their names.
func (l *Line) mapMembers(v reflect.Value, in env, named func(reflect.Value) string) {
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, entry{named(it.Key()), it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	l.buf = append(l.buf, '{')
	sub := level{base: len(l.segs)}
	below := env{class: in.class, depth: in.depth + 1, group: in.group}
	for i := range entries {
		if l.enough(i, l.e.lim.Keys, len(entries)) {
			break
		}
		k := l.e.key(entries[i].name)
		c := l.e.classOf(k, below)
		if k.pair >= redact.PairValue && l.told(k, len(entries), func(i int) (string, reflect.Value) {
			return entries[i].name, entries[i].value
		}) {
			c = redact.ClassSecret
		}
		l.field(&sub, k, entries[i].value, below, c)
	}
	l.segs = l.segs[:sub.base]
	l.endObject()
}

// field writes a member of a map or a struct, whose class is c.
func (l *Line) field(lv *level, k *key, v reflect.Value, in env, c redact.Class) {
	if c == redact.ClassSecret && !isNilValue(v) {
		l.secret(lv, k)
		return
	}
	l.reflected(lv, k, v, in, c)
}

func isNilValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// mapKeyName returns how a key of type t becomes a name, as in encoding/json:
// text, then TextMarshaler, then numbers; anything else by its type.
func mapKeyName(t reflect.Type) func(reflect.Value) string {
	if t.Kind() == reflect.String {
		return reflect.Value.String
	}
	if t.Implements(textType) {
		return func(v reflect.Value) string {
			if isNilValue(v) {
				return ""
			}
			s, ok := textMarshaled(v.Interface().(encoding.TextMarshaler))
			if !ok {
				return panicMark
			}
			return s
		}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) string { return strconv.FormatInt(v.Int(), 10) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(v reflect.Value) string { return strconv.FormatUint(v.Uint(), 10) }
	}
	return func(v reflect.Value) string { return printed(v.Interface()) }
}
