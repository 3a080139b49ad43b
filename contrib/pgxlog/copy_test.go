package pgxlog_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pairly/pairlog/contrib/pgxlog"
	"github.com/pairly/pairlog/sqllog"
)

// The statement of a copy names its table, also to those who parse it.
func TestCopyText(t *testing.T) {
	f := func(want, table string, id pgx.Identifier, columns ...string) {
		t.Helper()
		got := pgxlog.CopyText(id, columns)
		if got != want {
			t.Errorf("CopyText(%q) = %q, want %q", id, got, want)
		}
		st := sqllog.Parse(got, false)
		if st.Fingerprint() != want || st.Operation() != "COPY" || st.Table() != table {
			t.Errorf("Parse(%q) = %q, %q, %q, want table %q", want, st.Fingerprint(), st.Operation(), st.Table(), table)
		}
	}
	f("COPY messages (id, body) FROM STDIN", "messages", pgx.Identifier{"messages"}, "id", "body")
	f("COPY public.messages (id) FROM STDIN", "public.messages", pgx.Identifier{"public", "messages"}, "id")
	f(`COPY "User" ("sentAt") FROM STDIN`, "User", pgx.Identifier{"User"}, "sentAt")
	f("COPY t () FROM STDIN", "t", pgx.Identifier{"t"})
}
