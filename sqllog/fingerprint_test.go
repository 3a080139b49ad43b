package sqllog_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/pairly/pairlog/sqllog"
)

// parse returns what is known of an SQL text.
func parse(text string, mysql bool) (fingerprint, operation, table string) {
	st := sqllog.Parse(text, mysql)
	return st.Fingerprint(), st.Operation(), st.Table()
}

func TestFingerprint(t *testing.T) {
	f := func(in, normal, operation, table string) {
		t.Helper()
		gotNormal, gotOperation, gotTable := parse(in, false)
		if gotNormal != normal || gotOperation != operation || gotTable != table {
			t.Errorf("%s\n got %q, %q, %q\nwant %q, %q, %q", in, gotNormal, gotOperation, gotTable, normal, operation, table)
		}
	}
	f("SELECT * FROM users WHERE id = $1 AND name='O''Brien' -- hi\n AND x IN (1,2, 3)",
		"SELECT * FROM users WHERE id = ? AND name=? AND x IN (?)", "SELECT", "users")
	f("INSERT INTO t (a,b) VALUES (?, ?), (?,?),( ?, ? )", "INSERT INTO t (a, b) VALUES (?)", "INSERT", "t")
	f("insert or ignore into main.t(a) values(:a)", "insert or ignore into main.t(a) values(?)", "INSERT", "main.t")
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
	f("SELECT a FROM [dbo].[T] LIMIT 10 OFFSET 5;", "SELECT a FROM [dbo].[T] LIMIT ? OFFSET ?", "SELECT", "dbo.T")
	f("/* app:x /* n */ */ SELECT  1 ", "SELECT ?", "SELECT", "")
	f(`SELECT "a secret, perhaps!" FROM t FOR UPDATE`, "SELECT ? FROM t FOR UPDATE", "SELECT", "t")
	f("SELECT a FROM größe WHERE x=X'ff' AND y=U&'d' AND z = _utf8'q'", "SELECT a FROM größe WHERE x=? AND y=U&? AND z = ?", "SELECT", "größe")
	f("SELECT a ? 'b', c @> '{}', d->>'e' FROM t", "SELECT a ? ?, c @> ?, d->>? FROM t", "SELECT", "t")
	f("begin", "begin", "BEGIN", "")
	f("COPY public.t (a, b) FROM STDIN", "COPY public.t (a, b) FROM STDIN", "COPY", "public.t")
	f("COPY (SELECT a FROM t WHERE b = 1) TO STDOUT", "COPY (SELECT a FROM t WHERE b = ?) TO STDOUT", "COPY", "t")
	f("SELECT c ?| array['d'], e @@ to_tsquery('x'), f->>'g', h[1:2] FROM t",
		"SELECT c ?| array[?], e @@ to_tsquery(?), f->>?, h[?:?] FROM t", "SELECT", "t")
	// SQLite takes a name in quotes that it does not know for a string.
	f(`SELECT a FROM t WHERE city = "Berlin" AND b<>"x" AND c LIKE "%y" AND d IN ("e", "f")`,
		`SELECT a FROM t WHERE city = ? AND b<>? AND c LIKE ? AND d IN (?)`, "SELECT", "t")
	f(`INSERT INTO "t" ("a", "b") VALUES ("Berlin", "x"), (1, "y")`, `INSERT INTO "t" ("a", "b") VALUES (?)`, "INSERT", "t")
	f(`SELECT "a" FROM "t" JOIN "u" ON "t"."id" = "u"."t_id" WHERE NOT EXISTS (SELECT "b" FROM "v") ORDER BY "a", "b"`,
		`SELECT "a" FROM "t" JOIN "u" ON "t"."id" = "u"."t_id" WHERE NOT EXISTS (SELECT "b" FROM "v") ORDER BY "a", "b"`, "SELECT", "t")
	f("", "", "", "")

	normal, _, _ := parse(`SELECT "a", 'it\'s' FROM t # comment 'x`, true)
	if want := "SELECT ? FROM t"; normal != want {
		t.Errorf("MySQL: %q, want %q", normal, want)
	}
	long, _, _ := parse("SELECT "+strings.Repeat("a_long_name + ", 1000)+"'end'", false)
	if len(long) > 1024+len("…")+32 || !strings.HasSuffix(long, "…") {
		t.Errorf("a long statement has %d bytes and ends in %q", len(long), long[len(long)-10:])
	}
}

