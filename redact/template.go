package redact

import (
	"math/bits"
	"strings"
)

// A program writes lines of few forms: the same keys in the same order, and values
// that are identifiers, times, numbers or one of few words. A template is such a form.
// Templates are kept as steps, each of what stands before a value and of how values
// there have looked, so that most lines are compared with literals of many bytes
// and copied together, without looking at what a key means or at where a text ends.
//
// That is right because a document is walked from its beginning to its end: what is
// done with a value depends on what is written before it, and on the values there only
// where a key is a label (names) or the path of a patch. Each step was learned from a
// document that AppendDocument had walked, its literal is compared byte by byte, and
// its values are judged like any others. Which step is tried first is a guess.

// step is what comes after another step: a literal and a value.
type step struct {
	head, mid, tail uint64 // the first bytes of the literal, those from midAt on, the last
	n, midAt        int    // n is its length
	form            lineForm
	keep            bool // ClassKeep
	ip              bool // the value is an address, to be masked
	label           bool // the value may say that the next one is a secret
	whole           bool // an object that is the value is no part of the template
	depth           uint8
	class           Class
	next            *step      // after the value
	other           *step      // instead of this one
	branch          *[64]*step // after a value that says which keys will follow; see words
	words           *lineWords // where words are remembered
	near            *nearWords // not nil when words are remembered
	count           wordCount
	tagged          tagged
	minute          [2]uint64 // the beginning of the last time
	key, lit        string
}

// What line returns instead of the end of a line.
const (
	unknownLine = -1 // it is of another form, which may be learned
	otherLine   = -2 // it is to be walked in any case
)

// ahead is how many bytes behind a literal a step may look at.
const ahead = 64

const (
	// maxSteps is how many steps are kept at the most, maxOthers how many of them
	// after the same step, maxBranches how many have branches.
	maxSteps, maxOthers, maxBranches = 4096, 16, 64
	// maxLiteral is the longest literal, in bytes, and maxTemplateDepth how many objects
	// may be one in the other.
	maxLiteral, maxTemplateDepth = 256, 100
)

// templates are what is known about the forms of lines.
type templates struct {
	first    *step
	steps    int
	branches int
	labels   *lineWords // values of labels that do not say that the next one is a secret
	paths    *lineWords // those of patches
	unknown  bool       // the line at hand may be learned
	// seen and missed count lines. When few are of a form that is known, the next
	// pause lines are not looked at.
	seen, missed, pause, wait int
}

// AppendKnown appends the lines at the beginning of s that are documents of a known
// form, redacted and with their ends. It returns how many bytes and how many lines of s
// these are: none where the next line is of another form. That one goes to
// [Lines.AppendDocument], which learns it. s is not kept.
func (l *Lines) AppendKnown(dst []byte, s string) (out []byte, n, lines int) {
	t := &l.templates
	if t.unknown = false; t.pause > 0 {
		t.pause--
		return dst, 0, 0
	}
	if l.r.allow != nil {
		return dst, 0, 0
	}
	p := known{l: l, s: s, dst: dst}
	defer func() {
		if recover() != nil {
			p.undo()
		}
		p.flush(p.begin)
		out, n, lines = p.dst, p.begin, p.lines
		l.n.builtin[idIP].Add(p.ips)
		t.account(lines)
	}()
	p.all()
	return
}

// account notes that lines of a known form were followed by another.
func (t *templates) account(lines int) {
	t.seen += lines
	if t.missed++; t.missed < 256 {
		return
	}
	if t.seen < 512 {
		if t.steps >= maxSteps {
			t.first, t.steps, t.branches = nil, 0, 0
		}
		t.wait = min(2*t.wait+1024, 1<<17)
		t.pause = t.wait
	} else {
		t.wait = 0
	}
	t.seen, t.missed = 0, 0
}

// known copies lines of known forms. What stays as it is written is copied in large
// pieces.
type known struct {
	l      *Lines
	s      string
	dst    []byte
	copied int // what is before is in dst, or was left out
	lines  int
	ips    uint64 // addresses that were masked

	// Of the line at hand: where it begins and ends (0 when unknown), what dst and
	// copied were there, the addresses in it, whether something else was counted.
	begin, end   int
	length, from int
	lineIPs      uint64
	counted      bool
}

// flush copies what has not been copied up to end.
func (p *known) flush(end int) {
	p.dst = append(p.dst, p.s[p.copied:end]...)
	p.copied = end
}

// undo takes back what was done with the line at hand.
func (p *known) undo() {
	p.dst, p.copied = p.dst[:p.length], p.from
	p.l.t.n.reset()
}

// all copies lines until one is of another form.
func (p *known) all() {
	for i := 0; ; {
		p.begin, p.end, p.length, p.from, p.lineIPs, p.counted = i, 0, len(p.dst), p.copied, 0, false
		end := p.line(i)
		if end < 0 || end-i > p.l.r.cfg.MaxBytes {
			p.l.templates.unknown = end == unknownLine
			p.undo()
			return
		}
		if p.counted {
			p.l.t.n.moveTo(p.l.n)
		}
		p.ips += p.lineIPs
		p.lines++
		i = end
	}
}

