package redact

// A program writes lines of few forms: the same keys in the same order, and values
// that are identifiers, times, numbers or one of few words. A template is such a form.
// Templates are kept as steps, each of what stands before a value and of how values
// there have looked, so that most lines are compared with literals of many bytes
// and copied together, without looking at what a key means or at where a text ends.
//
// That is right because a document is walked from its beginning to its end: what is
// done with a value depends on what is written before it, and on other values only where
// a key is a label or the path of a patch (names): a line in which one of these names a
// secret goes to AppendDocument. Each step was learned from a document that AppendDocument
// had walked, its literal is compared byte by byte, and its values are judged like any
// others. Which step is tried first is a guess.

// step is what comes after a value: a literal and the next value.
type step struct {
	head, mid, tail uint64 // the first eight bytes of the literal, the next, the last
	n               int    // its length
	lit             string
	value           *place
	other           *step // instead of this one
}

// What line returns instead of the end of a line.
const (
	unknownLine = -1 // it is of another form, which may be learned
	otherLine   = -2 // it is to be walked in any case
)

// ahead is how many bytes behind a literal may be looked at. A line that begins so near
// to the end that a literal and these do not fit goes to AppendDocument.
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
	webKeys      uint8 // as in a walker
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
		p.begin, p.end, p.length, p.from, p.lineIPs, p.counted, p.webKeys = i, 0, len(p.dst), p.copied, 0, false, 0
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
	room := len(s) - maxLiteral - ahead
	st := p.l.templates.first
	for st != nil {
		if i > room {
			return otherLine
		}
		n := st.n
		if n < 8 {
			if (at8(s, i)^st.head)<<uint(64-8*n) != 0 {
				st = st.other
				continue
			}
		} else if at8(s, i) != st.head || at8(s, i+n-8) != st.tail || n > 16 && at8(s, i+8) != st.mid || n > 24 && s[i+16:i+n-8] != st.lit[16:n-8] {
			st = st.other
			continue
		}
		i += n
		end, v := 0, st.value
		switch v.form {
		case formEnd:
			if s[i] == '\n' {
				return i + 1
			}
			if s[i] == '\r' && s[i+1] == '\n' {
				return i + 2
			}
			return unknownLine
		case formDead:
			return otherLine
		case formWord:
			k, slot := v.near.find(s, i)
			if k == 0 {
				k, slot = v.farWord(s[i:])
			}
			if k > 0 {
				i += k
				if v.branch != nil {
					st = v.branch[slot%64]
					continue
				}
				st = v.next
				continue
			}
		case formHex:
			if s[i] == '"' && s[i+25] == '"' && harmlessHex24(s[i+1:i+25]) {
				end = i + 26
			}
		case formUUID:
			if s[i] == '"' && s[i+37] == '"' && soleUUID(s[i+1:i+37]) {
				end = i + 38
			}
		case formTime:
			if s[i] == '"' && s[i+25] == '"' && v.time(s[i+1:i+25]) {
				end = i + 26
			}
		case formTagged:
			end = v.tagged.end(s, i)
		case formNumber:
			end = shortNumber(s, i)
		case formIP:
			end = p.address(i)
		}
		if end == 0 {
			if end = p.value(v, i); end < 0 {
				return end
			}
		}
		i = end
		st = v.next
	}
	return unknownLine
}
