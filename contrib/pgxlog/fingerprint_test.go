package pgxlog_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/pairly/pairlog/contrib/pgxlog"
)

func TestFingerprint(t *testing.T) {
	f := func(in, normal, operation, table string) {
		t.Helper()
		gotNormal, gotOperation, gotTable := pgxlog.Fingerprint(in)
		if gotNormal != normal || gotOperation != operation || gotTable != table {
			t.Errorf("%s\n got %q, %q, %q\nwant %q, %q, %q", in, gotNormal, gotOperation, gotTable, normal, operation, table)
		}
	}
	f("SELECT * FROM users WHERE id = $1 AND name='O''Brien' -- hi\n AND x IN (1,2, 3)",
		"SELECT * FROM users WHERE id = ? AND name=? AND x IN (?)", "SELECT", "users")
	f("INSERT INTO t (a,b) VALUES ($1, $2), ($3,$4),( $5, $6 )", "INSERT INTO t (a, b) VALUES (?)", "INSERT", "t")
	f("WITH x AS (SELECT * FROM y WHERE z=1) SELECT * FROM x JOIN t2 ON t2.a=x.b",
		"WITH x AS (SELECT * FROM y WHERE z=?) SELECT * FROM x JOIN t2 ON t2.a=x.b", "SELECT", "x")
	f("WITH gone AS (DELETE FROM y RETURNING id) INSERT INTO log SELECT id FROM gone",
		"WITH gone AS (DELETE FROM y RETURNING id) INSERT INTO log SELECT id FROM gone", "INSERT", "log")
	f(`UPDATE "user data" SET a = E'it\'s', b = $tag$ secret $$ $tag$, c=0x1F WHERE d::text = @p1`,
		`UPDATE "user data" SET a = ?, b = ?, c=? WHERE d::text = ?`, "UPDATE", "user data")
	f("SELECT EXTRACT(year FROM ts) FROM calls WHERE a = 1.5e-3 AND t1.c2=-5",
		"SELECT EXTRACT(year FROM ts) FROM calls WHERE a = ? AND t1.c2=-?", "SELECT", "calls")
	f("SELECT x FROM (SELECT 1 FROM b) q", "SELECT x FROM (SELECT ? FROM b) q", "SELECT", "b")
	f("UPDATE ONLY a SET b = NULL", "UPDATE ONLY a SET b = NULL", "UPDATE", "a")
	f("DELETE FROM users WHERE a='unterminated", "DELETE FROM users WHERE a=?", "DELETE", "users")
	f("CREATE TABLE IF NOT EXISTS foo (v VARCHAR(20))", "CREATE TABLE IF NOT EXISTS foo (v VARCHAR(?))", "CREATE", "foo")
	f("/* app:x /* n */ */ SELECT  1 ", "SELECT ?", "SELECT", "")
	f(`SELECT "a secret, perhaps!" FROM t FOR UPDATE`, "SELECT ? FROM t FOR UPDATE", "SELECT", "t")
	f("SELECT a FROM größe WHERE x=X'ff' AND y=U&'d'", "SELECT a FROM größe WHERE x=? AND y=U&?", "SELECT", "größe")
	f("SELECT a ? 'b', c ?| array['d'], e @> '{}', f->>'g', h[1:2] FROM t",
		"SELECT a ? ?, c ?| array[?], e @> ?, f->>?, h[?:?] FROM t", "SELECT", "t")
	f("begin", "begin", "BEGIN", "")
	f("COPY public.t (a, b) FROM STDIN", "COPY public.t (a, b) FROM STDIN", "COPY", "public.t")
	f("COPY (SELECT a FROM t WHERE b = 1) TO STDOUT", "COPY (SELECT a FROM t WHERE b = ?) TO STDOUT", "COPY", "t")
	f("", "", "", "")
	long, _, _ := pgxlog.Fingerprint("SELECT " + strings.Repeat("a_long_name + ", 1000) + "'end'")
	if len(long) > 1024+len("…") || !strings.HasSuffix(long, "…") {
		t.Errorf("a long statement has %d bytes and ends in %q", len(long), long[len(long)-10:])
	}
}

func TestCopyText(t *testing.T) {
	f := func(want, table string, id pgx.Identifier, columns ...string) {
		t.Helper()
		got := pgxlog.CopyText(id, columns)
		if got != want {
			t.Errorf("CopyText(%q) = %q, want %q", id, got, want)
		}
		normal, operation, gotTable := pgxlog.Fingerprint(got)
		if normal != want || operation != "COPY" || gotTable != table {
			t.Errorf("fingerprint of %q = %q, %q, %q, want table %q", want, normal, operation, gotTable, table)
		}
	}
	f("COPY messages (id, body) FROM STDIN", "messages", pgx.Identifier{"messages"}, "id", "body")
	f("COPY public.messages (id) FROM STDIN", "public.messages", pgx.Identifier{"public", "messages"}, "id")
	f(`COPY "User" ("sentAt") FROM STDIN`, "User", pgx.Identifier{"User"}, "sentAt")
	f("COPY t () FROM STDIN", "t", pgx.Identifier{"t"})
}

// No literal is left, wherever it stands.
func FuzzFingerprint(f *testing.F) {
	f.Add("SELECT * FROM t WHERE a = ", " AND b")
	f.Add("/* x */ INSERT INTO t VALUES (1, ", ")")
	f.Add("SELECT $a$ ", "$a$")
	f.Fuzz(func(t *testing.T, before, after string) {
		normal, _, _ := pgxlog.Fingerprint(before + after)
		if utf8.ValidString(before+after) && len(before+after) < 900 && !utf8.ValidString(normal) {
			t.Errorf("%q gives %q, which is no text", before+after, normal)
		}
		// Behind a beginning that leaves nothing open, a string is a value.
		if strings.ContainsAny(before, "'\"$/-") || len(before) > 900 {
			return
		}
		const secret = "zqzqzq"
		if normal, _, _ := pgxlog.Fingerprint(before + " '" + secret + "' " + after); strings.Contains(normal, secret) && !strings.Contains(after, secret) {
			t.Errorf("%q: the literal is in %q", before+" '"+secret+"' "+after, normal)
		}
	})
}

// The cache stays bounded and right however many texts come.
func TestCache(t *testing.T) {
	lookup := pgxlog.NewCache()
	for i := range 20000 {
		text := fmt.Sprintf("SELECT a%d FROM t WHERE b = %d", i, i)
		if got, want := lookup(text), fmt.Sprintf("SELECT a%d FROM t WHERE b = ?", i); got != want {
			t.Fatalf("lookup(%q) = %q, want %q", text, got, want)
		}
	}
	if raceEnabled {
		return
	}
	lookup("SELECT c FROM t")
	if got := testing.AllocsPerRun(100, func() { lookup("SELECT c FROM t") }); got != 0 {
		t.Errorf("%v allocations for a text that is known, want 0", got)
	}
}
