package redact

import "strings"

// A one-time code of four or five digits is sought in messages only: see maxMessage. In a
// file each line may be a message. Their numbers are too many to be looked at one by one,
// so that the lines are found by a word that most such messages have. A credential's scheme
// in small letters counts at the beginning of a line as it does at that of a text.

// AppendLines is [Redactor.AppendString] for text of which each line may be a text of
// its own, as the lines of a file are: one-time codes of four and five digits go from
// each line of up to 160 bytes that has the word your, and so does what follows bearer or
// basic at the beginning of a line.
func (r *Redactor) AppendLines(dst []byte, lines string) (out []byte) {
	if len(lines) > r.cfg.MaxBytes || looksJSON(lines) || len(r.cfg.Values) > 0 {
		return r.AppendString(dst, lines)
	}
	of := lineSpans{codes: codeLines{r: r, s: lines, at: len(lines), end: len(lines)}}
	if len(lines) > maxMessage && !r.off[idContext] {
		of.codes.at, of.codes.end = 0, 0
	}
	own, found := of.next(0)
	if !found {
		return r.AppendString(dst, lines)
	}
	n := len(dst)
	defer func() {
		if recover() != nil {
			r.count(idLimit)
			out = append(dst[:n], Mark...)
		}
	}()
	sc := scanner{r: r, s: lines}
	last := 0
	for {
		sp, ok := sc.next(last)
		for found && own.start < last {
			own, found = of.next(last) // it was a part of something else
		}
		if found && (!ok || own.end <= sp.start || own.start <= sp.start && own.end >= sp.end) {
			sp, ok = own, true
		}
		if !ok {
			return append(dst, lines[last:]...)
		}
		dst = append(dst, lines[last:sp.start]...)
		dst = r.appendMark(dst, lines, sp)
		last = sp.end
		sc.resume(last)
	}
}

// lineSpans finds what only the lines of a text have, in their order.
type lineSpans struct {
	codes        codeLines
	code, scheme lineSpan
}

// lineSpan is the next span of a kind.
type lineSpan struct {
	span
	sought, found bool
}

// seek makes k the first span that begins at or after from of those that next returns.
func (k *lineSpan) seek(from int, next func() (span, bool)) {
	for !k.sought || k.found && k.start < from {
		k.sought = true
		k.span, k.found = next()
	}
}

// next returns the next span, which begins at or after from.
func (l *lineSpans) next(from int) (span, bool) {
	l.code.seek(from, l.codes.next)
	l.scheme.seek(from, func() (span, bool) { return l.codes.r.schemeLine(l.codes.s, max(from, l.scheme.end)) })
	if l.scheme.found && (!l.code.found || l.scheme.start < l.code.start) {
		return l.scheme.span, true
	}
	return l.code.span, l.code.found
}

// schemeLine finds the next line of which bearer or basic, in small letters, and its
// credential begin after i.
func (r *Redactor) schemeLine(s string, i int) (span, bool) {
	if r.off[idAuth] {
		return span{}, false
	}
	for i = max(0, i-1); ; i++ {
		n := strings.Index(s[i:], "\nb")
		if n < 0 {
			return span{}, false
		}
		i += n
		if line := s[i+1:]; !strings.HasPrefix(line, "bearer ") && !strings.HasPrefix(line, "basic ") {
			continue
		}
		sc := scanner{r: r, s: s}
		if sp, ok := sc.scheme(i + 1); ok && !wordsOnly(s[sp.start:sp.end]) {
			return sp, true
		}
	}
}

// codeLines finds the short one-time codes in the lines of s, in their order.
type codeLines struct {
	r    *Redactor
	s    string
	from int // of the line that is being looked at
	at   int
	end  int
	big  int // one more than where the next Y is, if not before end
}

// next returns the next code.
func (c *codeLines) next() (span, bool) {
	for c.at < c.end || c.nextLine() {
		k := c.at
		for k < c.end && !isDigit(c.s[k]) {
			k++
		}
		stop := k
		for stop < c.end && isDigit(c.s[stop]) {
			stop++
		}
		c.at = stop
		if n := stop - k; n < 4 || n > 5 {
			continue
		}
		sub := scanner{r: c.r, s: c.s[c.from:c.end]}
		if p, e := k-c.from, stop-c.from; sub.mayBeCode(p, e) {
			if sp, ok := sub.namedNumber(p, e, e-p, 0); ok {
				return span{sp.start + c.from, sp.end + c.from, sp.rule}, true
			}
		}
	}
	return span{}, false
}

// nextLine goes to the next line that is no longer than a message and has the word.
func (c *codeLines) nextLine() bool {
	s := c.s
	for i := c.end; i < len(s); {
		if c.big <= i {
			c.big = indexFrom(s, i, 'Y') + 1
		}
		if i = min(indexFrom(s[:min(len(s), c.big)], i, 'y'), c.big-1) + 1; len(s)-i < 3 || s[i] != 'o' || s[i+1] != 'u' || s[i+2] != 'r' {
			continue
		}
		if c.line(i); c.end-c.from <= maxMessage {
			return true
		}
		i = c.end
	}
	c.at, c.end = len(s), len(s)
	return false
}

// indexFrom returns where c comes at or after i, the length of s when it does not.
func indexFrom(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}

// line sets the line of i.
func (c *codeLines) line(i int) {
	c.from, c.end = strings.LastIndexByte(c.s[:i], '\n')+1, len(c.s)
	if n := strings.IndexByte(c.s[i:], '\n'); n >= 0 {
		c.end = i + n
	}
	c.at = c.from
}
