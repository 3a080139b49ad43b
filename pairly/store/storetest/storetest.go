// Package storetest opens databases for tests, and holds the conformance
// suite that the store passes on each of them.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes schemas

	"github.com/pairly/pairlog/pairly/store"
)

// PostgresEnv names the environment variable that holds the URL of a
// PostgreSQL database in which tests may create schemas.
const PostgresEnv = "PAIRLY_TEST_POSTGRES"

// SQLite returns the URL of a new SQLite file, which goes with the test. Its
// commits are not synced: tests do not pull the plug.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "pairly.db") + "?_pragma=synchronous(OFF)"
}

// Postgres returns the URL of a new schema, which goes with the test. Where
// no PostgreSQL is given it skips the test.
func Postgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv(PostgresEnv)
	if base == "" {
		t.Skipf("%s is not set: no PostgreSQL to test on", PostgresEnv)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("parse %s: %v", PostgresEnv, err)
	}
	db, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 8)
	rand.Read(b)
	schema := "t_" + hex.EncodeToString(b)
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		db.Close()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Open opens a store on a new SQLite file, or on what Postgres gave, and
// closes it with the test.
func Open(t testing.TB, url string, c store.Config) *store.Store {
	t.Helper()
	st, err := store.Open(context.Background(), url, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// Each runs test once on SQLite and once on PostgreSQL, with the URL of an
// empty database of its own.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}
