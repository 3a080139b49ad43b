package redact

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// AppendJSON appends the JSON document raw with everything sensitive replaced,
// by key and by value, at every depth. What it appends is one valid JSON value
// without white space between tokens: input that is not valid JSON becomes a
// string holding [Mark], and is counted under [RuleLimit]. raw is not kept.
// Safe for concurrent use.
func (r *Redactor) AppendJSON(dst, raw []byte) []byte { return r.AppendJSONGroup(dst, raw, "") }

// AppendJSONGroup is [Redactor.AppendJSON] for a document that stands under the
// key group, whose allow-list applies to the root object of the document.
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
	t.commit(r)
	return w.dst, true
}

// trial is a copy of a Redactor that counts apart.
type trial struct {
	r Redactor
	n counters
}

var trials = sync.Pool{New: func() any { return new(trial) }}

func (r *Redactor) trial() *trial {
	t := trials.Get().(*trial)
	t.r = *r
	t.r.n = &t.n
	if len(t.n.custom) != len(r.n.custom) {
		t.n.custom = make([]counterCell, len(r.n.custom))
	}
	return t
}

// commit adds what t has counted to r.
func (t *trial) commit(r *Redactor) {
	for i := range t.n.builtin {
		if n := t.n.builtin[i].Load(); n > 0 {
			r.n.builtin[i].Add(n)
		}
	}
	for i := range t.n.custom {
		if n := t.n.custom[i].Load(); n > 0 {
			r.n.custom[i].Add(n)
		}
	}
}

// free gives t back with its counters at zero and without a trace of its owner.
func (t *trial) free() {
	for i := range t.n.builtin {
		t.n.builtin[i].Store(0)
	}
	for i := range t.n.custom {
		t.n.custom[i].Store(0)
	}
	t.r = Redactor{}
	trials.Put(t)
}

// walker copies a JSON document token by token.
type walker struct {
	r       *Redactor
	s       string
	i       int
	dst     []byte
	depth   int    // of objects and arrays
	level   int    // of JSON inside strings
	group   string // key of the object being walked
	compact bool   // drop white space
	text    []byte // scratch for redacted strings
}

// document copies one value and requires that nothing follows.
func (w *walker) document() bool {
	w.space()
	if !w.value(ClassKeep) {
		return false
	}
	w.space()
	return w.i == len(w.s)
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
	if !w.compact {
		w.dst = append(w.dst, w.s[start:w.i]...)
	}
}

// value copies the value at i, which stands under a key of class c.
func (w *walker) value(c Class) bool {
	if w.i >= len(w.s) {
		return false
	}
	if c == ClassSecret || c == ClassLength {
		return w.replaced(c)
	}
	switch b := w.s[w.i]; {
	case b == '{':
		return w.nested('}', c)
	case b == '[':
		return w.nested(']', c)
	case b == '"':
		raw, text, ok := w.stringToken()
		if ok {
			w.putString(raw, text, c)
		}
		return ok
	case b == '-' || isDigit(b):
		return w.number(c)
	}
	return w.literal()
}

func (w *walker) literal() bool {
	for _, lit := range []string{"true", "false", "null"} {
		if strings.HasPrefix(w.s[w.i:], lit) {
			w.dst = append(w.dst, lit...)
			w.i += len(lit)
			return true
		}
	}
	return false
}

// nested copies an object or an array; too deep, it is replaced whole.
func (w *walker) nested(end byte, c Class) bool {
	if w.depth >= w.r.cfg.MaxDepth {
		if !w.skip() {
			return false
		}
		w.r.count(idLimit)
		w.dst = append(w.dst, `"`+Mark+`"`...)
		return true
	}
	w.depth++
	group := w.group
	w.dst = append(w.dst, w.s[w.i])
	w.i++
	ok := w.members(end, c)
	w.group = group
	w.depth--
	return ok
}

func (w *walker) members(end byte, c Class) bool {
	w.space()
	if w.i < len(w.s) && w.s[w.i] == end {
		w.dst = append(w.dst, end)
		w.i++
		return true
	}
	named := false // what came before says that the next value is a secret
	for {
		ok := false
		if end == '}' {
			ok = w.member(&named)
		} else {
			ok = w.element(&named, c)
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
		w.dst = append(w.dst, b)
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
			c = ClassSecret
		}
		ok := w.value(c)
		*named = ok && w.r.Announces(w.s[start+1:w.i-1])
		return ok
	}
	*named = false
	return w.value(c)
}

// member copies "key": value. In {"name": "password", "value": "x"} the first
// member decides about the second.
func (w *walker) member(named *bool) bool {
	if w.i >= len(w.s) || w.s[w.i] != '"' {
		return false
	}
	raw, key, ok := w.stringToken()
	if !ok {
		return false
	}
	known := w.r.lookup(key)
	c := known.v.class
	if w.r.allow != nil {
		c = w.r.KeyIn(w.group, key)
	}
	if *named && isValueLabel(key) {
		c = ClassSecret
	}
	if c == ClassLength {
		w.putString(raw[:len(raw)-1]+`_length"`, key+"_length", ClassKeep)
	} else if known.clean {
		w.dst = append(w.dst, raw...)
	} else {
		w.putString(raw, key, ClassKeep)
	}
	w.space()
	if w.i >= len(w.s) || w.s[w.i] != ':' {
		return false
	}
	w.dst = append(w.dst, ':')
	w.i++
	w.space()
	if c == ClassKeep && isNameLabel(key) && w.i < len(w.s) && w.s[w.i] == '"' {
		if end := strings.IndexByte(w.s[w.i+1:], '"'); end >= 0 {
			*named = w.r.verdict(w.s[w.i+1:w.i+1+end]).class == ClassSecret
		}
	}
	outer := w.group
	w.group = key
	ok = w.value(c)
	w.group = outer
	return ok
}

