package encode

import (
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
	"unsafe"

	"github.com/pairly/pairlog/redact"
)

// structField is a member of a struct as it will be written.
type structField struct {
	name      string
	index     []int
	tagged    bool
	omitEmpty bool
	omitZero  bool
	quoted    bool
	secret    bool

	// key is the name's, out the key that is written when nothing is inherited,
	// and plan how; plan is nil for interfaces, whose values decide.
	key, out *key
	plan     *plan
	// at writes a field by its address, which is offset bytes into the struct; nil
	// for one that must be looked at first.
	at     direct
	offset uintptr
	// quick says what is at offset; quickNot where at is to be called.
	quick quickField
	// words and length are the block of out, where it fits; see key.
	words  [keyWords]uint64
	length int
}

// quickField is a kind of field that is written without a call by its plan.
type quickField uint8

const (
	quickNot   quickField = iota
	quickText             // of class keep
	quickClass            // a text of another class
	quickTime
)

// compileStruct plans the members of a struct by the rules of encoding/json:
// names and options from the json tag, embedded structs promoted, the shallowest
// name wins. Unexported fields are never read. A tag log:"-" leaves a field out
// of logs alone and log:"secret" writes the mark.
func (e *Encoder) compileStruct(t reflect.Type) *plan {
	fields := structFields(t)
	webKey := slices.ContainsFunc(fields, func(f structField) bool { return f.name == redact.WebKeyType })
	for i := range fields {
		f := &fields[i]
		f.key = e.key(f.name)
		f.secret = f.secret || f.key.class == redact.ClassSecret || webKey && f.key.pair == redact.PairPrivate
		ft := t.FieldByIndex(f.index).Type
		if f.out = f.key; ft.Kind() == reflect.Interface {
			continue
		}
		f.plan = e.plan(ft)
		switch {
		case f.plan.ms:
			f.out = e.inMS(f.key)
		case f.plan.texty && f.key.class == redact.ClassLength:
			f.out = e.length(f.key)
		}
		f.address(t)
	}
	careful, at := structWriters(t, fields)
	if names, masked := pairFields(fields); names != nil {
		careful, at = pairWriters(t, names, fields, masked)
	}
	if e.allow || !namesApart(e, fields) {
		return &plan{enc: careful}
	}
	pool := holders(t)
	return &plan{
		enc:  func(l *Line, v reflect.Value, in env) { addressed(l, v, in, at, pool) },
		at:   at,
		flat: !slices.ContainsFunc(fields, func(f structField) bool { return f.plan == nil || !f.plan.flat }),
	}
}

// structWriters returns how structs of type t are written: the careful way, and by
// their address. What it returns is compiled with less inlining, and slower, where it is
// itself inlined (-gcflags=-m).
//
//go:noinline
func structWriters(t reflect.Type, fields []structField) (careful func(l *Line, v reflect.Value, in env), at direct) {
	careful = func(l *Line, v reflect.Value, in env) {
		if l.closed(in.class, in.depth) {
			return
		}
		l.buf = append(l.buf, '{')
		l.fields(fields, v, in)
		l.endObject()
	}
	return careful, func(l *Line, p unsafe.Pointer, in env) {
		if in.class != redact.ClassKeep {
			careful(l, reflect.NewAt(t, p).Elem(), in)
			return
		}
		if l.tooDeep(in.depth) {
			return
		}
		l.buf = append(l.buf, '{')
		l.fieldsApart(fields, t, p, in)
		l.endObject()
	}
}

// address finds where in a struct of type t the field is, and decides whether it
// can be written from there without a look at it.
func (f *structField) address(t reflect.Type) {
	if f.secret || f.quoted || f.omitEmpty || f.omitZero || f.plan == nil || f.plan.at == nil {
		return
	}
	for i, x := range f.index {
		if i > 0 && t.Kind() == reflect.Pointer {
			return // embedded by pointer: it is elsewhere, or nowhere
		}
		sf := t.Field(x)
		f.offset += sf.Offset
		t = sf.Type
	}
	f.at = f.plan.at
	if f.plan.float && f.out.ms {
		f.at = directMillis(t)
	}
	if len(f.out.block) > keyWords*8 {
		return
	}
	f.words, f.length = wordsOf(f.out.block), len(f.out.block)
	switch {
	case t == timeType:
		f.quick = quickTime
	case f.plan.text && f.key.class == redact.ClassKeep:
		f.quick = quickText
	case f.plan.text:
		f.quick = quickClass
	}
}

