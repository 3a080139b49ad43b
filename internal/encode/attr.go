package encode

import (
	"log/slog"

	"github.com/pairly/pairlog/redact"
)

// env is the surroundings of an attr.
type env struct {
	// class is what the enclosing keys demand of texts below them.
	class redact.Class
	// root is set outside of all groups, where the record contract has names.
	root bool
	// depth counts the enclosing objects and lists.
	depth int
	// group is the name of the enclosing object, for allow-lists.
	group string
}

// deeper returns the surroundings of what is inside the object named k.
func (in env) deeper(k *key, c redact.Class) env {
	return env{class: c, depth: in.depth + 1, group: k.name}
}

// attr writes one attr into the object lv.
func (l *Line) attr(lv *level, a *slog.Attr, in env) {
	l.keyed(lv, l.e.key(a.Key), a, in)
}

// keyed is attr with the key looked up.
func (l *Line) keyed(lv *level, k *key, a *slog.Attr, in env) {
	kind := a.Value.Kind()
	switch kind {
	case slog.KindGroup:
		l.group(lv, k, a, in)
		return
	case slog.KindLogValuer:
		l.valuer(lv, k, a, in)
		return
	}
	if !k.plain || in.class != redact.ClassKeep || kind == slog.KindAny || kind == slog.KindDuration || l.e.allow {
		l.attrSlow(lv, k, a, in)
		return
	}
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	l.scalar(&a.Value, kind, redact.ClassKeep, false)
	l.buf = append(l.buf, ',')
	l.written(lv, k, at)
}

// scalar writes a value that is neither a group nor anything unknown. ms says
// that the key ends in _ms.
func (l *Line) scalar(v *slog.Value, kind slog.Kind, c redact.Class, ms bool) {
	switch kind {
	case slog.KindString:
		l.text(v.String(), c)
	case slog.KindInt64:
		l.int(v.Int64(), c)
	case slog.KindBool:
		l.bool(v.Bool())
	case slog.KindFloat64:
		if ms {
			l.millis(v.Float64())
			return
		}
		l.float(v.Float64(), c)
	case slog.KindUint64:
		l.uint(v.Uint64(), c)
	case slog.KindDuration:
		l.duration(v.Duration())
	case slog.KindTime:
		l.time(v.Time())
	}
}

// attrSlow is attr for a key with a class, a unit or a place, and for values
// that are not plain.
func (l *Line) attrSlow(lv *level, k *key, a *slog.Attr, in env) {
	kind := a.Value.Kind()
	if kind == slog.KindAny {
		x := a.Value.Any()
		if x == nil && a.Key == "" {
			return
		}
		l.member(lv, k, x, in)
		return
	}
	c := l.classIn(lv, k, in)
	k = l.place(k, in)
	switch {
	case c == redact.ClassSecret:
		l.secret(lv, k)
		return
	case kind == slog.KindDuration:
		k = l.e.inMS(k)
	case c == redact.ClassLength && kind == slog.KindString:
		k = l.e.length(k)
	}
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	if k.allow && c == redact.ClassKeep {
		l.allowedScalar(k, &a.Value, kind)
	} else {
		l.scalar(&a.Value, kind, c, k.ms)
	}
	l.buf = append(l.buf, ',')
	l.written(lv, k, at)
}

// classOf returns what must happen to a value under k in these surroundings:
// the key's own verdict, or what is inherited when it has none.
func (e *Encoder) classOf(k *key, in env) redact.Class {
	if e.allow {
		return e.allowedClass(k, in)
	}
	if in.class != redact.ClassKeep && k.yields {
		return in.class
	}
	return k.class
}

// yields reports whether a key of class c leaves it to the keys around it what must
// happen to its value, where they say anything.
func yields(c redact.Class) bool { return c == redact.ClassKeep || c == redact.ClassHost }

// place takes note of a root key that the contract has a place for, and moves
// the names that the record itself has out of the way.
func (l *Line) place(k *key, in env) *key {
	if !in.root || k.place == 0 {
		return k
	}
	if k.place&(placeReserved|l.taken) != 0 && !l.e.isActive(k) {
		return l.e.free(k)
	}
	l.placed |= k.place
	return k
}

