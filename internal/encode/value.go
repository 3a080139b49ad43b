package encode

import (
	"log/slog"
	"reflect"
	"strconv"
	"time"
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
		if !foreign(func() { v = x.LogValue() }) {
			return slog.Value{}, false
		}
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

func (l *Line) bool(v bool) { l.buf = strconv.AppendBool(l.buf, v) }

func (l *Line) time(t time.Time) {
	l.buf = l.day.append(l.buf, t)
}

// slogValue writes a value of slog that stands inside another value.
func (l *Line) slogValue(v slog.Value, in env) {
	switch kind := v.Kind(); kind {
	case slog.KindGroup:
		if l.closed(in.class, in.depth) {
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