// namesApart reports whether no two fields can be written under one name.
func namesApart(e *Encoder, fields []structField) bool {
	taken := map[string]int{}
	for i := range fields {
		f := &fields[i]
		names := []*key{f.out}
		if f.plan == nil {
			names = append(names, e.inMS(f.key), e.length(f.key))
		}
		for _, k := range names {
			if by, ok := taken[k.out]; ok && by != i {
				return false
			}
			taken[k.out] = i
		}
	}
	return true
}

// fieldsApart writes the members of the struct of type t at p, whose names are
// known to differ.
func (l *Line) fieldsApart(fields []structField, t reflect.Type, p unsafe.Pointer, in env) {
	below := env{depth: in.depth + 1, group: in.group}
	for i := range fields {
		f := &fields[i]
		if f.at == nil {
			if !l.fieldApart(f, reflect.NewAt(t, p).Elem(), below, i, len(fields)) {
				return
			}
			continue
		}
		if l.enough(i, l.e.lim.Keys, len(fields)) {
			return
		}
		l.fieldAt(f, unsafe.Add(p, f.offset), below.depth)
	}
}

// fieldAt writes field f, which is at p.
func (l *Line) fieldAt(f *structField, p unsafe.Pointer, depth int) {
	switch f.quick {
	case quickText:
		l.textMember(&f.words, f.length, *(*string)(p))
		return
	case quickClass:
		l.classMember(&f.words, f.length, *(*string)(p), f.key.class)
		return
	case quickTime:
		at := len(l.buf)
		b := room(l.buf, keyWords*8)
		putWords(b[at:], &f.words)
		l.buf = b[:at+f.length]
		l.time(*(*time.Time)(p))
	default:
		l.buf = append(l.buf, f.out.block...)
		f.at(l, p, env{class: f.key.class, depth: depth, group: f.name})
	}
	l.buf = append(l.buf, ',')
}

// fieldApart writes field i of the n of v with reflect. It reports false when no
// further one is to be written.
func (l *Line) fieldApart(f *structField, v reflect.Value, below env, i, n int) bool {
	fv, ok := f.of(v)
	if !ok {
		return true
	}
	if l.enough(i, l.e.lim.Keys, n) {
		return false
	}
	start := len(l.buf) + len(f.out.block)
	switch {
	case f.secret && !isNilValue(fv):
		l.buf = append(l.buf, f.key.block...)
		l.mark()
	case f.plan == nil:
		l.put(f.key, fv, below, f.key.class)
		return true
	case f.plan.float && f.out.ms:
		l.buf = append(l.buf, f.out.block...)
		l.millis(fv.Float())
	default:
		l.buf = append(l.buf, f.out.block...)
		f.plan.enc(l, fv, env{class: f.key.class, depth: below.depth, group: f.name})
	}
	if f.quoted {
		l.quote(start, fv)
	}
	l.buf = append(l.buf, ',')
	return true
}

// fields writes the members of a struct the careful way.
func (l *Line) fields(fields []structField, v reflect.Value, in env) {
	sub := level{base: len(l.segs)}
	below := env{class: in.class, depth: in.depth + 1, group: in.group}
	for i := range fields {
		f := &fields[i]
		fv, ok := f.of(v)
		if !ok {
			continue
		}
		if l.enough(i, l.e.lim.Keys, len(fields)) {
			break
		}
		if f.secret && !isNilValue(fv) {
			l.secret(&sub, f.key)
			continue
		}
		l.field(&sub, f.key, fv, below, l.e.classOf(f.key, below))
		if f.quoted {
			last := l.segs[len(l.segs)-1]
			l.buf = l.buf[:len(l.buf)-1]
			l.quote(last.at+len(last.key.block), fv)
			l.buf = append(l.buf, ',')
		}
	}
	l.segs = l.segs[:sub.base]
}