// secret writes the mark under k.
func (l *Line) secret(lv *level, k *key) {
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	l.mark()
	l.buf = append(l.buf, ',')
	l.written(lv, k, at)
}

// mark writes the redactor's mark, and counts it.
func (l *Line) mark() {
	at := len(l.buf)
	l.buf = l.e.red.AppendClass(append(l.buf, '"'), redact.ClassSecret, "")
	l.finishText(at, l.e.lim.String)
}

// group writes a group as an object. One without a name belongs to the object
// that it stands in; one without members vanishes.
func (l *Line) group(lv *level, k *key, a *slog.Attr, in env) {
	attrs := a.Value.Group()
	if len(attrs) == 0 {
		return
	}
	if a.Key == "" {
		for i := range attrs {
			l.attr(lv, &attrs[i], in)
		}
		return
	}
	c := l.classIn(lv, k, in)
	k = l.place(k, in)
	if c == redact.ClassSecret || c.Measures() {
		l.secret(lv, k)
		return
	}
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	if l.tooDeep(in.depth) {
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
		return
	}
	l.buf = append(l.buf, '{')
	sub := level{base: len(l.segs)}
	below := in.deeper(k, c)
	for i := range attrs {
		if l.enough(i, l.e.lim.Keys, len(attrs)) {
			break
		}
		l.attr(&sub, &attrs[i], below)
	}
	l.segs = l.segs[:sub.base]
	if l.buf[len(l.buf)-1] == '{' {
		l.buf = l.buf[:at]
		return
	}
	l.closeObject()
	l.written(lv, k, at)
}

// closed writes a mark in place of an object or a list that is nested too deep, or
// stands under a key that measures: no measure has parts.
func (l *Line) closed(c redact.Class, depth int) bool {
	return (c.Measures() || depth >= l.e.lim.Depth) && l.shut(c, depth)
}

func (l *Line) shut(c redact.Class, depth int) bool {
	if c.Measures() {
		l.mark()
		return true
	}
	return l.tooDeep(depth)
}

// tooDeep writes a mark in place of a value that is nested too deep.
func (l *Line) tooDeep(depth int) bool {
	if depth < l.e.lim.Depth {
		return false
	}
	l.e.truncated.Add(1)
	l.buf = append(l.buf, `"`+Ellipsis+`"`...)
	return true
}

// enough writes a member that says how many are missing when i is past the
// limit, or the line is full.
func (l *Line) enough(i, limit, n int) bool {
	return (i >= limit || len(l.buf) >= l.e.lim.Line) && l.omit(n-i)
}

// omit writes a member that says that n are missing.
func (l *Line) omit(n int) bool {
	l.e.truncated.Add(1)
	l.buf = append(l.buf, `"`+Ellipsis+`":`...)
	l.int(int64(n), redact.ClassKeep)
	l.buf = append(l.buf, ',')
	return true
}

// valuer writes what an attr's LogValuer stands for.
func (l *Line) valuer(lv *level, k *key, a *slog.Attr, in env) {
	x := a.Value.Any()
	if f, ok := x.(*Failure); ok {
		if l.e.allow && l.e.red.HasAllow(in.group) {
			g := slog.Attr{Value: f.LogValue()} // whose keys are not on the list
			l.group(lv, k, &g, in)
			return
		}
		l.failure(lv, f, in)
		return
	}
	if l.classIn(lv, k, in) == redact.ClassSecret {
		l.secret(lv, l.place(k, in))
		return
	}
	v, ok := l.resolve(x.(slog.LogValuer))
	if !ok {
		k = l.place(k, in)
		at := len(l.buf)
		l.buf = append(l.buf, k.block...)
		l.panicked()
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
		return
	}
	b := slog.Attr{Key: a.Key, Value: v}
	if _, active := x.(ActiveID); active && in.root {
		k = l.e.activeKey(k)
	}
	l.keyed(lv, k, &b, in)
}
