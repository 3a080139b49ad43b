package redact

import (
	"math/bits"
	"strings"
)

// place is where a value stands in a template: how values there have looked, and what
// comes behind them.
type place struct {
	form   lineForm
	keep   bool // ClassKeep
	ip     bool // the value is an address, to be masked
	label  bool // the value may say that the next one is a secret
	whole  bool // an object that is the value is no part of the template
	depth  uint8
	class  Class
	key    string
	next   *step      // after the value
	branch *[64]*step // after a value that says which keys will follow; see words
	words  *lineWords // where words are remembered
	near   *nearWords // not nil when words are remembered
	count  wordCount
	tagged tagged
	minute [2]uint64 // the beginning of the last time
}

// farWord returns the length of the value at the beginning of s, which is none of the
// near words, when it is another that is remembered. Now and then it becomes a near one.
func (v *place) farWord(s string) (n int, slot uint64) {
	if v.words == nil {
		return 0, 0
	}
	n, slot = v.count.find(v.words, s)
	if n > 0 && (v.near.n < maxNear || v.count.hits%16 == 0) {
		v.near.note(s, n, slot)
	}
	return n, slot
}

// addWord remembers the first n bytes of s, if that is of use.
func (v *place) addWord(s string, n int) bool {
	if v.near == nil {
		v.near = new(nearWords)
	}
	return v.count.add(v.words, s, n, v.near.hits())
}

// kept remembers the n bytes at the beginning of s, which stay as they are under a key
// of another class than ClassKeep: an address that was masked before.
func (v *place) kept(s string, n int) {
	if v.near == nil {
		v.near = new(nearWords)
	}
	v.form = formWord
	if v.count.tries++; v.near.n < maxNear || v.count.tries%16 == 0 {
		v.near.note(s, n, 0)
	}
}

// shortNumber returns the end of the number at i when it is of digits, or of digits
// and digits after a dot, and too short for a card; otherwise 0. There are twenty
// bytes behind i at least.
func shortNumber(s string, i int) int {
	k := leadingDigits(at8(s, i))
	if k == 0 || k == 8 || k > 1 && s[i] == '0' {
		return 0
	}
	end := i + k
	if s[end] == '.' {
		k2 := leadingDigits(at8(s, end+1))
		if k2 == 0 || k2 == 8 || k+k2 > 10 {
			return 0
		}
		end += 1 + k2
	}
	if s[end]|0x20 == 'e' {
		return 0
	}
	return end
}

// time is harmlessTime for 24 bytes. Those of a log begin alike for long.
func (v *place) time(s string) bool {
	w0, w1, w2 := load8(s), at8(s, 8), at8(s, 16)
	const digits, marks, mark = 0x0080808000808000, 0xff000000ff0000ff, uint64('Z')<<56 | '.'<<24 | ':' // :05.000Z
	if w0 == v.minute[0] && w1 == v.minute[1] && within(w2, '0', '9') == digits && w2&marks == mark {
		return true
	}
	if !harmlessTime(s) {
		return false
	}
	v.minute = [2]uint64{w0, w1}
	return true
}

// leadingDigits returns how many bytes of w are digits before the first that is none.
func leadingDigits(w uint64) int {
	// A byte that is not ASCII may carry into those behind it only.
	return bits.TrailingZeros64(^(decimals(w)&^w)&highs) >> 3
}

// harmlessHex24 is harmlessHex for 24 bytes.
func harmlessHex24(s string) bool {
	w0, w1, w2 := load8(s), at8(s, 8), at8(s, 16)
	l0, l1, l2 := hexLetters(w0), hexLetters(w1), hexLetters(w2)
	all := (decimals(w0) | l0) & (decimals(w1) | l1) & (decimals(w2) | l2)
	return all&^(w0|w1|w2)&highs == highs && (l0|l1|l2)&highs != 0 && (l0&0x80808080 != 0x00008080 || !country(s, 0))
}

