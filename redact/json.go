package redact

import "strings"

// AppendJSON appends the JSON document raw with everything sensitive replaced,
// by key and by value, at every depth. What it appends is one valid JSON value
// without white space between tokens: input that is not valid JSON becomes a
// string holding [Mark], and is counted under [RuleLimit]. raw is not kept.
// Safe for concurrent use.
func (r *Redactor) AppendJSON(dst, raw []byte) []byte { return r.AppendJSONGroup(dst, raw, "") }

// AppendJSONGroup is [Redactor.AppendJSON] for a document that stands under the
// key group, whose allow-list applies to the root object of the document, or to the
// elements of its list; see [Redactor.AppendStringGroup] for texts.
func (r *Redactor) AppendJSONGroup(dst, raw []byte, group string) (out []byte) {
	n := len(dst)
	defer func() {
		if recover() != nil {
			r.count(idLimit)
			out = append(dst[:n], `"`+Mark+`"`...)
		}
	}()
	if len(raw) <= r.cfg.MaxBytes {
		w := walker{r: r, s: string(raw), dst: dst, compact: true, group: group}
		if w.document() {
			return w.dst
		}
	}
	r.count(idLimit)
	return append(dst[:n], `"`+Mark+`"`...)
}

// AppendDocument appends the JSON document s with everything sensitive replaced,
// and keeps its white space. It reports false, and appends nothing, when s is
// not valid JSON. Safe for concurrent use.
func (r *Redactor) AppendDocument(dst []byte, s string) (out []byte, ok bool) {
	n := len(dst)
	defer func() {
		if recover() != nil {
			r.count(idLimit)
			out, ok = append(dst[:n], `"`+Mark+`"`...), true
		}
	}()
	if len(s) > r.cfg.MaxBytes {
		return dst, false
	}
	return r.appendDocument(dst, s, 0)
}

// appendDocument is AppendDocument at a level of unescaping. What it counts is
// counted only when the text turns out to be JSON.
func (r *Redactor) appendDocument(dst []byte, s string, depth int) ([]byte, bool) {
	t := r.trial()
	defer t.free()
	w := walker{r: &t.r, s: s, dst: dst, level: depth}
	if !w.document() {
		return dst, false
	}
	t.n.moveTo(r.n)
	return w.dst, true
}

// walker copies a JSON document. What stays as it is written is copied in large
// pieces, at the end or before something that does not.
type walker struct {
	r       *Redactor
	s       string
	i       int
	copied  int // what is before is in dst, or was left out
	dst     []byte
	depth   int    // of objects and arrays
	level   int    // of JSON inside strings
	group   string // key of the object being walked
	compact bool   // drop white space
	changed bool   // something was redacted, or may have been
	text    []byte // scratch for redacted strings
	webKeys uint8  // whether JSON web keys may be in s: 0 unknown, 1 no, 2 yes
	lines   *Lines // what is known from other documents, or nil

	announcer string // the last string of a list
}

// flush copies what has not been copied up to end.
func (w *walker) flush(end int) {
	w.dst = append(w.dst, w.s[w.copied:end]...)
	w.copied = end
}

// replace leaves out s[start:w.i] and returns dst for what is written instead.
func (w *walker) replace(start int) []byte {
	w.flush(start)
	w.copied = w.i
	w.changed = true
	return w.dst
}

// document copies one value and requires that nothing follows.
func (w *walker) document() bool {
	w.space()
	if !w.value(ClassKeep) {
		return false
	}
	w.space()
	if w.i != len(w.s) {
		return false
	}
	w.flush(w.i)
	return true
}

// space steps over white space.
func (w *walker) space() {
	if w.i < len(w.s) && w.s[w.i] <= ' ' {
		w.spaces()
	}
}

func (w *walker) spaces() {
	start := w.i
	for w.i < len(w.s) && (w.s[w.i] == ' ' || w.s[w.i] == '\t' || w.s[w.i] == '\n' || w.s[w.i] == '\r') {
		w.i++
	}
	if w.compact {
		w.flush(start)
		w.copied = w.i
	}
}

// value copies the value at i, which stands under a key of class c.
func (w *walker) value(c Class) bool {
	if w.i >= len(w.s) {
		return false
	}
	if c.Measures() {
		c = w.measured(c)
	}
	if c == ClassSecret || c == ClassLength {
		return w.replaced(c)
	}
	switch b := w.s[w.i]; {
	case b == '"' && w.r.allow != nil && c == ClassKeep && w.r.HasAllow(w.group):
		return w.allowedString()
	case b == '"':
		return w.stringValue(c)
	case b == '-' || isDigit(b):
		return w.number(c)
	case b == '{':
		return w.nested('}', c)
	case b == '[':
		return w.nested(']', c)
	}
	return w.literal()
}

// literal steps over true, false or null.
func (w *walker) literal() bool {
	for _, lit := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(w.s[w.i:], lit) {
			w.i += len(lit)
			return true
		}
	}
	return false
}

// nested copies an object or an array; too deep, it is replaced whole.
func (w *walker) nested(end byte, c Class) bool {
	if w.depth >= w.r.cfg.MaxDepth {
		start := w.i
		if !w.skip() {
			return false
		}
		w.r.count(idLimit)
		w.dst = append(w.replace(start), `"`+Mark+`"`...)
		return true
	}
	w.depth++
	group := w.group
	w.i++
	ok := w.members(end, c)
	w.group = group
	w.depth--
	return ok
}

