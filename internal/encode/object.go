package encode

import (
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog/redact"
)

// An ObjectForm is an object under a key of the root whose members always have the
// same names: a [Form] of an object. It is immutable.
type ObjectForm struct {
	key  *key
	keys []formKey
}

// ObjectForm returns the form of an object with members of these names; nil where
// that must be written attr by attr, since there is more to a name than the name.
func (e *Encoder) ObjectForm(name string, names []string) *ObjectForm {
	f := &ObjectForm{key: e.key(name)}
	if e.allow || !f.key.plain || len(names) > e.lim.Keys {
		return nil
	}
	var all []*key
	for _, name := range names {
		k := e.key(name)
		if !k.quick || k.class != redact.ClassKeep || k.pair == redact.PairValue || contains(all, k) {
			return nil
		}
		all = append(all, k)
		f.keys = append(f.keys, formKey{name: name, words: k.words, length: len(k.block), ms: k.ms})
	}
	return f
}

// An Object is an object being written with a form. It belongs to one goroutine.
type Object struct {
	l    *Line
	form *ObjectForm
	at   int  // where its member begins in the line
	full bool // the line is: this must be written attr by attr
}

// Object begins an object of f among the line's attrs. Its members follow, by the
// index of their names: in that order, each at most once. A line has one object at
// a time.
func (l *Line) Object(f *ObjectForm) *Object {
	l.object = Object{l: l, form: f, at: len(l.buf)}
	l.buf = append(l.buf, f.key.block...)
	l.buf = append(l.buf, '{')
	return &l.object
}

// member returns the key of the next member. It is nil where the line is full.
func (o *Object) member(i int) *formKey {
	if len(o.l.buf) >= o.l.e.lim.Line {
		o.full = true
		return nil
	}
	return &o.form.keys[i]
}

// Text writes a text.
func (o *Object) Text(i int, s string) {
	if x := o.member(i); x != nil {
		o.l.textMember(&x.words, x.length, s)
	}
}

// Fixed writes a text that is remembered as it is written.
func (o *Object) Fixed(i int, f *Fixed) {
	x := o.member(i)
	if x == nil {
		return
	}
	l := o.l
	text := f.written(l)
	start := len(l.buf)
	b := room(l.buf, keyWords*8+len(text)+1)
	putWords(b[start:], &x.words)
	end := start + x.length + copy(b[start+x.length:], text)
	b[end] = ','
	l.buf = b[:end+1]
}

// Int writes a number.
func (o *Object) Int(i int, v int64) {
	if x := o.member(i); x != nil {
		o.l.intMember(&x.words, x.length, v)
	}
}

// Millis writes a duration in milliseconds, rounded to hundredths: two decimals
// under a name that ends in _ms, and no needless zeros under another.
func (o *Object) Millis(i int, d time.Duration) {
	x := o.member(i)
	if x == nil {
		return
	}
	l := o.l
	if d < 0 || d > longestQuick {
		v := slog.Float64Value(math.Round(float64(d)/1e4) / 100)
		l.buf = append(l.buf, l.e.key(x.name).block...)
		l.scalar(&v, slog.KindFloat64, redact.ClassKeep, x.ms)
		l.buf = append(l.buf, ',')
		return
	}
	start := len(l.buf)
	b := room(l.buf, keyWords*8+maxDigits+2)
	putWords(b[start:], &x.words)
	end := start + x.length
	end += putHundredths(b[end:], int64((d+5*time.Microsecond)/(10*time.Microsecond)))
	if !x.ms && b[end-1] == '0' {
		if end--; b[end-1] == '0' {
			end -= 2
		}
	}
	b[end] = ','
	l.buf = b[:end+1]
}

// longestQuick is the longest duration whose number is too short for that of a
// payment card, which is looked for in longer ones.
const longestQuick = 1e8 * time.Millisecond

// End ends the object, which vanishes where it has no member. It reports false,
// and has written nothing, where the object must be written attr by attr.
func (o *Object) End() bool {
	l := o.l
	if o.full {
		o.Undo()
		return false
	}
	if l.buf[len(l.buf)-1] == '{' {
		o.Undo()
		return true
	}
	l.closeObject()
	l.written(&l.cur, o.form.key, o.at)
	return true
}

// Undo takes out what was written of the object.
func (o *Object) Undo() { o.l.buf = o.l.buf[:o.at] }

// Fixed is a text that comes again and again. What becomes of it on a line, redacted
// and escaped, is remembered once for each encoder in turn. It is safe for
// concurrent use.
type Fixed struct {
	text string
	last atomic.Pointer[fixedText]
}

type fixedText struct {
	e       *Encoder
	written string
}

// NewFixed returns the fixed text s.
func NewFixed(s string) *Fixed { return &Fixed{text: s} }

// String returns the text itself.
func (f *Fixed) String() string { return f.text }

// written returns the text as a JSON string. The line is where it is made.
func (f *Fixed) written(l *Line) string {
	if t := f.last.Load(); t != nil && t.e == l.e {
		return t.written
	}
	at := len(l.buf)
	l.text(f.text, redact.ClassKeep)
	t := &fixedText{l.e, string(l.buf[at:])}
	l.buf = l.buf[:at]
	f.last.Store(t)
	return t.written
}