// of returns the field of v, and false when it is to be left out.
func (f *structField) of(v reflect.Value) (reflect.Value, bool) {
	if len(f.index) == 1 {
		v = v.Field(f.index[0])
	} else {
		var ok bool
		if v, ok = fieldByIndex(v, f.index); !ok {
			return v, false
		}
	}
	return v, !(f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v))
}

// quote puts quotes around the number or boolean that begins at start and ends
// the buffer, for the option string of the json tag.
func (l *Line) quote(start int, v reflect.Value) {
	if l.buf[start] == '"' || isNilValue(v) {
		return
	}
	l.buf = slices.Insert(l.buf, start, '"')
	l.buf = append(l.buf, '"')
}

// fieldByIndex is reflect.Value.FieldByIndex, but for a nil embedded pointer,
// which has no fields.
func fieldByIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// isEmpty is what omitempty means in encoding/json.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Interface, reflect.Pointer:
		return v.IsZero()
	}
	return false
}

// isZero is what omitzero means in encoding/json: the type's own IsZero first.
func isZero(v reflect.Value) bool {
	if isNilValue(v) {
		return true
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

// structFields returns the members of t in the order of the source.
func structFields(t reflect.Type) []structField {
	type nested struct {
		t     reflect.Type
		index []int
	}
	var all []structField
	visited := map[reflect.Type]bool{}
	for level := []nested{{t: t}}; len(level) > 0; {
		var next []nested
		for _, n := range level {
			if visited[n.t] {
				continue
			}
			visited[n.t] = true
			for i := range n.t.NumField() {
				sf := n.t.Field(i)
				index := append(append([]int(nil), n.index...), i)
				f, embedded, ok := describe(sf, index)
				switch {
				case !ok:
				case embedded != nil:
					next = append(next, nested{embedded, index})
				default:
					all = append(all, f)
				}
			}
		}
		level = next
	}
	return dominant(all)
}

// describe reads the tags of a field. It returns the struct to look into when
// the field is embedded without a name, and false when it is not written.
func describe(sf reflect.StructField, index []int) (f structField, embedded reflect.Type, ok bool) {
	ft := sf.Type
	if ft.Name() == "" && ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	if sf.Anonymous {
		if !sf.IsExported() && (ft.Kind() != reflect.Struct || sf.Type.Kind() == reflect.Pointer) {
			return f, nil, false
		}
	} else if !sf.IsExported() {
		return f, nil, false
	}
	tag, logTag := sf.Tag.Get("json"), sf.Tag.Get("log")
	if tag == "-" || logTag == "-" {
		return f, nil, false
	}
	name, opts, _ := strings.Cut(tag, ",")
	if sf.Anonymous && name == "" && ft.Kind() == reflect.Struct {
		return f, ft, true
	}
	if !sf.IsExported() {
		return f, nil, false
	}
	f = structField{name: name, index: index, tagged: name != "", secret: logTag == "secret"}
	if name == "" {
		f.name = sf.Name
	}
	for opt := range strings.SplitSeq(opts, ",") {
		switch opt {
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = true
		case "string":
			f.quoted = isScalar(ft.Kind())
		}
	}
	return f, nil, true
}

func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 && k != reflect.Invalid
}

// dominant keeps, of the fields with one name, the shallowest; among several of
// those the one with a tag; and none when that does not decide.
func dominant(all []structField) []structField {
	byName := map[string][]structField{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	out := all[:0:0]
	for _, fs := range byName {
		sort.SliceStable(fs, func(i, j int) bool {
			if len(fs[i].index) != len(fs[j].index) {
				return len(fs[i].index) < len(fs[j].index)
			}
			return fs[i].tagged && !fs[j].tagged
		})
		if len(fs) > 1 && len(fs[0].index) == len(fs[1].index) && fs[0].tagged == fs[1].tagged {
			continue
		}
		out = append(out, fs[0])
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].index, out[j].index
		for k := range a {
			if k >= len(b) || a[k] != b[k] {
				return k < len(b) && a[k] < b[k]
			}
		}
		return len(a) < len(b)
	})
	return out
}
