package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestIdentitySQLite(t *testing.T) {
	storetest.Identity(t, func(t *testing.T) *store.Store { return storetest.Open(t, storetest.SQLite(t), store.Config{}) })
}

func TestIdentitySQLiteMemory(t *testing.T) {
	storetest.Identity(t, func(t *testing.T) *store.Store { return storetest.Open(t, "sqlite://:memory:", store.Config{}) })
}

func TestIdentityPostgres(t *testing.T) {
	storetest.Identity(t, func(t *testing.T) *store.Store { return storetest.Open(t, storetest.Postgres(t), store.Config{}) })
}

// The trail refuses changes whoever asks, also outside the store's methods.
func TestAuditIsInsertOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		ctx := context.Background()
		if err := st.InsertAudit(ctx, pairly.AuditRecord{ID: "a", Time: storetest.T0, Event: "x", Action: "y", Severity: pairly.SeverityLow}); err != nil {
			t.Fatal(err)
		}
		driver, dsn := "pgx", url
		if file, ok := strings.CutPrefix(url, "sqlite://"); ok {
			driver, dsn = "sqlite", "file:"+file
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, statement := range []string{"UPDATE audit_logs SET event = 'z'", "DELETE FROM audit_logs"} {
			if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "insert-only") {
				t.Errorf("%s: got %v, want a refusal", statement, err)
			}
		}
		if got, _, err := st.AuditRecords(ctx, 0, 10); err != nil || len(got) != 1 || got[0].Event != "x" {
			t.Errorf("records after the attempts: got %+v, %v, want the one as it was", got, err)
		}
	})
}
