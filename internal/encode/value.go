package encode

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"reflect"
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

// member writes x under k. A panic in one of x's methods costs the value.
func (l *Line) member(lv *level, k *key, x any, in env) {
	c := l.e.classOf(k, in)
	k = l.place(k, in)
	at, nsegs, ndeep := len(l.buf), len(l.segs), len(l.ancestry)
	defer func() {
		if recover() == nil {
			return
		}
		l.buf, l.segs, l.ancestry = l.buf[:at], l.segs[:nsegs], l.ancestry[:ndeep]
		l.buf = append(l.buf, k.block...)
		l.panicked()
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
	}()
	if x == nil {
		l.buf = append(l.buf, k.block...)
		l.buf = append(l.buf, "null,"...)
		l.written(lv, k, at)
		return
	}
	if c == redact.ClassSecret {
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
// that x is none of them and nothing was written.
func (l *Line) common(k *key, x any, in env) bool {
	switch x := x.(type) {
	case string:
		l.buf = append(l.buf, k.block...)
		l.text(x, redact.ClassKeep)
	case int:
		l.buf = append(l.buf, k.block...)
		l.int(int64(x), redact.ClassKeep)
	case bool:
		l.buf = append(l.buf, k.block...)
		l.bool(x)
	case []string:
		l.buf = append(l.buf, k.block...)
		l.strings(x, redact.ClassKeep, in.depth)
	default:
		return false
	}
	return true
}

func (l *Line) bool(v bool) { l.buf = strconv.AppendBool(l.buf, v) }

func (l *Line) time(t time.Time) {
	l.buf = append(l.buf, '"')
	l.buf = appendTime(l.buf, t)
	l.buf = append(l.buf, '"')
}

func (l *Line) strings(list []string, c redact.Class, depth int) {
	if list == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if l.tooDeep(depth) {
		return
	}
	l.buf = append(l.buf, '[')
	for i, s := range list {
		if l.enoughItems(i) {
			break
		}
		l.text(s, c)
		l.buf = append(l.buf, ',')
	}
	l.closeList()
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

// bytes writes text as text, and what is none as base64.
func (l *Line) bytes(b []byte, c redact.Class) {
	if b == nil {
		l.buf = append(l.buf, "null"...)
		return
	}
	if utf8.Valid(b) {
		l.text(string(b), c)
		return
	}
	l.text(base64.StdEncoding.EncodeToString(b), c)
}

// rawJSON writes a JSON document that somebody else has made.
func (l *Line) rawJSON(raw []byte, c redact.Class) {
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
	l.scratch = l.e.red.AppendJSON(l.scratch[:0], raw)
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
	if l.e.red.Check(s)&redact.Suspect != 0 && l.e.red.String(s) != s {
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