// address masks the plain address that is the string at i, and returns its end, or 0
// when it is no plain address.
func (p *known) address(i int) int {
	s := p.s
	if s[i] != '"' {
		return 0
	}
	n := strings.IndexByte(s[i+1:i+18], '"')
	if n <= 0 {
		return 0
	}
	last, ok := plainIP(s[i+1 : i+1+n])
	if !ok {
		return 0
	}
	if last == 0 {
		p.flush(i + 1)
		p.dst = append(p.dst, "[IP]"...)
	} else {
		p.flush(i + 1 + last)
		p.dst = append(p.dst, "0/24"...)
	}
	p.lineIPs++
	p.copied = i + 1 + n
	return i + n + 2
}

// value copies the value at i, which is not as those before, and returns its end. It
// notes what values look like here.
func (p *known) value(v *place, i int) int {
	s := p.s
	c := s[i]
	if c == '"' && v.label {
		if text, ok := upToQuote(s[i+1:]); ok {
			if named, told := p.l.r.names(v.key, text); told && named {
				return otherLine
			}
		}
	}
	switch {
	case c == 'n' && s[i:i+4] == "null":
		return i + 4
	case c == '"' && v.ip && v.form != formIP:
		if end := p.address(i); end > 0 {
			v.form = formIP
			return end
		}
	case c == '{' && s[i+1] != '}' && !v.whole:
		return unknownLine
	case (isDigit(c) || c == '-') && (v.keep || v.class.Measures()):
		if n := numberEnd(s[i:]); n > 0 && n < 12 {
			v.form = formNumber
			return i + n
		}
	case !v.keep:
	case c == '"':
		if end := p.text(v, i); end != 0 {
			return end
		}
	case c == 't' && s[i:i+4] == "true":
		return i + 4
	case c == 'f' && s[i:i+5] == "false":
		return i + 5
	case (c == '{' && s[i+1] == '}' || c == '[' && s[i+1] == ']') && int(v.depth) < p.l.r.cfg.MaxDepth:
		return i + 2
	}
	return p.any(v, i)
}

// text returns the end of the string at i when it is harmless, and 0 when it is to be
// looked at.
func (p *known) text(v *place, i int) int {
	s, l := p.s, p.l
	text, ok := upToQuote(s[i+1:])
	if !ok {
		return otherLine
	}
	end := i + len(text) + 2
	if len(text) > maxLineWord {
		if l.texts.has(text) {
			return end
		}
		return 0
	}
	if l.r.Check(text) != 0 {
		return 0
	}
	tag, isTagged := taggedHex(text)
	switch {
	case v.label && l.r.keys != nil: // a key rule of the user's may name one identifier of these forms, and not another
		if v.form = formOther; v.addWord(s[i:], len(text)+2) {
			v.form = formWord
		}
	case isTagged:
		v.form, v.tagged = formTagged, newTagged(text, tag)
	case len(text) == 24 && harmlessHex(text):
		v.form = formHex
	case len(text) == 24 && harmlessTime(text):
		v.form = formTime
	case len(text) == 36 && soleUUID(text):
		v.form = formUUID
	case v.addWord(s[i:], len(text)+2):
		v.form = formWord
	default:
		v.form = formOther
	}
	return end
}

// any copies the value at i like that of any document, and returns its end. A long
// text in which nothing was found is remembered.
func (p *known) any(v *place, i int) int {
	if p.end == 0 {
		n := strings.IndexByte(p.s[i:], '\n')
		if n < 0 {
			return otherLine
		}
		p.end = i + n
	}
	l, start := p.l, p.begin
	p.flush(i)
	length := len(p.dst)
	l.path = 0
	w := walker{r: &l.t.r, s: p.s[start:p.end], i: i - start, copied: i - start, dst: p.dst, depth: int(v.depth), group: v.key, text: l.text, webKeys: p.webKeys, lines: l}
	ok := w.value(v.class)
	l.text, p.webKeys = w.text, w.webKeys
	p.dst, p.copied = w.dst, start+w.copied
	p.counted = p.counted || w.changed
	if !ok {
		return otherLine
	}
	end := start + w.i
	if !v.keep && p.s[i] == '"' && end-i <= maxLineWord+2 && len(w.dst) == length && l.t.n.empty() {
		v.kept(p.s[i:], end-i)
	}
	if v.keep && !w.changed && p.s[i] == '"' {
		if text, _ := upToQuote(p.s[i+1:]); len(text)+2 == end-i && len(text) > maxLineWord {
			l.texts.add(text)
		}
	}
	return end
}
