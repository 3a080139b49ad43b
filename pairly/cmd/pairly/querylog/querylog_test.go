package querylog_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/pairly/pairlog/pairly/cmd/pairly/querylog"
)

// open returns a database that logs to the returned buffer.
func open(t *testing.T, c querylog.Config) (*sql.DB, *bytes.Buffer) {
	t.Helper()
	connector, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	c.Log = slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	db := sql.OpenDB(querylog.Wrap(connector, c))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, out
}

// lines decodes what was logged and empties the buffer.
func lines(t *testing.T, out *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for dec := json.NewDecoder(out); ; {
		var m map[string]any
		if err := dec.Decode(&m); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

func want(t *testing.T, line map[string]any, members map[string]any) {
	t.Helper()
	for k, v := range members {
		if line[k] != v {
			t.Errorf("%s = %v, want %v in %v", k, line[k], v, line)
		}
	}
}

func TestEveryStatementIsLoggedWithoutItsValues(t *testing.T) {
	db, out := open(t, querylog.Config{All: true, Slow: time.Hour})
	const secret = "a value that must not show"
	for _, statement := range []string{
		"CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)",
		"INSERT INTO people (name) VALUES ('" + secret + "'), ('it''s ' || 42)",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO people (name) VALUES (?)", secret); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT id, name FROM people\n  WHERE id > 0 -- all of them\n ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || n != 3 {
		t.Fatalf("read %d rows, %v, want 3", n, err)
	}
	if strings.Contains(out.String(), secret) {
		t.Errorf("a value is logged: %s", out)
	}
	got := lines(t, out)
	if len(got) != 4 {
		t.Fatalf("%d lines, want 4: %v", len(got), got)
	}
	want(t, got[0], map[string]any{"operation": "CREATE", "table": "people", "msg": "query_executed"})
	want(t, got[1], map[string]any{"operation": "INSERT", "table": "people", "rows": 2.0,
		"statement": "INSERT INTO people (name) VALUES (?), (? || ?)"})
	want(t, got[2], map[string]any{"rows": 1.0, "statement": "INSERT INTO people (name) VALUES (?)"})
	want(t, got[3], map[string]any{"operation": "SELECT", "table": "people", "rows": 3.0,
		"statement": "SELECT id, name FROM people WHERE id > ? ORDER BY id"})
}

func TestAFailureIsAnError(t *testing.T) {
	db, out := open(t, querylog.Config{})
	if _, err := db.Exec("DELETE FROM nowhere"); err == nil {
		t.Fatal("delete from a missing table: want an error, got none")
	}
	got := lines(t, out)
	if len(got) != 1 {
		t.Fatalf("%d lines, want 1: %v", len(got), got)
	}
	want(t, got[0], map[string]any{"msg": "query_failed", "level": "ERROR", "operation": "DELETE", "table": "nowhere"})
	if got[0]["error_type"] == "" {
		t.Errorf("error_type is empty in %v", got[0])
	}
}

func TestWhatIsNoFailure(t *testing.T) {
	taken := func(err error) bool { return strings.Contains(err.Error(), "UNIQUE") }
	db, out := open(t, querylog.Config{Expected: taken})
	for _, statement := range []string{"CREATE TABLE one (id INTEGER PRIMARY KEY)", "INSERT INTO one VALUES (1)"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO one VALUES (1)"); err == nil {
		t.Fatal("second insert: want an error, got none")
	}
	if _, err := db.ExecContext(querylog.Quiet(t.Context()), "DELETE FROM nowhere"); err == nil {
		t.Fatal("delete from a missing table: want an error, got none")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.ExecContext(ctx, "INSERT INTO one VALUES (2)"); err == nil {
		t.Fatal("insert with an ended context: want an error, got none")
	}
	if got := lines(t, out); len(got) != 0 {
		t.Errorf("%d lines, want none: %v", len(got), got)
	}
}

func TestASlowStatementIsAWarning(t *testing.T) {
	db, out := open(t, querylog.Config{Slow: time.Nanosecond})
	var n int
	if err := db.QueryRow("SELECT 1").Scan(&n); err != nil {
		t.Fatal(err)
	}
	got := lines(t, out)
	if len(got) != 1 {
		t.Fatalf("%d lines, want 1: %v", len(got), got)
	}
	want(t, got[0], map[string]any{"msg": "slow_query", "level": "WARN", "operation": "SELECT", "table": "", "rows": 1.0})
	if got[0]["threshold_ms"] == nil {
		t.Errorf("no threshold_ms in %v", got[0])
	}
}

func TestPreparedStatementsAndTransactions(t *testing.T) {
	db, out := open(t, querylog.Config{All: true, Slow: time.Hour})
	if _, err := db.Exec("CREATE TABLE n (v INTEGER)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	st, err := tx.Prepare("INSERT INTO n (v) VALUES (?)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if _, err := st.Exec(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(st.Close(), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	q, err := db.Prepare("SELECT count(*) FROM n WHERE v >= ?")
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	var n int
	if err := q.QueryRow(0).Scan(&n); err != nil || n != 2 {
		t.Fatalf("count = %d, %v, want 2", n, err)
	}
	if got := lines(t, out); len(got) != 4 {
		t.Errorf("%d lines, want 4: %v", len(got), got)
	}
}
