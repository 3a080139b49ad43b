package encode

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog/redact"
)

// plan is how values of one type are written: decided once for the type.
type plan struct {
	t   reflect.Type
	enc func(l *Line, v reflect.Value, in env)
	// at is enc for a value by its address; nil where reflect must look at it.
	at direct
	// to is what pointers of this type lead to.
	to *later
	// flat is set when a value leads to no other one by reference, so that it
	// cannot hold itself.
	flat bool
	// texty is set when the value is a text, so that under content it is the
	// length that is written, with a name that says so.
	texty bool
	// text is set when the value is a text by its kind, and nothing more.
	text bool
	// ms is set for durations, whose key gets the unit.
	ms bool
	// float is set for numbers that take two decimals under a key in _ms.
	float bool
}

// plan returns the plan of t.
func (e *Encoder) plan(t reflect.Type) *plan {
	if p, ok := e.plans.Load(t); ok {
		return p.(*plan)
	}
	p := e.compile(t)
	p.t = t
	got, _ := e.plans.LoadOrStore(t, p)
	return got.(*plan)
}

// planUnder is plan for a value under k: those of one key are mostly of the type
// of the first one.
func (e *Encoder) planUnder(k *key, t reflect.Type) *plan {
	if p := k.plan.Load(); p != nil && p.t == t {
		return p
	}
	p := e.plan(t)
	if k.plan.Load() == nil { // else the types vary, and stores would be in each other's way
		k.plan.Store(p)
	}
	return p
}

// reflect writes v, which is valid, by the plan of its type.
func (l *Line) reflect(v reflect.Value, in env) {
	l.e.plan(v.Type()).enc(l, v, in)
}

// later is the plan of a type that another one is made of. It is looked up when
// first needed: types may be made of themselves.
type later struct {
	t reflect.Type
	p atomic.Pointer[plan]
}

func (e *Encoder) later(t reflect.Type) *later { return &later{t: t} }

func (r *later) plan(e *Encoder) *plan {
	if p := r.p.Load(); p != nil {
		return p
	}
	p := e.plan(r.t)
	r.p.Store(p)
	return p
}

// reflected writes the member k with value v and class c. in is where the member
// stands.
func (l *Line) reflected(lv *level, k *key, v reflect.Value, in env, c redact.Class) {
	at := len(l.buf)
	l.written(lv, l.put(k, v, in, c), at)
}

// put is reflected without entering the member. It returns the key that was
// written: k, or one derived from it.
func (l *Line) put(k *key, v reflect.Value, in env, c redact.Class) *key {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	p := l.e.planUnder(k, v.Type())
	switch {
	case p.ms:
		k = l.e.inMS(k)
	case p.texty && c == redact.ClassLength:
		k = l.e.length(k)
	}
	l.buf = append(l.buf, k.block...)
	// A value does not count as a level; what it opens does.
	below := env{class: c, depth: in.depth, group: k.name}
	switch {
	case p.float && k.ms:
		l.millis(v.Float())
	case k.allow && c == redact.ClassKeep:
		l.allowed(p, v, below)
	default:
		p.enc(l, v, below)
	}
	l.buf = append(l.buf, ',')
	return k
}

var (
	timeType      = reflect.TypeFor[time.Time]()
	durationType  = reflect.TypeFor[time.Duration]()
	numberType    = reflect.TypeFor[json.Number]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	urlType       = reflect.TypeFor[url.URL]()
	slogValueType = reflect.TypeFor[slog.Value]()
	slogAttrType  = reflect.TypeFor[slog.Attr]()
	secretType    = reflect.TypeFor[interface{ IsSecret() }]()
	valuerType    = reflect.TypeFor[slog.LogValuer]()
	errorType     = reflect.TypeFor[error]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
	textType      = reflect.TypeFor[encoding.TextMarshaler]()
	stringerType  = reflect.TypeFor[fmt.Stringer]()
)

