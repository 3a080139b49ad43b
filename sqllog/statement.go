package sqllog

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/pairly/pairlog"
)

// Bounds of what is kept of a statement.
const (
	maxStatement = 1024 // bytes of the fingerprint that a line shows
	maxText      = 4096 // bytes of the SQL text that are read; what is beyond is left out
	maxBrief     = 200  // bytes of the fingerprint that a request line shows
)

// A Statement is what is known of one SQL text: its fingerprint, which has
// placeholders where the text has values, and what it does to which table. It
// does not change.
type Statement struct {
	kind      *Statement     // the one that stands for all with this fingerprint
	text      string         // the SQL text
	normal    string         // the fingerprint
	brief     *pairlog.Fixed // its beginning, for request lines
	operation string         // SELECT, INSERT, …; upper case
	table     string         // as the text spells it, without quotes; empty where there is none
}

// Fingerprint returns the SQL text without its values: comments are gone, white
// space is one space, literals and placeholders of every style are ?, and lists
// of them are one. It has at most 1,024 bytes, and then an ellipsis.
func (s *Statement) Fingerprint() string { return s.normal }

// Operation returns what the statement does, such as SELECT, in upper case; ""
// for a text that has no word.
func (s *Statement) Operation() string { return s.operation }

// Table returns the table that the statement is about, as the text spells it but
// without quotes; "" where there is none.
func (s *Statement) Table() string { return s.table }

// Parse returns what is known of an SQL text. Where it cannot tell what something
// is it assumes a value: a string that does not end swallows the rest. With mysql
// it reads as [Config.MySQL] says. Of a text longer than 4,096 bytes the rest is
// left out.
//
// It reads the whole text. [Statements.Statement] remembers.
func Parse(text string, mysql bool) *Statement {
	st := &Statement{text: text}
	st.kind = st
	if len(text) > maxText {
		text = text[:maxText]
	}
	l := lexer{in: text, out: make([]byte, 0, min(len(text), maxStatement)+8), mysql: mysql}
	for l.pos < len(l.in) && len(l.out) <= maxStatement {
		l.next()
	}
	out := l.out
	if len(out) > maxStatement {
		out = append(out[:maxStatement:maxStatement], "…"...)
	}
	st.normal = strings.TrimRight(string(out), " ;")
	st.brief = pairlog.NewFixed(brief(st.normal))
	st.operation, st.table = l.operation, l.table
	if st.table == "" {
		st.table = l.cteTable
	}
	return st
}

// brief returns a fingerprint that a request line can bear: there is one on each,
// and the lines of statements have it in full.
func brief(normal string) string {
	if len(normal) <= maxBrief {
		return normal
	}
	at := maxBrief
	for !utf8.RuneStart(normal[at]) {
		at--
	}
	return normal[:at] + "..." // ASCII, which is written quicker
}

// A lexer walks an SQL text once.
type lexer struct {
	in    string
	pos   int
	out   []byte
	mysql bool // a backslash escapes in every string, "…" is a string, # begins a comment

	operation string
	table     string
	cteTable  string // the table of a WITH clause, for a main statement without one
	with      bool   // the main verb after WITH is still to come
	want      bool   // the next name is the table
	last      string // the last word, upper case
	depth     int
	ignore    int // depth of a function whose FROM names no table; 0: none
}

func (l *lexer) next() {
	c := l.in[l.pos]
	switch {
	case c <= ' ':
		l.pos++
		l.space()
	case c == '-' && l.at("--"), c == '#' && l.mysql:
		l.line()
	case c == '/' && l.at("/*"):
		l.block()
	case c == '\'':
		l.quoted('\'', l.mysql)
		l.value()
	case c == '"' && l.mysql:
		l.quoted('"', true)
		l.value()
	case c == '"', c == '`', c == '[' && l.bracketName():
		l.quotedName()
	case c == '$':
		l.dollar()
	case c == '?':
		l.pos++
		l.digits()
		l.value()
	case c == ':' && l.at("::"):
		l.emit("::")
	case (c == ':' || c == '@') && l.wordAt(l.pos+1) && !l.at("@@"):
		l.pos++
		l.word()
		l.value()
	case isDigit(c), c == '.' && l.pos+1 < len(l.in) && isDigit(l.in[l.pos+1]) && !l.afterName():
		l.number()
		l.value()
	case l.wordAt(l.pos):
		l.keyword()
	default:
		l.symbol(c)
	}
}

