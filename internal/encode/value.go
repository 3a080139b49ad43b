package encode

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pairly/pairlog/redact"
)

// panicMark stands for a value that panicked while it was read. What it would
// have printed is unknown, so nothing of it is kept.
const panicMark = "[PANIC]"

// panicked writes the mark of a panic, and counts it.
func (l *Line) panicked() {
	l.e.panics.Add(1)
	l.buf = append(l.buf, `"`+panicMark+`"`...)
}

// resolve follows a LogValuer to a value of another kind. A false result means
// that it panicked or never ends.
func (l *Line) resolve(x slog.LogValuer) (v slog.Value, ok bool) {
	if isNil(x) {
		return slog.AnyValue(nil), true
	}
	defer func() {
		if recover() != nil {
			v, ok = slog.Value{}, false
		}
	}()
	const maxValuers = 100
	for range maxValuers {
		v = x.LogValue()
		if v.Kind() != slog.KindLogValuer {
			return v, true
		}
		next, is := v.Any().(slog.LogValuer)
		if !is || isNil(next) {
			return slog.AnyValue(nil), true
		}
		x = next
	}
	return slog.Value{}, false
}

func isNil(x any) bool {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan:
		return v.IsNil()
	}
	return false
}

// member writes x under k, at the level of a record or a group. A panic in one
// of x's methods costs the value.
func (l *Line) member(lv *level, k *key, x any, in env) {
	at, nsegs, ndeep, nnames := len(l.buf), len(l.segs), len(l.ancestry), len(l.names)
	members, trust := l.members, lv.trust
	defer func() {
		if recover() == nil {
			return
		}
		l.buf, l.segs, l.ancestry, l.names = l.buf[:at], l.segs[:nsegs], l.ancestry[:ndeep], l.names[:nnames]
		l.members, lv.trust = members, trust
		k = l.place(k, in)
		l.buf = append(l.buf, k.block...)
		l.panicked()
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
	}()
	l.memberOfClass(lv, l.place(k, in), x, in, l.e.classOf(k, in))
}

// memberOfClass writes x under k, whose class is c.
func (l *Line) memberOfClass(lv *level, k *key, x any, in env, c redact.Class) {
	at := len(l.buf)
	if x == nil {
		l.buf = append(l.buf, k.block...)
		l.buf = append(l.buf, "null,"...)
		l.written(lv, k, at)
		return
	}
	if c == redact.ClassSecret {
		if v := reflect.ValueOf(x); isNilValue(v) {
			l.reflected(lv, k, v, in, redact.ClassKeep)
			return
		}
		l.secret(lv, k)
		return
	}
	if c == redact.ClassKeep && l.common(k, x, in) {
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
		return
	}
	l.reflected(lv, k, reflect.ValueOf(x), in, c)
}

// common writes the values that are met most without reflection; false means
// that v is none of them and nothing was written.
func (l *Line) common(k *key, v any, in env) bool {
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	in.group = k.name
	switch x := v.(type) {
	case string:
		l.text(x, redact.ClassKeep)
	case int:
		l.int(int64(x), redact.ClassKeep)
	case bool:
		l.bool(x)
	case []string:
		l.texts(x, in)
	case []int:
		listOf(l, x, in, (*Line).intIn)
	case []time.Time:
		listOf(l, x, in, (*Line).timeIn)
	case []any:
		if len(x) == 0 || l.enter(reflect.ValueOf(v)) {
			l.anys(x, in)
			if len(x) > 0 {
				l.leave()
			}
		}
	case map[string]any:
		mapOf(l, x, in)
	case map[string]string:
		mapOf(l, x, in)
	case map[string][]string:
		mapOf(l, x, in)
	default:
		l.buf = l.buf[:at]
		return false
	}
	return true
}

func (l *Line) intIn(v int, in env)       { l.int(int64(v), in.class) }
func (l *Line) timeIn(t time.Time, _ env) { l.time(t) }

// texts writes a list of texts. A flag or the name of a header in it makes the
// text after it a secret: the arguments of a command, raw headers.
func (l *Line) texts(list []string, in env) {
	prev := ""
	listOf(l, list, in, func(l *Line, s string, in env) {
		if l.e.red.Announces(prev) {
			l.mark()
		} else {
			l.text(s, in.class)
		}
		prev = s
	})
}

// anys is texts for a list of anything.
func (l *Line) anys(list []any, in env) {
	prev := ""
	listOf(l, list, in, func(l *Line, x any, in env) {
		switch s, ok := x.(string); {
		case x == nil:
			l.buf = append(l.buf, "null"...)
			prev = ""
		case ok && l.e.red.Announces(prev):
			l.mark()
			prev = ""
		default:
			l.reflect(reflect.ValueOf(x), in)
			prev = s
		}
	})
}

