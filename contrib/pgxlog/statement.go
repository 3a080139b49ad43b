package pgxlog

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// Bounds of what is kept of a statement.
const (
	maxStatement = 1024 // bytes of the fingerprint that a line shows
	maxText      = 4096 // bytes of the SQL text that are read; what is beyond is left out
)

// A statement is what is known of one SQL text: its fingerprint, which has
// placeholders where the text has values, and what it does to which table. It
// does not change.
type statement struct {
	kind      *statement // the one that stands for all with this fingerprint
	text      string     // the SQL text
	normal    string     // the fingerprint
	operation string     // SELECT, INSERT, …; upper case
	table     string     // as the text spells it, without quotes; empty where there is none
}

// parse makes the fingerprint of an SQL text: comments go, white space becomes
// one space, literals and placeholders become ?, and lists of them become one.
// Where it cannot tell what something is it assumes a value: a string that does
// not end swallows the rest.
func parse(text string) *statement {
	st := &statement{text: text}
	st.kind = st
	if len(text) > maxText {
		text = text[:maxText]
	}
	l := lexer{in: text, out: make([]byte, 0, min(len(text), maxStatement)+8)}
	for l.pos < len(l.in) && len(l.out) <= maxStatement {
		l.next()
	}
	out := l.out
	if len(out) > maxStatement {
		out = append(out[:maxStatement:maxStatement], "…"...)
	}
	st.normal = strings.TrimRight(string(out), " ;")
	st.operation, st.table = l.operation, l.table
	if st.table == "" {
		st.table = l.cteTable
	}
	return st
}

// copyText returns the statement of a CopyFrom: what pgx sends, without quotes
// where a name needs none.
func copyText(table pgx.Identifier, columns []string) string {
	var b strings.Builder
	b.WriteString("COPY ")
	for i, part := range table {
		if i > 0 {
			b.WriteByte('.')
		}
		writeName(&b, part)
	}
	b.WriteString(" (")
	for i, column := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		writeName(&b, column)
	}
	b.WriteString(") FROM STDIN")
	return b.String()
}

func writeName(b *strings.Builder, name string) {
	if name != "" && !isDigit(name[0]) && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" {
		b.WriteString(name)
		return
	}
	b.WriteString(pgx.Identifier{name}.Sanitize())
}

// name takes a word into account for the operation and the table.
func (l *lexer) name(w string) {
	upper := strings.ToUpper(w)
	defer func() { l.last = upper }()
	dotted := l.pos < len(l.in) && l.in[l.pos] == '.'
	if l.operation == "" {
		l.operation = upper
		l.want = upper == "COPY"
		if l.with = upper == "WITH"; l.with {
			return
		}
	} else if l.with && l.depth == 0 && isVerb(upper) {
		l.with = false
		l.operation, l.cteTable, l.table = upper, l.table, ""
	}
	switch {
	case l.want && (beforeTable(upper) || upper == l.operation):
	case l.want:
		if l.want = dotted; dotted {
			l.table += w + "."
		} else {
			l.table += w
		}
	case l.table != "" || l.ignore > 0:
	case upper == "FROM", upper == "INTO", upper == "TABLE", upper == "UPDATE" && l.operation == "UPDATE":
		l.want = true
	}
}

func isVerb(w string) bool {
	switch w {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES":
		return true
	}
	return false
}

// beforeTable reports whether w may stand between FROM, INTO, UPDATE or TABLE
// and the table's name.
func beforeTable(w string) bool {
	switch w {
	case "ONLY", "IF", "NOT", "EXISTS", "LATERAL":
		return true
	}
	return false
}

// takesFrom reports whether w is a function with a FROM among its arguments.
func takesFrom(w string) bool {
	switch w {
	case "EXTRACT", "SUBSTRING", "SUBSTR", "TRIM", "OVERLAY", "POSITION":
		return true
	}
	return false
}
