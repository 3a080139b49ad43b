package sqllog

import "strings"

// name takes a word into account for the operation and the table.
func (l *lexer) name(w string) {
	upper := strings.ToUpper(w)
	defer func() { l.last = upper }()
	dotted := l.pos < len(l.in) && l.in[l.pos] == '.'
	if l.operation == "" {
		l.operation = upper
		l.want = upper == "COPY" // COPY t FROM STDIN, of PostgreSQL
		if l.with = upper == "WITH"; l.with {
			return
		}
	} else if l.with && l.depth == 0 && isVerb(upper) {
		l.with = false
		l.operation, l.cteTable, l.table = upper, l.table, ""
	}
	switch {
	case l.want && (beforeTable(upper) || upper == "COPY" && l.operation == upper):
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
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES":
		return true
	}
	return false
}

// beforeTable reports whether w may stand between FROM, INTO, UPDATE or TABLE
// and the table's name.
func beforeTable(w string) bool {
	switch w {
	case "ONLY", "IF", "NOT", "EXISTS", "OR", "IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK", "LATERAL", "LOW_PRIORITY":
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
