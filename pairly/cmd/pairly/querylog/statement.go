package querylog

import (
	"strings"
	"sync"
)

// A statement is what is logged of an SQL text.
type statement struct {
	operation string // first word, upper case
	table     string // "" where there is none
	text      string // one line, literals replaced by ?
}

// maxStatements bounds the memory of parsed statements. The program's
// statements are constants, far fewer than this; texts beyond are parsed each
// time.
const maxStatements = 4096

// maxText bounds what is logged of a statement, in bytes.
const maxText = 1024

// statements remembers parsed texts. Safe for concurrent use.
type statements struct {
	mu     sync.RWMutex
	parsed map[string]statement
}

func (s *statements) get(query string) statement {
	s.mu.RLock()
	st, ok := s.parsed[query]
	s.mu.RUnlock()
	if ok {
		return st
	}
	st = parseStatement(query)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parsed) < maxStatements {
		s.parsed[query] = st
	}
	return st
}

// parseStatement normalises an SQL text and finds what it is about. It knows
// words, quotes, numbers and comments, which is enough for that.
func parseStatement(query string) statement {
	words := normalize(query)
	st := statement{text: strings.Join(words, " ")}
	if len(st.text) > maxText {
		st.text = strings.ToValidUTF8(st.text[:maxText], "") + "…"
	}
	if len(words) == 0 {
		return st
	}
	st.operation = strings.ToUpper(words[0])
	for i, w := range words[:len(words)-1] {
		switch strings.ToUpper(w) {
		case "FROM", "INTO", "UPDATE", "TABLE":
			// SELECT … FROM (SELECT …) and DO UPDATE SET name no table here.
			next := words[i+1]
			if strings.HasPrefix(next, "(") || strings.EqualFold(next, "SET") {
				continue
			}
			name, _, _ := strings.Cut(next, "(")
			st.table = strings.Trim(name, `"';,)`)
			return st
		}
	}
	return st
}

// normalize splits query into words without comments, with each literal
// replaced by ?.
func normalize(query string) []string {
	var b strings.Builder
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case strings.HasPrefix(query[i:], "--"):
			i = end(query, i, "\n")
			b.WriteByte(' ')
		case strings.HasPrefix(query[i:], "/*"):
			i = end(query, i+2, "*/")
			b.WriteByte(' ')
		case c == '\'':
			i = closing(query, i)
			b.WriteByte('?')
		case isDigit(c) && !followsWord(b.String()):
			for i < len(query) && (isDigit(query[i]) || query[i] == '.') {
				i++
			}
			b.WriteByte('?')
		default:
			b.WriteByte(c)
			i++
		}
	}
	return strings.Fields(b.String())
}

// end returns the position after the next mark, or the end of query.
func end(query string, from int, mark string) int {
	if n := strings.Index(query[from:], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(query)
}

// closing returns the position after the string literal that begins at from;
// a doubled quote inside it is part of it.
func closing(query string, from int) int {
	for i := from + 1; i < len(query); i++ {
		if query[i] != '\'' {
			continue
		}
		if i+1 < len(query) && query[i+1] == '\'' {
			i++
			continue
		}
		return i + 1
	}
	return len(query)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// followsWord reports whether a digit after s belongs to a name or to a
// placeholder such as $1, and is no literal.
func followsWord(s string) bool {
	if s == "" {
		return false
	}
	c := s[len(s)-1]
	return c == '_' || c == '$' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
