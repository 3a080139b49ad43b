package redact

import "strings"

// A one-time code of four or five digits is sought in messages only: see maxMessage. In a
// file each line may be a message. Their numbers are too many to be looked at one by one,
// so that the lines are found by a word that most such messages have.

// AppendLines is [Redactor.AppendString] for text of which each line may be a message of
// its own, as the lines of a file are: one-time codes of four and five digits go from
// each line of up to 160 bytes that has the word your.
func (r *Redactor) AppendLines(dst []byte, lines string) (out []byte) {
	if len(lines) <= maxMessage || len(lines) > r.cfg.MaxBytes || looksJSON(lines) || len(r.cfg.Values) > 0 || r.off[idContext] {
		return r.AppendString(dst, lines)
	}
	codes := codeLines{r: r, s: lines}
	code, found := codes.next()
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
		for found && code.start < last {
			code, found = codes.next() // it was a part of something else
		}
		if found && (!ok || code.end <= sp.start) {
			sp, ok = code, true
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
