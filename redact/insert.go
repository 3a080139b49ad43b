package redact

import "strings"

// A row of an INSERT names its columns before its values. The values under a sensitive
// column go: INSERT INTO users (name, password) VALUES ('bob', 'x').

// insert is the row that is being read: up to pos, which is in the value of the column
// with the number column. A row is read once, however many of its values are looked at.
type insert struct {
	open    int // one more than the parenthesis before the row, 0 when none is read
	pos     int
	column  int
	depth   int    // of parentheses within the row
	secret  uint64 // a bit for each sensitive column, of the last row too
	closed  int    // where the last row has ended
	tried   int    // one more than the last parenthesis that was tried
	paren   int    // one more than the last parenthesis before parenTo, 0 when there is none
	parenTo int
}

const (
	maxColumns = 64   // columns of a row that are looked at
	maxRow     = 4096 // bytes of a row that are looked at
	maxNames   = 2048 // bytes of its columns that are looked at
)

// insertValue redacts the quoted value at k when it is in a row of an INSERT, under a
// sensitive column.
func (sc *scanner) insertValue(k int) (span, bool) {
	if sc.r.off[idAssignment] || !sc.rowAt(k) {
		return span{}, false
	}
	in := &sc.insert
	if in.column >= maxColumns || in.secret>>in.column&1 == 0 {
		return span{}, false
	}
	s := sc.s
	val := quotedValue(s, k, 0)
	if val.start < sc.lo || val.end <= val.start || isMark(s[val.start:]) || trivial(s[val.start:val.end]) {
		return span{}, false
	}
	return span{val.start, val.end, idAssignment}, true
}

// rowAt reads the row up to the quote at k, and reports whether it is the beginning of
// a value of it.
func (sc *scanner) rowAt(k int) bool {
	in := &sc.insert
	if in.open > 0 {
		if sc.readRow(k) {
			return true
		}
		if in.open > 0 {
			return false // inside a value
		}
	}
	p := sc.parenBefore(k)
	if p < 0 || p+1 == in.tried {
		return false
	}
	in.tried = p + 1
	columns, ok := sc.columnsBefore(p)
	if !ok {
		return false
	}
	in.open, in.pos, in.column, in.depth, in.secret = p+1, p+1, 0, 0, columns
	return sc.readRow(k)
}

// readRow reads the row on from pos to k. It reports false when k is inside a value,
// or the row has ended before: then none is read any more.
func (sc *scanner) readRow(k int) bool {
	in, s := &sc.insert, sc.s
	if k-in.open > maxRow {
		in.open = 0
		return false
	}
	for in.pos < k {
		switch s[in.pos] {
		case '\'':
			in.pos = max(quotedValue(s, in.pos, 0).close, in.pos+1)
			continue
		case '(':
			in.depth++
		case ')':
			if in.depth--; in.depth < 0 {
				in.open, in.closed = 0, in.pos+1
				return false
			}
		case ',':
			if in.depth == 0 {
				in.column++
			}
		}
		in.pos++
	}
	return in.pos == k
}

// parenBefore returns where the last opening parenthesis before k is, -1 when there is
// none. What was searched is not searched again.
func (sc *scanner) parenBefore(k int) int {
	in := &sc.insert
	if k > in.parenTo {
		if i := strings.LastIndexByte(sc.s[in.parenTo:k], '('); i >= 0 {
			in.paren = in.parenTo + i + 1
		}
		in.parenTo = k
	}
	return in.paren - 1
}

// columnsBefore returns which columns of the row that the parenthesis at p opens are
// sensitive: those that are named before VALUES, or those of the row before.
func (sc *scanner) columnsBefore(p int) (secret uint64, ok bool) {
	s, in := sc.s, &sc.insert
	i := skipBack(s, p)
	if i > 0 && s[i-1] == ',' {
		i = skipBack(s, i-1)
		return in.secret, i > 0 && i == in.closed && in.secret != 0
	}
	if i < len("values") || !hasFold(s[i-len("values"):], "values") {
		return 0, false
	}
	end := skipBack(s, i-len("values"))
	if end == 0 || s[end-1] != ')' {
		return 0, false
	}
	names := s[max(0, end-1-maxNames) : end-1]
	open := strings.LastIndexByte(names, '(')
	if open < 0 {
		return 0, false
	}
	column := 0
	for name := range strings.SplitSeq(names[open+1:], ",") {
		name = strings.Trim(name, " \t\r\n\"`[]\\")
		if column >= maxColumns {
			break
		}
		if name != "" && len(name) <= maxKeyBack && sc.r.verdict(lastSegments(name, true)).str >= strStructured {
			secret |= 1 << column
		}
		column++
	}
	return secret, secret != 0
}

// skipBack returns the end of what is before the white space before i.
func skipBack(s string, i int) int {
	for n := 0; i > 0 && s[i-1] <= ' ' && n < 64; n++ {
		i--
	}
	return i
}
