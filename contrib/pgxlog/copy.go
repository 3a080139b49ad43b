package pgxlog

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

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
	if name != "" && (name[0] < '0' || name[0] > '9') && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" {
		b.WriteString(name)
		return
	}
	b.WriteString(pgx.Identifier{name}.Sanitize())
}
