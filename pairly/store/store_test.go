package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestOpenMigratesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		var pool, migration events
		c := store.Config{Log: slog.New(&pool), MigrationLog: slog.New(&migration)}
		st, err := store.Open(context.Background(), url, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := pool.names(), "db_connected"; got != want {
			t.Errorf("db.pool: got %s, want %s", got, want)
		}
		first := migration.names()
		if first == "" {
			t.Error("db.migration: got no events, want migration_applied")
		}
		storetest.Open(t, url, c)
		if got := migration.names(); got != first {
			t.Errorf("db.migration after the second Open: got %s, want %s", got, first)
		}
	})
}

func TestOpenSaysWhyNot(t *testing.T) {
	var pool events
	c := store.Config{Log: slog.New(&pool)}
	for _, url := range []string{"", "sqlite://", "mysql://localhost/x", "sqlite://" + t.TempDir(), "postgres://127.0.0.1:1/nowhere?connect_timeout=1"} {
		st, err := store.Open(context.Background(), url, c)
		if err == nil {
			st.Close()
			t.Errorf("Open(%q) = nil error, want one", url)
		}
	}
	if got, want := pool.names(), "db_connection_failed"; got != want {
		t.Errorf("db.pool: got %s, want %s", got, want)
	}
}

func TestInTxHooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		var got []string
		err := st.InTx(context.Background(), func(ctx context.Context) error {
			pairly.AfterCommit(ctx, func() {
				got = append(got, "outer")
				// A hook may open a transaction of its own.
				if err := st.InTx(context.Background(), func(context.Context) error { return nil }); err != nil {
					t.Error(err)
				}
			})
			return st.InTx(ctx, func(ctx context.Context) error {
				pairly.AfterCommit(ctx, func() { got = append(got, "inner") })
				return nil
			})
		})
		if err != nil || len(got) != 2 || got[0] != "outer" || got[1] != "inner" {
			t.Errorf("hooks after a commit: got %v, %v, want [outer inner]", got, err)
		}

		got = nil
		cause := errors.New("no")
		err = st.InTx(context.Background(), func(ctx context.Context) error {
			pairly.AfterCommit(ctx, func() { got = append(got, "never") })
			return cause
		})
		if !errors.Is(err, cause) || got != nil {
			t.Errorf("after a rollback: got %v, %v, want no hooks and the cause", got, err)
		}
	})
}
