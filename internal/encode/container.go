package encode

import (
	"reflect"
	"slices"
	"time"

	"github.com/pairly/pairlog/redact"
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
		s, ok := x.(string)
		switch {
		case ok && l.e.red.Announced(prev, s):
			l.mark()
		case ok:
			l.text(s, in.class)
		case x == nil:
			l.buf = append(l.buf, "null"...)
		default:
			s = l.item(l.e.plan(reflect.TypeOf(x)), reflect.ValueOf(x), in, prev)
		}
		prev = s
		l.buf = append(l.buf, ',')
	}
	l.closeList()
}

// item writes an element of a list by the plan of its type. prev is the text before
// it, which may announce that it is a secret; the result is its own, or "".
func (l *Line) item(p *plan, v reflect.Value, in env, prev string) string {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
		p = l.e.plan(v.Type())
	}
	if p.to != nil && !v.IsNil() {
		if to := p.to.plan(l.e); to.text {
			p, v = to, v.Elem()
		}
	}
	if p.text {
		s := v.String()
		if l.e.red.Announced(prev, s) {
			l.mark() // the value of a flag or header
		} else {
			l.text(s, in.class)
		}
		return s
	}
	at := len(l.buf)
	p.enc(l, v, in)
	text := textAt(l.buf[at:])
	if len(text) == 0 {
		return ""
	}
	s := string(text)
	if l.e.red.Announced(prev, s) {
		l.buf = l.buf[:at]
		l.mark()
	}
	return s
}

// openList begins a list. It reports false when that is all: the list is nil, or
// nested too deep.
func (l *Line) openList(none bool, in env) bool {
	if none {
		l.buf = append(l.buf, "null"...)
		return false
	}
	if l.closed(in.class, in.depth) {
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
	if l.closed(in.class, in.depth) || !l.enter(visited(reflect.ValueOf(m))) {
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
		c := l.e.classOf(k, below)
		if k.pair >= redact.PairValue && l.told(k, len(names), func(i int) (string, reflect.Value) {
			return names[i], reflect.ValueOf(any(m[names[i]]))
		}) {
			c = redact.ClassSecret
		}
		l.memberOfClass(&sub, k, any(m[name]), below, c)
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