// compile decides how values of t are written. A type's own word goes before its
// structure: a secret, a LogValuer, an error, a Marshaler, a TextMarshaler, and
// a Stringer where the structure has nothing to show.
func (e *Encoder) compile(t reflect.Type) *plan {
	switch t {
	case timeType:
		return &plan{enc: encTime, at: directTime, flat: true}
	case durationType:
		return &plan{enc: encDuration, at: directDuration, flat: true, ms: true}
	case numberType:
		return &plan{enc: func(l *Line, v reflect.Value, in env) { l.number(v.String(), in.class) }}
	case rawType:
		return &plan{enc: func(l *Line, v reflect.Value, in env) { l.rawJSON(v.Bytes(), in) }, texty: true}
	case slogValueType, slogAttrType:
		return &plan{enc: encSlog}
	}
	if t.Kind() == reflect.Interface {
		return &plan{enc: encInterface}
	}
	for _, m := range methods() {
		if t.Implements(m.iface) && m.applies(t) {
			return &plan{enc: receive(m.enc), texty: m.texty}
		}
		if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(m.iface) && m.applies(t) {
			return &plan{enc: receive(throughCopy(m.enc)), texty: m.texty}
		}
	}
	return e.compileKind(t)
}

// method is a way in which a type speaks for itself.
type method struct {
	iface reflect.Type
	enc   func(l *Line, x any, in env)
	texty bool
	// stringer limits it to types whose structure shows nothing.
	stringer bool
}

// methods are the ways in which a type may speak, in order of precedence.
func methods() []method {
	return []method{
		{iface: secretType, enc: func(l *Line, _ any, _ env) { l.mark() }},
		{iface: valuerType, enc: encValuer},
		{iface: errorType, enc: func(l *Line, x any, in env) { l.spoken(x.(error).Error, in) }, texty: true},
		{iface: marshalerType, enc: encMarshaler, texty: true},
		{iface: textType, enc: encText, texty: true},
		{iface: stringerType, enc: func(l *Line, x any, in env) { l.spoken(x.(fmt.Stringer).String, in) }, texty: true, stringer: true},
	}
}

func (m *method) applies(t reflect.Type) bool {
	if !m.stringer {
		return true
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == urlType {
		return true
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() || f.Anonymous {
				return false
			}
		}
		return true
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.Interface:
		return false
	}
	return true
}

// receive calls enc with the value, or writes null for a nil one.
func receive(enc func(l *Line, x any, in env)) func(l *Line, v reflect.Value, in env) {
	return func(l *Line, v reflect.Value, in env) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func:
			if v.IsNil() {
				l.buf = append(l.buf, "null"...)
				return
			}
		}
		if in.depth > l.e.lim.Depth {
			l.tooDeep(in.depth)
			return
		}
		enc(l, v.Interface(), in)
	}
}

// throughCopy calls enc with a pointer to a copy, for methods that only the
// pointer has.
func throughCopy(enc func(l *Line, x any, in env)) func(l *Line, x any, in env) {
	return func(l *Line, x any, in env) {
		v := reflect.ValueOf(x)
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		enc(l, p.Interface(), in)
	}
}

func encTime(l *Line, v reflect.Value, _ env) {
	t, _ := reflect.TypeAssert[time.Time](v)
	l.time(t)
}

func encDuration(l *Line, v reflect.Value, _ env) { l.duration(time.Duration(v.Int())) }

func encSlog(l *Line, v reflect.Value, in env) {
	if a, ok := v.Interface().(slog.Attr); ok {
		l.slogValue(slog.GroupValue(a), in)
		return
	}
	l.slogValue(v.Interface().(slog.Value), in)
}

func encInterface(l *Line, v reflect.Value, in env) {
	if v.IsNil() {
		l.buf = append(l.buf, "null"...)
		return
	}
	l.reflect(v.Elem(), in)
}

func encValuer(l *Line, x any, in env) {
	r, ok := l.resolve(x.(slog.LogValuer))
	if !ok {
		l.panicked()
		return
	}
	in.depth++ // a LogValuer may return itself, in a group
	l.slogValue(r, in)
}

func encMarshaler(l *Line, x any, in env) {
	if b, ok := marshaled(x.(json.Marshaler)); ok {
		l.rawJSON(b, in)
		return
	}
	l.panicked()
}

func encText(l *Line, x any, in env) {
	if s, ok := textMarshaled(x.(encoding.TextMarshaler)); ok {
		l.text(s, in.class)
		return
	}
	l.panicked()
}
