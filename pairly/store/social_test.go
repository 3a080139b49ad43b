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

func TestSocialSQLite(t *testing.T) {
	storetest.Social(t, func(t *testing.T) *store.Store { return storetest.Open(t, storetest.SQLite(t), store.Config{}) })
}

func TestSocialSQLiteMemory(t *testing.T) {
	storetest.Social(t, func(t *testing.T) *store.Store { return storetest.Open(t, "sqlite://:memory:", store.Config{}) })
}

func TestSocialPostgres(t *testing.T) {
	storetest.Social(t, func(t *testing.T) *store.Store { return storetest.Open(t, storetest.Postgres(t), store.Config{}) })
}

// The ledger refuses changes whoever asks, also outside the store's methods.
func TestLedgerIsAppendOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		st := storetest.Open(t, url, store.Config{})
		ctx := context.Background()
		u := storetest.User(t, st, "a@example.com", pairly.RoleFan)
		row := &pairly.CreditTransaction{
			ID: pairly.NewID(storetest.T0), UserID: u.ID, Amount: 5, Type: pairly.TxBonus, Status: pairly.TxCompleted, BalanceAfter: 5, CreatedAt: storetest.T0,
		}
		if err := st.InsertTransaction(ctx, row); err != nil {
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
		for _, statement := range []string{
			"UPDATE credits_transactions SET amount = 6, balance_after = 6",
			"UPDATE credits_transactions SET description = 'x', status = 'reversed'",
			"UPDATE credits_transactions SET related_user_id = 'x', status = 'reversed'",
			"UPDATE credits_transactions SET status = 'failed'",
			"DELETE FROM credits_transactions",
		} {
			if _, err := db.Exec(statement); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want a refusal", statement, err)
			}
		}
		if got, err := st.TransactionByID(ctx, row.ID); err != nil || *got != *row {
			t.Errorf("row after the attempts: got %+v, %v, want it as it was", got, err)
		}
		if _, err := db.Exec("UPDATE credits_transactions SET status = 'reversed'"); err != nil {
			t.Errorf("completed to reversed: got %v, want no error", err)
		}
		if _, err := db.Exec("UPDATE credits_transactions SET status = 'completed'"); err == nil {
			t.Error("reversed to completed: got no error, want a refusal")
		}
	})
}
