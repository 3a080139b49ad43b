package encode

import (
	"reflect"
	"slices"
	"time"
)

// texts writes a list of texts. A flag or the name of a header in it makes the
// text after it a secret: the arguments of a command, raw headers.
func (l *Line) texts(list []string, in env) {
	if !l.openList(list == nil, in) {
		return
	}
	for i, s := range list {
		if l.enoughItems(i) {
			break
		}
		if i > 0 && l.e.red.Announced(list[i-1], s) {
			l.mark()
		} else {
			l.text(s, in.class)
		}
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// ints writes a list of numbers.
func (l *Line) ints(list []int, in env) {
	if !l.openList(list == nil, in) {
		return
	}
	for i, v := range list {
		if l.enoughItems(i) {
			break
		}
		l.int(int64(v), in.class)
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// times writes a list of times.
func (l *Line) times(list []time.Time, in env) {
	if !l.openList(list == nil, in) {
		return
	}
	for i := range list {
		if l.enoughItems(i) {
			break
		}
		l.time(list[i])
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// anys is texts for a list of anything.
func (l *Line) anys(list []any, in env) {
	if !l.openList(list == nil, in) {
		return
	}
	in.depth++
	prev := ""
	for i, x := range list {
		if l.enoughItems(i) {
			break
		}
		switch s, ok := x.(string); {
		case x == nil:
			l.buf = append(l.buf, "null"...)
			prev = ""
		case ok && l.e.red.Announced(prev, s):
			l.mark()
			prev = ""
		default:
			l.reflect(reflect.ValueOf(x), in)
			prev = s
		}
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// openList begins a list. It reports false when that is all: the list is nil, or
// nested too deep.
func (l *Line) openList(none bool, in env) bool {
	if none {
		l.buf = append(l.buf, "null"...)
		return false
	}
	if l.tooDeep(in.depth) {
		return false
	}
	l.buf = append(l.buf, '[')
	return true
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
	return (i >= l.e.lim.Items || len(l.buf) >= l.e.lim.Line) && l.omitItems()
}

func (l *Line) omitItems() bool {
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
