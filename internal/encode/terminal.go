package encode

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// layOut writes the event and the fields of the record in rows of a terminal. The
// rows after the first begin in the column of the event.
func (r *rows) layOut(rec *consoleRecord, eventStyle string, width int) {
	request := rec.request()
	l := layout{rows: r, indent: min(r.col, eventColumn, width*2/5), width: width, whole: rec.serious(request)}
	fields := rec.fields[:0]
	for _, f := range rec.fields {
		switch {
		case !f.says():
		case f.key == "request_id":
			l.id = idEnd(tame(f.String()))
		case request == nil:
			fields = append(fields, f)
		case leads(f.key):
		case f.technical() && !l.whole:
			l.left++
		default:
			fields = append(fields, f)
		}
	}
	what := tame(rec.what)
	if n := columns(what); l.col+n > l.end() && l.indent+n <= l.width && l.col > l.indent {
		l.wrap()
	}
	l.flow(eventStyle, what)
	if request != nil {
		l.request(request)
	} else if len(fields) > 0 {
		for r.col < l.indent+shownEventWidth {
			r.space()
		}
	}
	for i := range fields {
		l.field(&fields[i])
	}
	l.endRow()
}

// eventColumn is where the event stands behind a logger whose name is not longer
// than its column.
const eventColumn = len("10:30:45.123 ") + levelWidth + 1 + loggerWidth + 1

// shownEventWidth is the width of the event's column on a terminal.
const shownEventWidth = 16

// layout places words in rows.
type layout struct {
	*rows
	indent int // column where the rows after the first begin
	width  int // of the terminal
	// whole keeps everything: it may say why something failed.
	whole bool
	// id is the end of the request's id and left how many fields are left out; they
	// stand at the right edge of the first row.
	id    string
	left  int
	first bool // the first row is written
}

// end is the column where the row has to end.
func (l *layout) end() int {
	if l.first {
		return l.width
	}
	return l.width - l.edge()
}

// edge is how many columns the right edge of the first row takes.
func (l *layout) edge() int {
	n := 0
	if l.id != "" {
		n += 1 + columns(l.id)
	}
	if l.left > 0 {
		n += 1 + len("+") + len(strconv.Itoa(l.left))
	}
	return n
}

// endRow writes the right edge of the first row.
func (l *layout) endRow() {
	if l.first {
		return
	}
	l.first = true
	n := l.edge()
	if n == 0 {
		l.dst = bytes.TrimRight(l.dst, " ")
		return
	}
	for l.col < l.width-n {
		l.space()
	}
	if l.left > 0 {
		l.space()
		l.text(dim, "+"+strconv.Itoa(l.left))
	}
	if l.id != "" {
		l.space()
		l.text(idStyle(l.id), l.id)
	}
}

// wrap begins a row.
func (l *layout) wrap() {
	l.endRow()
	l.dst = append(l.dst, '\n')
	for l.col = 0; l.col < l.indent; {
		l.space()
	}
}

// part makes room for n columns: a space, or a new row.
func (l *layout) part(n int) {
	switch {
	case l.col == l.indent:
	case l.col+1+n > l.end():
		l.wrap()
	default:
		l.space()
	}
}

// word writes a short text.
func (l *layout) word(style, s string) {
	l.part(columns(s))
	l.flow(style, s)
}

// request writes the words that lead a request's line.
func (l *layout) request(q *request) {
	l.word(statusStyle(q.status), tame(q.status))
	l.word("", tame(q.method))
	l.word(bold, cut(shortPath(tame(q.path)), l.width-l.indent))
	l.word("", tame(q.took)+"ms")
}

// statusStyle is the colour of an HTTP status.
func statusStyle(status string) string {
	switch status[:1] {
	case "5", "0":
		return failure
	case "4":
		return yellow
	case "3":
		return cyan
	}
	return green
}

// field writes key=value.
func (l *layout) field(f *consoleField) {
	key, value := tame(f.key)+"=", f.String()
	if isText(f.value) {
		value = shortID(value)
	}
	value = tame(value)
	room := max(l.width-l.indent-columns(key), 8)
	if !l.whole && !f.wrong() {
		value = cut(value, room)
	}
	l.part(columns(key) + columns(value[:fitting(value, room)]))
	l.flow(f.style(), key)
	l.flow("", value)
}

// flow writes s over as many rows as it needs, parted at spaces where that is
// possible.
func (l *layout) flow(style, s string) {
	for {
		n := fitting(s, l.end()-l.col)
		if n == len(s) {
			l.text(style, s)
			return
		}
		rest := n
		if i := strings.LastIndexByte(s[:n], ' '); i > 0 {
			n, rest = i, i+1
		}
		l.text(style, s[:n])
		l.wrap()
		s = s[rest:]
	}
}

// cut returns the beginning of s that needs at most n columns.
func cut(s string, n int) string {
	if fitting(s, n) == len(s) {
		return s
	}
	return s[:fitting(s, n-1)] + "…"
}

// fitting returns how many bytes of s need at most n columns.
func fitting(s string, n int) int {
	for i, r := range s {
		if n -= runeColumns(r); n < 0 {
			return i
		}
	}
	return len(s)
}

// columns returns how many columns of a terminal s needs.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

// runeColumns returns how many columns a terminal gives to r: two to the
// characters of East Asia and to emoji, none to marks on others, by the blocks of
// Unicode's EastAsianWidth.txt.
func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// idLength is how many characters are shown of an id: the last ones, since many
// kinds of id begin with the time.
const idLength = 6

// idEnd returns the end of a request's id.
func idEnd(id string) string {
	for n := utf8.RuneCountInString(id); n > idLength; n-- {
		_, size := utf8.DecodeRuneInString(id)
		id = id[size:]
	}
	return id
}

// shortID returns the end of an id (a UUID, or 24 hexadecimal digits and more; 12,
// when they follow a name and an underscore), and every other text as it is.
func shortID(s string) string {
	digits, least := s, 24
	if i := strings.LastIndexByte(s, '_'); i >= 0 {
		digits, least = s[i+1:], 12
	}
	if len(digits) == 36 && strings.Count(digits, "-") == 4 {
		digits = strings.ReplaceAll(digits, "-", "")
	}
	if len(digits) < least || strings.Trim(digits, "0123456789abcdef") != "" {
		return s
	}
	return "…" + s[len(s)-idLength:]
}

// shortPath shortens the ids in a path.
func shortPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = shortID(p)
	}
	return strings.Join(parts, "/")
}

// idStyle is the colour of an id: always the same, so that the lines of a request
// are seen to belong together.
func idStyle(id string) string {
	sum := uint(0)
	for _, c := range []byte(id) {
		sum = sum*31 + uint(c)
	}
	return idStyles[sum%uint(len(idStyles))]
}

// idStyles have none of the colours of levels.
var idStyles = [...]string{"\x1b[34m", "\x1b[35m", "\x1b[36m", "\x1b[94m", "\x1b[95m", "\x1b[96m"}
