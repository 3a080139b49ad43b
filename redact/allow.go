package redact

import "unicode/utf8"

// KeyIn is [Redactor.Key] for a key inside the named group, where an allow-list
// of [Config.Allow] may apply: a key that is not on the list is [ClassSecret].
func (r *Redactor) KeyIn(group, key string) Class {
	if r.allow != nil {
		if keys, ok := r.allow[group]; ok && !keys[key] {
			return ClassSecret
		}
	}
	return r.verdict(key).class
}

// HasAllow reports whether group has an allow-list, so that an encoder knows
// that it may not use a cached answer of [Redactor.Key].
func (r *Redactor) HasAllow(group string) bool {
	_, ok := r.allow[group]
	return ok
}

// AppendStringGroup is [Redactor.AppendString] for a text that stands under the
// key group, in its place or in a list. Where that has an allow-list, the text must
// be JSON, an object or a list, to which the list applies as it does to members that
// are no text; any other text could hold what is not on the list, and is replaced
// whole.
func (r *Redactor) AppendStringGroup(dst []byte, s, group string) (out []byte) {
	if !r.HasAllow(group) {
		return r.AppendString(dst, s)
	}
	n := len(dst)
	defer func() {
		if recover() != nil {
			r.count(idLimit)
			out = append(dst[:n], Mark...)
		}
	}()
	out = r.appendAllowed(dst, s, group, 0)
	if len(r.cfg.Values) > 0 {
		out = r.appendCustom(out[:n], string(out[n:]))
	}
	return out
}

// appendAllowed is AppendStringGroup for a group with an allow-list, at a level of
// unescaping.
func (r *Redactor) appendAllowed(dst []byte, s, group string, depth int) []byte {
	if s == "" || s == Mark {
		return append(dst, s...)
	}
	if len(s) <= r.cfg.MaxBytes && depth <= r.cfg.MaxUnescape && looksJSON(s) {
		t := r.trial()
		defer t.free()
		w := walker{r: &t.r, s: s, dst: dst, level: depth, group: group}
		if w.document() {
			t.n.moveTo(r.n)
			return w.dst
		}
	}
	r.count(idKey)
	return append(dst, Mark...)
}

// allowedString copies the string at i, which stands under a key with an allow-list.
func (w *walker) allowedString() bool {
	start := w.i
	raw, text, ok := w.stringToken()
	if !ok {
		return false
	}
	w.text = w.r.appendAllowed(w.text[:0], text, w.group, w.level+1)
	if len(w.r.cfg.Values) > 0 {
		w.text = w.r.appendCustom(w.text[:0], string(w.text))
	}
	if string(w.text) != text || !utf8.ValidString(raw) {
		w.dst = appendQuoted(w.replace(start), w.text)
	}
	return true
}
