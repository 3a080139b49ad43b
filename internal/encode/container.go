package encode

import (
	"reflect"
	"slices"
	"time"
)

func (l *Line) intIn(v int, in env) { l.int(int64(v), in.class) }

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
	if l.tooDeep(in.depth) || !l.enter(visited(reflect.ValueOf(m))) {
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

// endObject closes an object that may be empty.
func (l *Line) endObject() {
	if n := len(l.buf); l.buf[n-1] == ',' {
		l.buf[n-1] = '}'
		return
	}
	l.buf = append(l.buf, '}')
}
