package encode

import (
	"log/slog"
	"reflect"

	"github.com/pairly/pairlog/redact"
)

// classAllowed is the class of a value under a key with an allow-list, and of the
// elements where it is a list: of its members only those on the list are written,
// and those of a text too, see [redact.Redactor.AppendStringGroup]. The members have
// classes of their own. Redact does not know it, and would take it for a secret.
const classAllowed = ^redact.Class(0)

// allowedClass is classOf where there are allow-lists.
func (e *Encoder) allowedClass(k *key, in env) redact.Class {
	c := k.class
	if in.group != "" {
		c = e.red.KeyIn(in.group, k.name)
	}
	if in.class != redact.ClassKeep && in.class != classAllowed && yields(c) {
		return in.class
	}
	return c
}

// allowed writes v under the key with an allow-list that in names.
func (l *Line) allowed(p *plan, v reflect.Value, in env) {
	outer := l.allowing
	defer func() { l.allowing = outer }() // a method of v may panic
	l.allowing, in.class = in.group, classAllowed
	p.enc(l, v, in)
}

// allowedScalar is allowed for a value of slog's own kinds.
func (l *Line) allowedScalar(k *key, v *slog.Value, kind slog.Kind) {
	outer := l.allowing
	l.allowing = k.name
	l.scalar(v, kind, classAllowed, k.ms)
	l.allowing = outer
}