// line walks the line at i and returns its end.
func (p *known) line(i int) int {
	s := p.s
	st := p.l.templates.first
	for st != nil {
		n := st.n
		if len(s)-i < n+ahead {
			return otherLine
		}
		if n < 8 {
			if (at8(s, i)^st.head)<<uint(64-8*n) != 0 {
				st = st.other
				continue
			}
		} else if at8(s, i) != st.head || at8(s, i+st.midAt) != st.mid || at8(s, i+n-8) != st.tail || n > 24 && s[i+16:i+n-8] != st.lit[16:n-8] {
			st = st.other
			continue
		}
		i += n
		end := 0
		switch c := s[i]; st.form {
		case formEnd:
			if c == '\n' {
				return i + 1
			}
			if c == '\r' && s[i+1] == '\n' {
				return i + 2
			}
			return unknownLine
		case formDead:
			return otherLine
		case formWord:
			k, slot := st.near.find(s, i)
			if k == 0 {
				k, slot = st.farWord(s[i:])
			}
			if k > 0 {
				i += k
				if st.branch != nil {
					st = st.branch[slot%64]
					continue
				}
				st = st.next
				continue
			}
		case formHex:
			if c == '"' && s[i+25] == '"' && harmlessHex24(s[i+1:i+25]) {
				end = i + 26
			}
		case formUUID:
			if c == '"' && s[i+37] == '"' && soleUUID(s[i+1:i+37]) {
				end = i + 38
			}
		case formTime:
			if c == '"' && s[i+25] == '"' && st.time(s[i+1:i+25]) {
				end = i + 26
			}
		case formTagged:
			end = st.tagged.end(s, i)
		case formNumber:
			end = shortNumber(s, i)
		case formIP:
			end = p.address(i)
		}
		if end == 0 {
			if end = p.value(st, i); end < 0 {
				return end
			}
		}
		i = end
		st = st.next
	}
	return unknownLine
}

// farWord returns the length of the value at the beginning of s, which is none of the
// near words, when it is another that is remembered. Now and then it becomes a near one.
func (st *step) farWord(s string) (n int, slot uint64) {
	if st.words == nil {
		return 0, 0
	}
	n, slot = st.count.find(st.words, s)
	if n > 0 && (st.near.n < maxNear || st.count.hits%16 == 0) {
		st.near.note(s, n, slot)
	}
	return n, slot
}

// addWord remembers the first n bytes of s, if that is of use.
func (st *step) addWord(s string, n int) bool {
	if st.near == nil {
		st.near = new(nearWords)
	}
	return st.count.add(st.words, s, n, st.near.hits())
}

// kept remembers the n bytes at the beginning of s, which stay as they are under a key
// of another class than ClassKeep: an address that was masked before.
func (st *step) kept(s string, n int) {
	if st.near == nil {
		st.near = new(nearWords)
	}
	st.form = formWord
	if st.count.tries++; st.near.n < maxNear || st.count.tries%16 == 0 {
		st.near.note(s, n, 0)
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
func (st *step) time(s string) bool {
	w0, w1, w2 := load8(s), at8(s, 8), at8(s, 16)
	const digits, marks, mark = 0x0080808000808000, 0xff000000ff0000ff, uint64('Z')<<56 | '.'<<24 | ':' // :05.000Z
	if w0 == st.minute[0] && w1 == st.minute[1] && within(w2, '0', '9') == digits && w2&marks == mark {
		return true
	}
	if !harmlessTime(s) {
		return false
	}
	st.minute = [2]uint64{w0, w1}
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
func (p *known) value(st *step, i int) int {
	s := p.s
	c := s[i]
	if c == '"' && st.label {
		if text, ok := upToQuote(s[i+1:]); ok {
			if named, told := p.l.r.names(st.key, text); told && named {
				return otherLine
			}
		}
	}
	switch {
	case c == 'n' && s[i:i+4] == "null":
		return i + 4
	case c == '"' && st.ip && st.form != formIP:
		if end := p.address(i); end > 0 {
			st.form = formIP
			return end
		}
	case c == '{' && s[i+1] != '}' && !st.whole:
		return unknownLine
	case !st.keep:
	case c == '"':
		if end := p.text(st, i); end != 0 {
			return end
		}
	case isDigit(c) || c == '-':
		if n := numberEnd(s[i:]); n > 0 && n < 12 {
			st.form = formNumber
			return i + n
		}
	case c == 't' && s[i:i+4] == "true":
		return i + 4
	case c == 'f' && s[i:i+5] == "false":
		return i + 5
	case c == '{' && s[i+1] == '}', c == '[' && s[i+1] == ']':
		return i + 2
	}
	return p.any(st, i)
}

// text returns the end of the string at i when it is harmless, and 0 when it is to be
// looked at.
func (p *known) text(st *step, i int) int {
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
	case isTagged:
		st.form, st.tagged = formTagged, newTagged(text, tag)
	case len(text) == 24 && harmlessHex(text):
		st.form = formHex
	case len(text) == 24 && harmlessTime(text):
		st.form = formTime
	case len(text) == 36 && soleUUID(text):
		st.form = formUUID
	case st.addWord(s[i:], len(text)+2):
		st.form = formWord
	default:
		st.form = formOther
	}
	return end
}

// any copies the value at i like that of any document, and returns its end. A long
// text in which nothing was found is remembered.
func (p *known) any(st *step, i int) int {
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
	w := walker{r: &l.t.r, s: p.s[start:p.end], i: i - start, copied: i - start, dst: p.dst, depth: int(st.depth), group: st.key, text: l.text, lines: l}
	ok := w.value(st.class)
	l.text = w.text
	p.dst, p.copied = w.dst, start+w.copied
	p.counted = p.counted || w.changed
	if !ok {
		return otherLine
	}
	end := start + w.i
	if !st.keep && p.s[i] == '"' && end-i <= maxLineWord+2 && len(w.dst) == length && l.t.n.empty() {
		st.kept(p.s[i:], end-i)
	}
	if st.keep && !w.changed && p.s[i] == '"' {
		if text, _ := upToQuote(p.s[i+1:]); len(text)+2 == end-i && len(text) > maxLineWord {
			l.texts.add(text)
		}
	}
	return end
}
