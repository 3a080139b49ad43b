package encode

import (
	"reflect"
	"time"

	"github.com/pairly/pairlog/redact"
)

// member writes x under k, at the level of a record or a group. A panic in one
// of x's methods costs the value.
func (l *Line) member(lv *level, k *key, x any, in env) {
	switch x.(type) {
	case string, int, bool, []string, []int, []time.Time: // without methods that could
		c := l.e.classOf(k, in)
		if k.pair == redact.PairValue {
			c = l.classIn(lv, k, in)
		}
		l.memberOfClass(lv, l.place(k, in), x, in, c)
	default:
		l.guarded(lv, k, x, in)
	}
}

// guarded is member for values that may have methods.
func (l *Line) guarded(lv *level, k *key, x any, in env) {
	at, nsegs, ndeep, nnames := len(l.buf), len(l.segs), len(l.ancestry), len(l.names)
	members, trust := l.members, lv.trust
	defer func() {
		if recover() == nil {
			return
		}
		l.buf, l.ancestry, l.names = l.buf[:at], l.ancestry[:ndeep], l.names[:nnames]
		if lv.trust == trust {
			l.members, l.segs = members, l.segs[:nsegs]
		}
		for n := len(l.segs); n > lv.base && l.segs[n-1].at >= at; n-- {
			l.segs = l.segs[:n-1]
		}
		k = l.place(k, in)
		l.buf = append(l.buf, k.block...)
		l.panicked()
		l.buf = append(l.buf, ',')
		l.written(lv, k, at)
	}()
	c := l.e.classOf(k, in)
	if k.pair == redact.PairValue {
		c = l.classIn(lv, k, in)
	}
	l.memberOfClass(lv, l.place(k, in), x, in, c)
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
	if c == redact.ClassKeep && !k.allow && l.common(k, x, in) {
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
		l.ints(x, in)
	case []time.Time:
		l.times(x, in)
	case []any:
		if len(x) == 0 || l.enter(visited(reflect.ValueOf(v))) {
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