// listOf writes a list of values that write writes.
func listOf[T any](l *Line, list []T, in env, write func(l *Line, v T, in env)) {
	if list == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if l.tooDeep(in.depth) {
		return
	}
	in.depth++
	l.buf = append(l.buf, '[')
	for i := range list {
		if l.enoughItems(i) {
			break
		}
		write(l, list[i], in)
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// mapOf writes a map in the order of its keys.
func mapOf[V any](l *Line, m map[string]V, in env) {
	if m == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if l.tooDeep(in.depth) || !l.enter(reflect.ValueOf(m)) {
		return
	}
	base := len(l.names)
	for name := range m {
		l.names = append(l.names, name)
	}
	names := l.names[base:]
	slices.Sort(names)
	l.buf = append(l.buf, '{')
	sub := level{base: len(l.segs)}
	below := env{class: in.class, depth: in.depth + 1, group: in.group}
	for i, name := range names {
		if l.enough(i, l.e.lim.Keys, len(names)) {
			break
		}
		k := l.e.key(name)
		l.memberOfClass(&sub, k, any(m[name]), below, l.e.classOf(k, below))
	}
	l.segs = l.segs[:sub.base]
	clear(names)
	l.names = l.names[:base]
	l.endObject()
	l.leave()
}

func (l *Line) bool(v bool) { l.buf = strconv.AppendBool(l.buf, v) }

func (l *Line) time(t time.Time) {
	l.buf = append(l.buf, '"')
	l.buf = l.day.append(l.buf, t)
	l.buf = append(l.buf, '"')
}

// closeList closes the list, which may be empty.
func (l *Line) closeList() {
	if n := len(l.buf); l.buf[n-1] == ',' {
		l.buf[n-1] = ']'
		return
	}
	l.buf = append(l.buf, ']')
}

// enoughItems ends a list with a mark when i is past the limit.
func (l *Line) enoughItems(i int) bool {
	if i < l.e.lim.Items && len(l.buf) < l.e.lim.Line {
		return false
	}
	l.e.truncated.Add(1)
	l.buf = append(l.buf, `"`+Ellipsis+`",`...)
	return true
}

// slogValue writes a value of slog that stands inside another value.
func (l *Line) slogValue(v slog.Value, in env) {
	switch kind := v.Kind(); kind {
	case slog.KindGroup:
		if l.tooDeep(in.depth) {
			return
		}
		l.buf = append(l.buf, '{')
		sub := level{base: len(l.segs)}
		attrs := v.Group()
		below := env{class: in.class, depth: in.depth + 1, group: in.group}
		for i := range attrs {
			if l.enough(i, l.e.lim.Keys, len(attrs)) {
				break
			}
			l.attr(&sub, &attrs[i], below)
		}
		l.segs = l.segs[:sub.base]
		l.endObject()
	case slog.KindLogValuer:
		if f, ok := v.Any().(*Failure); ok {
			l.text(errorText(f.Err), in.class)
			return
		}
		r, ok := l.resolve(v.Any().(slog.LogValuer))
		if !ok {
			l.panicked()
			return
		}
		l.slogValue(r, in)
	case slog.KindAny:
		x := v.Any()
		if x == nil {
			l.buf = append(l.buf, "null"...)
			return
		}
		l.reflect(reflect.ValueOf(x), in)
	default:
		l.scalar(&v, kind, in.class, false)
	}
}

// endObject closes an object that may be empty.
func (l *Line) endObject() {
	if n := len(l.buf); l.buf[n-1] == ',' {
		l.buf[n-1] = '}'
		return
	}
	l.buf = append(l.buf, '}')
}

// bytes writes text as text, and what is none as base64. Base64 would hide a
// secret from every reader but the one who decodes it, so bytes with one in them
// are written as text too.
func (l *Line) bytes(b []byte, c redact.Class) {
	if b == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if s := string(b); utf8.Valid(b) || l.e.red.Redacts(s) {
		l.text(s, c)
		return
	}
	l.text(base64.StdEncoding.EncodeToString(b), c)
}

// rawJSON writes a JSON document that somebody else has made. in is its
// surroundings: the class, and the group whose allow-list may apply.
func (l *Line) rawJSON(raw []byte, in env) {
	c := in.class
	if len(raw) == 0 {
		l.buf = append(l.buf, "null"...)
		return
	}
	if c != redact.ClassKeep {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		l.text(s, c)
		return
	}
	if len(raw) > l.e.lim.Line {
		l.e.truncated.Add(1)
		l.buf = append(l.buf, `"`+Ellipsis+`"`...)
		return
	}
	l.scratch = l.e.red.AppendJSONGroup(l.scratch[:0], raw, in.group)
	l.buf = appendTame(l.buf, l.scratch)
}

// appendTame appends JSON with its control characters escaped: a document of
// somebody else's may hold DEL, C1 controls and line separators as they are.
// Outside of strings only white space can occur, which is dropped.
func appendTame(dst, doc []byte) []byte {
	start := 0
	for i := 0; i < len(doc); {
		c := doc[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		if c < 0x20 {
			dst = append(dst, doc[start:i]...)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRune(doc[i:])
		if r > 0x9f && r != 0x2028 && r != 0x2029 && !(r == utf8.RuneError && size == 1) {
			i += size
			continue
		}
		dst = append(dst, doc[start:i]...)
		dst = append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
		i += size
		start = i
	}
	return append(dst, doc[start:]...)
}

// number writes a json.Number, unless it is a card number or no number.
func (l *Line) number(s string, c redact.Class) {
	if s == "" {
		l.buf = append(l.buf, '0') // as encoding/json does
		return
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		l.int(i, c)
		return
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		l.uint(u, c)
		return
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || c != redact.ClassKeep || !json.Valid([]byte(s)) {
		l.text(s, c)
		return
	}
	if mark, is := l.e.red.Float(f); is {
		l.buf = appendQuoted(l.buf, mark)
		return
	}
	if l.e.red.Redacts(s) {
		l.text(s, c)
		return
	}
	l.buf = append(l.buf, s...)
}

// marshaled returns what x says it is in JSON, or false when it fails.
func marshaled(x json.Marshaler) ([]byte, bool) {
	b, err := x.MarshalJSON()
	return b, err == nil
}

// textMarshaled returns x as text, or false when it fails.
func textMarshaled(x encoding.TextMarshaler) (string, bool) {
	b, err := x.MarshalText()
	return string(b), err == nil
}