// No literal is left, wherever it stands.
func FuzzFingerprint(f *testing.F) {
	f.Add("SELECT * FROM t WHERE a = ", " AND b")
	f.Add("/* x */ INSERT INTO t VALUES (1, ", ")")
	f.Add("SELECT $a$ ", "$a$")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, mysql := range []bool{false, true} {
			normal, _, _ := parse(before+after, mysql)
			if utf8.ValidString(before+after) && len(before+after) < 900 && !utf8.ValidString(normal) {
				t.Errorf("%q gives %q, which is no text", before+after, normal)
			}
		}
		// Behind a beginning that leaves nothing open, a string is a value.
		if strings.ContainsAny(before, "'\"`[$\\/-#") || len(before) > 900 {
			return
		}
		const secret = "zqzqzq"
		if normal, _, _ := parse(before+" '"+secret+"' "+after, false); strings.Contains(normal, secret) && !strings.Contains(after, secret) {
			t.Errorf("%q: the literal is in %q", before+" '"+secret+"' "+after, normal)
		}
	})
}

// A text is found by its address only while its memory is still its own: texts of
// one length come and go at the same addresses here.
func TestSameMemory(t *testing.T) {
	lookup := sqllog.NewStatements(sqllog.Config{}).Statement
	const constant = "SELECT a FROM constant WHERE b = 7"
	first := lookup(constant)
	if again, copied := lookup(constant), lookup(strings.Clone(constant)); again != first || copied != first {
		t.Error("a text that is known, and its copy, are parsed again")
	}
	addresses, reused := make(map[uintptr]bool), 0 // without keeping the memory
	for i := range 20000 {
		text := fmt.Sprintf("SELECT c%05d FROM t WHERE b = %05d", i, i)
		if at := uintptr(unsafe.Pointer(unsafe.StringData(text))); addresses[at] {
			reused++
		} else {
			addresses[at] = true
		}
		for _, part := range []string{text, text[:len("SELECT c00000 FROM t")], text[:len("SELECT c00000")]} {
			want, _, _ := parse(part, false)
			if got := lookup(part).Fingerprint(); got != want {
				t.Fatalf("lookup(%q) = %q, want %q", part, got, want)
			}
		}
		if i%2000 == 0 {
			runtime.GC()
		}
	}
	if reused == 0 {
		t.Error("no address had a second text: the test shows nothing")
	}
}

func FuzzStatement(f *testing.F) {
	f.Add("SELECT 'a' FROM t WHERE b = 1", uint16(12))
	f.Add("", uint16(0))
	f.Add(strings.Repeat("x", 5000), uint16(4096))
	lookup := sqllog.NewStatements(sqllog.Config{}).Statement
	f.Fuzz(func(t *testing.T, text string, n uint16) {
		part := text[:min(int(n), len(text))]
		for _, s := range []string{text, part, strings.Clone(text), text, part} {
			want := sqllog.Parse(s, false)
			got := lookup(s)
			if got.Fingerprint() != want.Fingerprint() || got.Operation() != want.Operation() || got.Table() != want.Table() {
				t.Errorf("lookup(%q) = %q %q %q, want %q %q %q", s, got.Fingerprint(), got.Operation(), got.Table(),
					want.Fingerprint(), want.Operation(), want.Table())
			}
		}
	})
}

// The cache stays bounded and right however many texts come.
func TestCache(t *testing.T) {
	lookup := sqllog.NewStatements(sqllog.Config{}).Statement
	for i := range 20000 {
		text := fmt.Sprintf("SELECT a%d FROM t WHERE b = %d", i, i)
		if got, want := lookup(text).Fingerprint(), fmt.Sprintf("SELECT a%d FROM t WHERE b = ?", i); got != want {
			t.Fatalf("lookup(%q) = %q, want %q", text, got, want)
		}
		if got, want := lookup("SELECT 1").Fingerprint(), "SELECT ?"; got != want {
			t.Fatalf("lookup = %q, want %q", got, want)
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
