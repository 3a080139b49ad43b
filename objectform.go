package pairlog

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog/internal/encode"
)

// A Summary is a value for [Scope.Gather] that a [FormLine] writes without making
// attrs of it: request lines have one or two, and each is most of what its line
// costs otherwise. Elsewhere it is written by its LogValue, which must say the
// same: an object with the members of Form, in their order.
type Summary interface {
	slog.LogValuer
	// Form returns the names of the members, always the same.
	Form() *ObjectForm
	// WriteMembers writes the members to o, and keeps nothing of it.
	WriteMembers(o ObjectLine)
}

// An ObjectForm is the key of an object and the names of its members: a [Form] of
// an object. It is immutable and safe for concurrent use.
type ObjectForm struct {
	key   string
	names []string
	last  atomic.Pointer[madeObjectForm]
}

// madeObjectForm is an ObjectForm made for an encoder, the last one that asked;
// form is nil where it has none.
type madeObjectForm struct {
	enc  *encode.Encoder
	form *encode.ObjectForm
}

// NewObjectForm returns the form of an object under key with members of these
// names.
func NewObjectForm(key string, names ...string) *ObjectForm {
	return &ObjectForm{key: key, names: slices.Clone(names)}
}

func (f *ObjectForm) madeFor(e *encode.Encoder) *encode.ObjectForm {
	m := f.last.Load()
	if m == nil || m.enc != e {
		m = &madeObjectForm{e, e.ObjectForm(f.key, f.names)}
		f.last.Store(m)
	}
	return m.form
}

// An ObjectLine is an object being written. Its methods write the members, by the
// index of their names: in the order of the names, each at most once.
type ObjectLine struct{ object *encode.Object }

// Text writes a text.
func (o ObjectLine) Text(i int, s string) { o.object.Text(i, s) }

// Fixed writes a text that comes again and again.
func (o ObjectLine) Fixed(i int, f *Fixed) { o.object.Fixed(i, f) }

// Int writes a number.
func (o ObjectLine) Int(i int, n int64) { o.object.Int(i, n) }

// Milliseconds writes a duration in milliseconds, rounded to two decimals.
func (o ObjectLine) Milliseconds(i int, d time.Duration) { o.object.Millis(i, d) }

// A Fixed is a text that comes on lines again and again, such as the fingerprint of
// a statement: what it is on a line, redacted and escaped, is remembered. It is
// immutable and safe for concurrent use.
type Fixed = encode.Fixed

// NewFixed returns the fixed text s.
func NewFixed(s string) *Fixed { return encode.NewFixed(s) }

// Gathered writes what the line's scope has gathered, behind the form's members.
func (w *FormLine) Gathered() {
	if w.scope != nil {
		w.gathered(w.scope.lastSummary())
	}
}

// gathered writes g and, before it, those that began before it.
func (w *FormLine) gathered(g *summary) {
	if g == nil {
		return
	}
	w.gathered(g.before)
	if s, ok := g.value.(Summary); !ok || !w.form.direct || !w.object(g.key, s) {
		w.Attrs(slog.Any(g.key, g.value))
	}
}

// object writes a summary by its form. It reports false, and writes nothing, where
// that cannot be: there is no such form, the line is full, or s panics.
func (w *FormLine) object(key string, s Summary) (written bool) {
	f := s.Form()
	if f == nil || f.key != key {
		return false
	}
	form := f.madeFor(w.form.handler.enc)
	if form == nil {
		return false
	}
	o := ObjectLine{w.line.Object(form)}
	defer func() {
		if recover() != nil {
			o.object.Undo()
			written = false
		}
	}()
	s.WriteMembers(o)
	return o.object.End()
}
