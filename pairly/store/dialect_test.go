package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestNumber(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := store.Number(in); got != want {
			t.Errorf("Number(%q) = %q, want %q", in, got, want)
		}
	}
	f("SELECT 1", "SELECT 1")
	f("a = ? AND b = ?", "a = $1 AND b = $2")
	f("a = '?' AND b = ?", "a = '?' AND b = $1")
	f("a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1")
	f(`"odd?" = ?`, `"odd?" = $1`)
	f("a = ? -- why?\nAND b = ?", "a = $1 -- why?\nAND b = $2")
	f("a = ? -- why?", "a = $1 -- why?")
	f("a - ? - ?", "a - $1 - $2")
	f("?,?,?,?,?,?,?,?,?,?,?", "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11")
}

func TestCountStatements(t *testing.T) {
	text := "-- +goose Up\n-- a comment;\nCREATE TABLE a (\n  b TEXT\n);\nCREATE INDEX c ON a (b);\n" +
		"-- +goose StatementBegin\nCREATE TRIGGER d BEGIN\n  SELECT 1;\nEND;\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;\n"
	if got, want := store.CountStatements(text), 3; got != want {
		t.Errorf("CountStatements = %d, want %d", got, want)
	}
}

// What makes a database count as away, so that the client is told to come
// back, and what does not.
func TestClassify(t *testing.T) {
	f := func(classify func(error) error, err error, want pairly.Kind) {
		t.Helper()
		got := classify(fmt.Errorf("insert: %w", err))
		if pairly.ErrorKind(got) != want || !errors.Is(got, err) {
			t.Errorf("%v: got %v, want kind %s with the cause", err, got, want)
		}
	}
	f(store.ClassifySQLite, errors.New("other"), pairly.EInternal)
	f(store.ClassifySQLite, driver.ErrBadConn, pairly.EUnavailable)
	f(store.ClassifySQLite, context.Canceled, pairly.EInternal)
	f(store.ClassifyPostgres, &pgconn.PgError{Code: "57P01"}, pairly.EUnavailable) // admin_shutdown
	f(store.ClassifyPostgres, &pgconn.PgError{Code: "53300"}, pairly.EUnavailable) // too_many_connections
	f(store.ClassifyPostgres, &pgconn.PgError{Code: "08006"}, pairly.EUnavailable) // connection_failure
	f(store.ClassifyPostgres, &pgconn.PgError{Code: "23514"}, pairly.EInternal)    // check_violation
	f(store.ClassifyPostgres, &net.OpError{Op: "read", Err: errors.New("reset")}, pairly.EUnavailable)
	f(store.ClassifyPostgres, io.ErrUnexpectedEOF, pairly.EUnavailable) // the server was killed
	f(store.ClassifyPostgres, net.ErrClosed, pairly.EUnavailable)
	f(store.ClassifyPostgres, context.DeadlineExceeded, pairly.EInternal)
	if store.ClassifySQLite(nil) != nil {
		t.Error("no error became one")
	}
}

// Both dialects have the same migrations, and each can be undone and done
// again.
func TestMigrationsGoBothWays(t *testing.T) {
	names := func(dialect string) string {
		t.Helper()
		files, err := fs.Glob(store.Migrations, "migrations/"+dialect+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		return strings.Join(files, " ")
	}
	if a, b := names("sqlite"), names("postgres"); a != b || a == "" {
		t.Errorf("migrations: SQLite has %s, PostgreSQL has %s", a, b)
	}
	storetest.Each(t, func(t *testing.T, url string) {
		storetest.Open(t, url, store.Config{})
		name, dsn, folder, dialect := "pgx", url, "postgres", goose.DialectPostgres
		if file, ok := strings.CutPrefix(url, "sqlite://"); ok {
			name, dsn, folder, dialect = "sqlite", "file:"+file, "sqlite", goose.DialectSQLite3
		}
		db, err := sql.Open(name, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		files, err := fs.Sub(store.Migrations, "migrations/"+folder)
		if err != nil {
			t.Fatal(err)
		}
		p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
		if err != nil {
			t.Fatal(err)
		}
		down, err := p.DownTo(context.Background(), 0)
		if err != nil || len(down) == 0 {
			t.Fatalf("down: got %d, %v", len(down), err)
		}
		up, err := p.Up(context.Background())
		if err != nil || len(up) != len(down) {
			t.Fatalf("up: got %d, %v, want %d", len(up), err, len(down))
		}
	})
}

// The file holds password hashes.
func TestSQLiteFileIsPrivate(t *testing.T) {
	for _, name := range []string{"pairly.db", "odd ?%20#name.db"} {
		path := filepath.Join(t.TempDir(), name)
		if strings.Contains(name, "?") {
			// A question mark ends the path in the URL, as in any URL.
			path = filepath.Join(filepath.Dir(path), "odd %20#name.db")
		}
		st, err := store.Open(context.Background(), "sqlite://"+path, store.Config{})
		if err != nil {
			t.Fatal(err)
		}
		storetest.User(t, st, "a@example.com", pairly.RoleFan)
		for _, suffix := range []string{"", "-wal"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("mode of %s: got %o, want 600", path+suffix, got)
			}
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}