func (l *lexer) at(s string) bool { return strings.HasPrefix(l.in[l.pos:], s) }

// wordAt reports whether a word begins at i. Bytes of multi-byte characters are
// letters.
func (l *lexer) wordAt(i int) bool {
	return i < len(l.in) && (isLetter(l.in[i]) || l.in[i] >= 0x80)
}

// afterName reports whether the output ends in a name, so that a dot belongs to
// it.
func (l *lexer) afterName() bool {
	n := len(l.out)
	return n > 0 && (isLetter(l.out[n-1]) || isDigit(l.out[n-1]) || l.out[n-1] >= 0x80)
}

func (l *lexer) space() {
	if n := len(l.out); n > 0 && l.out[n-1] != ' ' && l.out[n-1] != '(' {
		l.out = append(l.out, ' ')
	}
}

func (l *lexer) emit(s string) {
	l.out = append(l.out, s...)
	l.pos += len(s)
}

func (l *lexer) line() {
	if i := strings.IndexByte(l.in[l.pos:], '\n'); i >= 0 {
		l.pos += i + 1
	} else {
		l.pos = len(l.in)
	}
	l.space()
}

// block skips a comment. PostgreSQL's nest, and elsewhere a nested opening is
// not usual.
func (l *lexer) block() {
	depth := 0
	for l.pos < len(l.in) {
		switch {
		case l.at("/*"):
			depth++
			l.pos += 2
		case l.at("*/"):
			depth--
			l.pos += 2
		default:
			l.pos++
		}
		if depth == 0 {
			break
		}
	}
	l.space()
}

// quoted skips a string. A doubled quote is part of it.
func (l *lexer) quoted(quote byte, backslash bool) {
	for l.pos++; l.pos < len(l.in); l.pos++ {
		switch c := l.in[l.pos]; {
		case c == '\\' && backslash:
			l.pos++
		case c == quote:
			if l.pos+1 < len(l.in) && l.in[l.pos+1] == quote {
				l.pos++
				continue
			}
			l.pos++
			return
		}
	}
	l.pos = len(l.in)
}

// quotedName copies a quoted name. What is no plain name, or stands where a value
// does, is taken for one: SQLite reads "x" as a string where there is no column x.
func (l *lexer) quotedName() {
	start, quote := l.pos, l.in[l.pos]
	if quote == '[' {
		quote = ']'
	}
	l.quoted(quote, false)
	name := l.in[start+1 : max(l.pos-1, start+1)]
	if !plainName(name) || quote == '"' && l.valueComes() && !l.at(".") {
		l.value()
		return
	}
	l.out = append(l.out, l.in[start:l.pos]...)
	l.name(name)
}

// valueComes reports whether the output ends where a value usually follows: behind a
// comparison, or in a list of values.
func (l *lexer) valueComes() bool {
	out := bytes.TrimRight(l.out, " ")
	if n := len(out); n > 0 && strings.IndexByte("=<>", out[n-1]) >= 0 || bytes.HasSuffix(out, []byte("?,")) {
		return true
	}
	if list, ok := bytes.CutSuffix(out, []byte("(")); ok {
		return endsInWord(list, "IN") || endsInWord(list, "VALUES")
	}
	return endsInWord(out, "LIKE") || endsInWord(out, "GLOB")
}

// endsInWord reports whether the last word of out is w, in either case.
func endsInWord(out []byte, w string) bool {
	out = bytes.TrimRight(out, " ")
	n := len(out) - len(w)
	return n >= 0 && strings.EqualFold(string(out[n:]), w) && (n == 0 || out[n-1] == ' ')
}

