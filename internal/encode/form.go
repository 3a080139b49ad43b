package encode

import (
	"log/slog"
	"math"
	"time"

	"github.com/pairly/pairlog/redact"
)

// Form is an event and the members that its lines begin with, the same ones in
// the same order each time. What there is to know about them is found out once,
// and for a line that is written with it nothing is looked up or compared. It is
// immutable.
type Form struct {
	keys []formKey
	// event and shape are those of all lines; event is nil for a form whose values
	// are collected.
	event *event
	shape shape
	// slow is the same form without a quick key: for the rest of a line with a
	// value that is not one member of its own name.
	slow *Form
}

// formKey is what is needed to write a member, side by side in memory.
type formKey struct {
	name string
	// words and length are the key's block; see key.
	words  [keyWords]uint64
	length int
	class  redact.Class
	// quick is set when a text is written under the key itself and the block fits
	// into words, and plain when numbers are too, as they are.
	quick, plain bool
	ms           bool
	// members are those with a word for a value; see FormWord.
	members *[len(words)]ready
}

// Form returns the form of an event with members of these names; nil where that
// must be written attr by attr: the message is no event, a name is in the record
// contract or there twice, or what is redacted depends on more than the names.
func (e *Encoder) Form(msg string, names []string) *Form {
	f := &Form{event: e.event(msg)}
	if f.event == nil || e.allow || len(names) > maxShape {
		return nil
	}
	for _, name := range names {
		k := e.key(name)
		if k.place != 0 || k.pair == redact.PairValue || contains(f.shape.out, k) {
			return nil
		}
		f.shape.out = append(f.shape.out, k)
		f.shape.seen.add(k)
		f.keys = append(f.keys, formKey{
			name: name, words: k.words, length: len(k.block), class: k.class, ms: k.ms,
			quick: k.quick, plain: k.quick && k.class == redact.ClassKeep, members: readyMembers(k),
		})
	}
	f.slow = Collecting(names)
	f.slow.event, f.slow.shape, f.slow.slow = f.event, f.shape, f.slow
	return f
}

// Collecting returns a form whose lines are not written: their values are
// collected, see [Line.Collected].
func Collecting(names []string) *Form {
	f := &Form{}
	for _, name := range names {
		f.keys = append(f.keys, formKey{name: name})
	}
	return f
}

// NewLine returns a line that collects values.
func (f *Form) NewLine() *Line {
	return &Line{form: f, collected: make([]slog.Attr, 0, len(f.keys)+8)}
}

// Collected returns the members that the line was given.
func (l *Line) Collected() []slog.Attr { return l.collected }

// Fits reports whether a line can begin with the form behind p, which may be nil:
// there is no group, no member of the same name, and none that may get another one.
func (f *Form) Fits(p *Prefix) bool {
	return p == nil || !p.grouped && !p.hidden && p.aside == nil && !p.seen.meets(&f.shape.seen)
}

// Form writes the event of f, in the place of Message, and what the logger has
// brought along, which must fit. The members follow, by the index of their names:
// in that order, each at most once. Attrs that are no members of f come last, with
// FormAttrs.
func (l *Line) Form(f *Form, p *Prefix) {
	l.form, l.event = f, f.event
	l.taken &^= placeMessage
	l.buf = append(l.buf, f.event.block...)
	if p != nil {
		l.Prefix(p)
	}
	// To the rest of the encoder, the members are those of a shape, of which some
	// are missing.
	l.shape, l.cur.trust = &f.shape, true
	l.members, l.missing = len(f.keys), math.MaxUint32
}

// full reports whether no further member may be begun, and counts the one that is
// left out then.
func (l *Line) full() bool {
	if len(l.buf) <= l.e.lim.Line {
		return false
	}
	l.e.truncated.Add(1)
	return true
}

// FormText writes a text.
func (l *Line) FormText(i int, s string) {
	x := &l.form.keys[i]
	start := len(l.buf)
	switch {
	case !x.quick || start > l.e.lim.Line: // a line that collects has no encoder
		l.FormValue(i, slog.StringValue(s))
		return
	case x.plain:
		l.textMember(&x.words, x.length, s)
	default:
		l.classMember(&x.words, x.length, s, x.class)
	}
	l.at[i] = start
	l.missing &^= 1 << i
}

// textMember writes a member with a text under a key whose block, of so many
// bytes, is in words.
func (l *Line) textMember(words *[keyWords]uint64, length int, s string) {
	f := l.check(s)
	b := room(l.buf, keyWords*8+len(s)+3)
	p := len(l.buf)
	putWords(b[p:], words)
	p += length
	if f != 0 || len(s) > l.e.lim.String {
		l.buf = b[:p]
		l.textFound(s, f, l.e.lim.String)
		l.buf = append(l.buf, ',')
		return
	}
	b[p] = '"'
	p += 1 + copy(b[p+1:], s)
	b[p], b[p+1] = '"', ','
	l.buf = b[:p+2]
}

// classMember is textMember for a key of class c.
func (l *Line) classMember(words *[keyWords]uint64, length int, s string, c redact.Class) {
	p := len(l.buf)
	b := room(l.buf, keyWords*8)
	putWords(b[p:], words)
	l.buf = b[:p+length]
	l.textOfClass(s, c, l.e.lim.String)
	l.buf = append(l.buf, ',')
}

