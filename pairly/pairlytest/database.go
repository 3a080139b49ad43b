package pairlytest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Postgres reports whether the program runs on PostgreSQL.
func (a *App) Postgres() bool { return strings.HasPrefix(a.databaseURL, "postgres") }

// DB opens the program's database for the test, beside the program: to plant
// what no route plants, and to see what is stored. It is closed with the test.
func (a *App) DB() *sql.DB {
	a.t.Helper()
	if a.db != nil {
		return a.db
	}
	var err error
	if a.Postgres() {
		a.db, err = sql.Open("pgx", a.databaseURL)
	} else {
		path, _, _ := strings.Cut(strings.TrimPrefix(a.databaseURL, "sqlite://"), "?")
		file := (&url.URL{Path: path}).EscapedPath()
		a.db, err = sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return a.db
}

// Exec runs a statement of the test, which has no arguments, so that it reads
// the same in both dialects.
func (a *App) Exec(statement string) {
	a.t.Helper()
	if _, err := a.DB().ExecContext(context.Background(), statement); err != nil {
		a.t.Fatalf("%s: %v", statement, err)
	}
}

// Count returns the number that a query without arguments selects.
func (a *App) Count(query string) int64 {
	a.t.Helper()
	var n int64
	if err := a.DB().QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		a.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Block makes user block blocked, which no route of the program does.
func (a *App) Block(user, blocked string) {
	a.t.Helper()
	a.Exec(fmt.Sprintf("INSERT INTO blocks (user_id, blocked_user_id, created_at) VALUES ('%s', '%s', %d)",
		user, blocked, a.Clock.Now().UnixMilli()))
}

// FailInserts makes the database refuse rows of a table that meet a
// condition on one column, such as "status = 'failed'".
func (a *App) FailInserts(table, condition string) {
	a.t.Helper()
	if !a.Postgres() {
		a.Exec("CREATE TRIGGER planted_fault BEFORE INSERT ON " + table + " WHEN NEW." + condition +
			" BEGIN SELECT RAISE(ABORT, 'planted fault'); END")
		return
	}
	a.Exec("CREATE FUNCTION planted_fault() RETURNS trigger LANGUAGE plpgsql AS " +
		"'BEGIN RAISE EXCEPTION USING MESSAGE = ''planted fault''; END'")
	a.Exec("CREATE TRIGGER planted_fault BEFORE INSERT ON " + table +
		" FOR EACH ROW WHEN (NEW." + condition + ") EXECUTE FUNCTION planted_fault()")
}

// auditRows counts the audit rows by event and request.
func (a *App) auditRows() map[string]int {
	a.t.Helper()
	rows, err := a.DB().QueryContext(context.Background(),
		"SELECT event, coalesce(request_id, '') FROM audit_logs ORDER BY seq")
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var event, id string
		if err := rows.Scan(&event, &id); err != nil {
			a.t.Fatal(err)
		}
		counts[event+" of request "+id]++
	}
	if err := rows.Err(); err != nil {
		a.t.Fatal(err)
	}
	return counts
}