// bracketName reports whether [ begins a quoted name as in SQL Server, and no
// array subscript.
func (l *lexer) bracketName() bool {
	return !l.afterName() && l.wordAt(l.pos+1) && strings.IndexByte(l.in[l.pos:], ']') > 0
}

func plainName(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c < 0x80 && c != '.' && c != ' ' && c != '-' {
			return false
		}
	}
	return !isDigit(s[0])
}

// dollar reads $1, or a dollar-quoted string of PostgreSQL.
func (l *lexer) dollar() {
	rest := l.in[l.pos+1:]
	i := 0
	for i < len(rest) && (isLetter(rest[i]) || isDigit(rest[i])) {
		i++
	}
	if i < len(rest) && rest[i] == '$' && (i == 0 || !isDigit(rest[0])) {
		tag := l.in[l.pos : l.pos+i+2]
		body := l.in[l.pos+len(tag):]
		if end := strings.Index(body, tag); end >= 0 {
			l.pos += len(tag) + end + len(tag)
		} else {
			l.pos = len(l.in)
		}
		l.value()
		return
	}
	l.pos += 1 + i
	l.value()
}

func (l *lexer) digits() {
	for l.pos < len(l.in) && isDigit(l.in[l.pos]) {
		l.pos++
	}
}

// number skips a number: also 0x1F, 1e-9, 1_000.
func (l *lexer) number() {
	for l.pos < len(l.in) {
		c := l.in[l.pos]
		sign := (c == '+' || c == '-') && (l.in[l.pos-1]|0x20) == 'e' && isDigit(l.in[max(l.pos-2, 0)])
		if !isDigit(c) && !isLetter(c) && c != '.' && !sign {
			return
		}
		l.pos++
	}
}

// value writes a placeholder, once for a list of them.
func (l *lexer) value() {
	l.want = false
	switch n := len(l.out); {
	case n >= 3 && string(l.out[n-3:]) == "?, ":
		l.out = l.out[:n-2]
	case n >= 1 && l.out[n-1] == '?':
	default:
		l.out = append(l.out, '?')
	}
}

func (l *lexer) symbol(c byte) {
	l.pos++
	switch c {
	case ',':
		l.trimSpace()
		l.out = append(l.out, ',', ' ')
		return
	case '(':
		l.depth++
		l.want = false
		if l.ignore == 0 && takesFrom(l.last) {
			l.ignore = l.depth
		}
		l.last = ""
	case ')':
		if l.ignore == l.depth {
			l.ignore = 0
		}
		l.depth--
		l.trimSpace()
		// Rows of values, of which one is as good as many.
		if n := len(l.out) - len("(?), (?"); n >= 0 && string(l.out[n:]) == "(?), (?" {
			l.out = l.out[:n+len("(?")]
		}
	}
	l.out = append(l.out, c)
}

func (l *lexer) trimSpace() {
	if n := len(l.out); n > 0 && l.out[n-1] == ' ' {
		l.out = l.out[:n-1]
	}
}

func (l *lexer) word() string {
	start := l.pos
	for l.pos < len(l.in) && (isLetter(l.in[l.pos]) || isDigit(l.in[l.pos]) || l.in[l.pos] >= 0x80 || l.in[l.pos] == '$') {
		l.pos++
	}
	return l.in[start:l.pos]
}

// keyword reads a word: a keyword, a name, or the prefix of a string.
func (l *lexer) keyword() {
	start := l.pos
	w := l.word()
	if l.pos < len(l.in) && l.in[l.pos] == '\'' && stringPrefix(w) {
		l.quoted('\'', l.mysql || strings.EqualFold(w, "e"))
		l.value()
		return
	}
	l.out = append(l.out, l.in[start:l.pos]...)
	l.name(w)
}

// stringPrefix reports whether w before a quote makes another kind of string:
// E”, B”, X”, N”, U&” and MySQL's _utf8”.
func stringPrefix(w string) bool {
	return len(w) == 1 && strings.ContainsAny(w, "eEbBxXnNuU") || w[0] == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