// FormWord writes a text that is usually one of a few words, such as a method.
func (l *Line) FormWord(i int, s string) {
	x := &l.form.keys[i]
	start := len(l.buf)
	w := word(s)
	if w < 0 || !x.plain || start > l.e.lim.Line || x.members == nil || x.members[w].length == 0 {
		l.FormText(i, s)
		return
	}
	b := room(l.buf, keyWords*8)
	putWords(b[start:], &x.members[w].words)
	l.buf = b[:start+x.members[w].length]
	l.at[i] = start
	l.missing &^= 1 << i
}

// words are methods and protocols in common use: there is no secret in them to
// look for.
var words = [...]string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "HTTP/1.1", "HTTP/2.0", "HTTP/1.0"}

// word returns the index of s in words, or -1.
func word(s string) int {
	switch s {
	case "GET":
		return 0
	case "POST":
		return 1
	case "PUT":
		return 2
	case "PATCH":
		return 3
	case "DELETE":
		return 4
	case "HEAD":
		return 5
	case "OPTIONS":
		return 6
	case "HTTP/1.1":
		return 7
	case "HTTP/2.0":
		return 8
	case "HTTP/1.0":
		return 9
	}
	return -1
}

// ready is a member with its value, to be copied; length is 0 where it is too long
// for that.
type ready struct {
	words  [keyWords]uint64
	length int
}

// readyMembers returns the members of k with each of words.
func readyMembers(k *key) *[len(words)]ready {
	var all [len(words)]ready
	for i, w := range words {
		text := k.block + `"` + w + `",`
		if len(text) <= keyWords*8 {
			all[i] = ready{wordsOf(text), len(text)}
		}
	}
	return &all
}

// FormInt writes a number.
func (l *Line) FormInt(i int, v int64) {
	x := &l.form.keys[i]
	start := len(l.buf)
	if !x.plain || start > l.e.lim.Line {
		l.FormValue(i, slog.Int64Value(v))
		return
	}
	l.intMember(&x.words, x.length, v)
	l.at[i] = start
	l.missing &^= 1 << i
}

// intMember writes a member with a number under a key whose block, of so many
// bytes, is in words.
func (l *Line) intMember(words *[keyWords]uint64, length int, v int64) {
	start := len(l.buf)
	b := room(l.buf, keyWords*8+maxDigits+2)
	putWords(b[start:], words)
	p := start + length
	if v <= -smallestPAN || v >= smallestPAN {
		l.buf = b[:p]
		l.int(v, redact.ClassKeep)
		l.buf = append(l.buf, ',')
		return
	}
	p += putInt(b[p:], v)
	b[p] = ','
	l.buf = b[:p+1]
}

// FormMillis writes a duration in milliseconds with two decimals, under a name
// that says so.
func (l *Line) FormMillis(i int, d time.Duration) {
	x := &l.form.keys[i]
	start := len(l.buf)
	if !x.plain || !x.ms || start > l.e.lim.Line || d < 0 {
		l.FormValue(i, slog.Float64Value(math.Round(float64(d)/1e4)/100))
		return
	}
	b := room(l.buf, keyWords*8+maxDigits+2)
	putWords(b[start:], &x.words)
	p := start + x.length
	p += putHundredths(b[p:], int64((d+5*time.Microsecond)/(10*time.Microsecond)))
	b[p] = ','
	l.buf = b[:p+1]
	l.at[i] = start
	l.missing &^= 1 << i
}

// FormQuery writes a query.
func (l *Line) FormQuery(i int, q *Query) {
	x := &l.form.keys[i]
	start := len(l.buf)
	if !x.plain || start > l.e.lim.Line || !l.query(x, string(*q)) {
		l.FormValue(i, q.LogValue())
		return
	}
	l.at[i] = start
	l.missing &^= 1 << i
}

// FormLate writes the scope's attr of the member's name, and null where it has
// none; see Late and Lend.
func (l *Line) FormLate(i int) {
	v, ok := l.late.take(l.form.keys[i].name)
	if ok && v.Kind() == slog.KindString {
		l.FormText(i, v.String())
		return
	}
	l.FormValue(i, v)
}

// FormValue writes any value.
func (l *Line) FormValue(i int, v slog.Value) {
	x := &l.form.keys[i]
	if l.form.event == nil {
		l.collected = append(l.collected, slog.Attr{Key: x.name, Value: v})
		return
	}
	if l.full() {
		return
	}
	k := l.form.shape.out[i]
	a := slog.Attr{Key: x.name, Value: v}
	if !x.quick || !isOneMember(v) {
		l.distrust()
		l.form = l.form.slow
		l.keyed(&l.cur, k, &a, l.in)
		return
	}
	at, alone := len(l.buf), level{base: len(l.segs)}
	l.keyed(&alone, k, &a, l.in)
	if len(l.segs) > alone.base {
		l.segs = l.segs[:alone.base]
		l.at[i] = at
		l.missing &^= 1 << i
	}
}

// isOneMember reports whether a value is written as one member under its own
// name, or not at all.
func isOneMember(v slog.Value) bool {
	kind := v.Kind()
	return isScalarKind(kind) || kind == slog.KindGroup || kind == slog.KindAny && v.Any() == nil
}

// FormAttrs writes attrs that are no members of the line's form. The slice is not
// kept.
func (l *Line) FormAttrs(attrs []slog.Attr) {
	if l.form.event == nil {
		l.collected = append(l.collected, attrs...)
		return
	}
	for i := range attrs {
		if !l.full() {
			l.keyed(&l.cur, l.e.key(attrs[i].Key), &attrs[i], l.in)
		}
	}
}