func (w *walker) members(end byte, c Class) bool {
	w.space()
	if w.i < len(w.s) && w.s[w.i] == end {
		w.i++
		return true
	}
	var p pair
	for {
		ok, behind := true, false
		if end == '}' {
			if w.lines != nil && !p.named {
				if behind, ok = w.quick(&p.named); p.named {
					p.name(w)
				}
			}
			ok = ok && (behind || w.member(&p))
		} else {
			ok = w.element(&p.named, c)
		}
		if !ok {
			return false
		}
		w.space()
		if w.i >= len(w.s) {
			return false
		}
		b := w.s[w.i]
		w.i++
		if b == end {
			return true
		}
		if b != ',' {
			return false
		}
		w.space()
	}
}

// element copies an element of an array. In ["--password", "x"] the first one
// decides about the second.
func (w *walker) element(named *bool, c Class) bool {
	if w.i < len(w.s) && w.s[w.i] == '"' {
		start := w.i
		if *named {
			if text, _ := upToQuote(w.s[start+1:]); w.r.Announced(w.announcer, text) {
				c = ClassSecret
			}
		}
		if !w.value(c) {
			return false
		}
		w.announcer = w.s[start+1 : w.i-1]
		*named = w.r.Announces(w.announcer)
		return true
	}
	*named = false
	return w.value(c)
}

// member copies "key": value. In {"name": "password", "value": "x"} one member decides
// about the other.
func (w *walker) member(p *pair) bool {
	if w.i >= len(w.s) || w.s[w.i] != '"' {
		return false
	}
	start := w.i
	raw, key, ok := w.stringToken()
	if !ok {
		return false
	}
	known := w.r.lookup(key)
	c := known.v.class
	if w.r.allow != nil {
		c = w.r.KeyIn(w.group, key)
	}
	belongs := isValueLabel(key)
	if p.named && belongs || len(key) <= 3 && w.privateKey(key) {
		c = ClassSecret
	}
	if c == ClassLength {
		w.putString(start, raw[:len(raw)-1]+`_length"`, key+"_length", ClassKeep)
	} else if !known.clean {
		w.putString(start, raw, key, ClassKeep)
	}
	w.space()
	if w.i >= len(w.s) || w.s[w.i] != ':' {
		return false
	}
	w.i++
	w.space()
	if w.lines != nil && !belongs { // what quick does not know comes here
		w.lines.learn(w.s[start:w.i], &known)
	}
	if (c == ClassKeep && known.label || key == patchPath) && w.i < len(w.s) && w.s[w.i] == '"' {
		if end := strings.IndexByte(w.s[w.i+1:], '"'); end >= 0 {
			if is, told := w.r.names(key, w.s[w.i+1:w.i+1+end]); told {
				if p.named = is; is || key != patchPath {
					p.name(w)
				}
			}
		}
	}
	outer := w.group
	w.group = key
	if belongs && c == ClassKeep && !p.told {
		ok = p.hold(w)
	} else {
		ok = w.value(c)
	}
	w.group = outer
	return ok
}

// privateKey reports whether key is a private part of a JSON web key and its
// value, of which the colon comes next, looks like one.
func (w *walker) privateKey(key string) bool {
	if !privatePart(key) {
		return false
	}
	i := w.i
	for i < len(w.s) && (w.s[i] <= ' ' || w.s[i] == ':') {
		i++
	}
	if i >= len(w.s) || w.s[i] != '"' {
		return false
	}
	n := strings.IndexByte(w.s[i+1:], '"')
	if n < 20 {
		return false
	}
	for _, c := range []byte(w.s[i+1 : i+1+n]) {
		if !nameBytes[c] {
			return false
		}
	}
	if w.webKeys == 0 {
		w.webKeys = 1
		if strings.Contains(w.s, `"kty"`) {
			w.webKeys = 2
		}
	}
	return w.webKeys == 2
}

// replaced writes the mark or the length instead of the value. null and the
// empty string stay: they hide nothing, and say that nothing was there.
func (w *walker) replaced(c Class) bool {
	start := w.i
	var text string
	switch w.s[w.i] {
	case '"':
		var ok bool
		if _, text, ok = w.stringToken(); !ok {
			return false
		}
	case '{', '[':
		if !w.skip() {
			return false
		}
		text = w.s[start:w.i]
	default:
		if !w.scalar() {
			return false
		}
		text = w.s[start:w.i]
	}
	raw := w.s[start:w.i]
	switch {
	case raw == "null", c == ClassSecret && (raw == `""` || text == Mark):
	case c == ClassLength:
		w.r.count(idLength)
		w.dst = append(w.replace(start), w.r.Length(text)...)
	default:
		w.r.count(idKey)
		w.dst = append(w.replace(start), `"`+Mark+`"`...)
	}
	return true
}

// scalar steps over a number or a literal.
func (w *walker) scalar() bool {
	if b := w.s[w.i]; b == '-' || isDigit(b) {
		n := numberEnd(w.s[w.i:])
		w.i += n
		return n > 0
	}
	return w.literal()
}

// skip steps over an object or an array without looking at what is in it.
func (w *walker) skip() bool {
	depth := 0
	for w.i < len(w.s) {
		switch w.s[w.i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				w.i++
				return true
			}
		case '"':
			if _, _, ok := w.stringToken(); !ok {
				return false
			}
			continue
		}
		w.i++
	}
	return false
}