func isValueLabel(key string) bool {
	switch strings.ToLower(key) {
	case "value", "val", "values", "content", "data":
		return true
	}
	return false
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
		w.dst = append(w.dst, raw...)
	case c == ClassLength:
		w.r.count(idLength)
		w.dst = append(w.dst, w.r.Length(text)...)
	default:
		w.r.count(idKey)
		w.dst = append(w.dst, `"`+Mark+`"`...)
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
	n := len(w.dst)
	ok := w.literal()
	w.dst = w.dst[:n]
	return ok
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

// number copies a number; a card number becomes a mark, a coordinate is rounded.
func (w *walker) number(c Class) bool {
	n := numberEnd(w.s[w.i:])
	if n == 0 {
		return false
	}
	lit := w.s[w.i : w.i+n]
	w.i += n
	if c == ClassCoordinate {
		w.dst = w.r.appendCoordinate(w.dst, lit)
		return true
	}
	if mark, ok := w.r.literal(lit); ok {
		w.dst = append(append(append(w.dst, '"'), mark...), '"')
		return true
	}
	w.dst = append(w.dst, lit...)
	return true
}

// literal is the card check for a number as it is written, json.Number too.
func (r *Redactor) literal(lit string) (string, bool) {
	if len(lit) < 12 {
		return "", false
	}
	if v, err := strconv.ParseUint(strings.TrimPrefix(lit, "-"), 10, 64); err == nil {
		return r.Uint(v)
	}
	if f, err := strconv.ParseFloat(lit, 64); err == nil {
		return r.Float(f)
	}
	return "", false
}

// Number is [Redactor.Int] for a number that is already text, as json.Number.
func (r *Redactor) Number(lit string) (mark string, redacted bool) { return r.literal(lit) }

// numberEnd returns the length of the JSON number at the start of s, 0 when
// there is none (RFC 8259 section 6).
func numberEnd(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	digits := func() bool {
		start := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}

// stringToken reads the string at i: as it is written, and what it says.
func (w *walker) stringToken() (raw, text string, ok bool) {
	start := w.i
	escaped := false
	for i := start + 1; i < len(w.s); i++ {
		switch c := w.s[i]; {
		case c == '"':
			w.i = i + 1
			raw = w.s[start:w.i]
			if !escaped {
				return raw, raw[1 : len(raw)-1], true
			}
			text, ok = unescape(raw[1 : len(raw)-1])
			return raw, text, ok
		case c == '\\':
			escaped = true
			i++
		case c < 0x20:
			return "", "", false
		}
	}
	return "", "", false
}

// putString writes a string: as it was written when nothing in it is sensitive.
func (w *walker) putString(raw, text string, c Class) {
	if c == ClassKeep && len(text) <= w.r.cfg.MaxBytes && !looksJSON(text) && len(w.r.cfg.Values) == 0 {
		sc := scanner{r: w.r, s: text, depth: w.level}
		if _, found := sc.next(0); !found && (sc.escape&hotEscape == 0 || utf8.ValidString(raw)) {
			w.dst = append(w.dst, raw...)
			return
		}
	}
	if c == ClassKeep {
		w.text = w.r.appendText(w.text[:0], text, w.level+1)
		if len(w.r.cfg.Values) > 0 {
			w.text = w.r.appendCustom(w.text[:0], string(w.text))
		}
	} else {
		w.text = w.r.AppendClass(w.text[:0], c, text)
	}
	if string(w.text) == text && utf8.ValidString(raw) {
		w.dst = append(w.dst, raw...)
		return
	}
	w.dst = appendQuoted(w.dst, string(w.text))
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < 0x80:
			dst = append(dst, c)
		default:
			ch, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case ch == utf8.RuneError && n == 1:
				dst = append(dst, `\ufffd`...)
			case ch < 0xa0 || ch == 0x2028 || ch == 0x2029:
				dst = append(dst, '\\', 'u', hexDigits[ch>>12&15], hexDigits[ch>>8&15], hexDigits[ch>>4&15], hexDigits[ch&15])
			default:
				dst = append(dst, s[i:i+n]...)
			}
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

// unescape decodes the inside of a JSON string.
func unescape(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		if i >= len(s) {
			return "", false
		}
		switch s[i] {
		case '"', '\\', '/':
			b = append(b, s[i])
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			ch, n, ok := unicodeRune(s[i-1:])
			if !ok {
				return "", false
			}
			b = utf8.AppendRune(b, ch)
			i += n - 2
		default:
			return "", false
		}
	}
	return string(b), true
}

// unicodeRune decodes \uXXXX or a surrogate pair at the start of s and returns
// its length.
func unicodeRune(s string) (rune, int, bool) {
	hex4 := func(s string) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		v, err := strconv.ParseUint(s[2:6], 16, 32)
		return rune(v), err == nil
	}
	hi, ok := hex4(s)
	if !ok {
		return 0, 0, false
	}
	if hi >= 0xd800 && hi < 0xdc00 {
		if lo, ok := hex4(s[6:]); ok && lo >= 0xdc00 && lo < 0xe000 {
			return (hi-0xd800)<<10 | (lo - 0xdc00) + 0x10000, 12, true
		}
	}
	return hi, 6, true
}
