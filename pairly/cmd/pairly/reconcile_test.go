package main_test

import (
	"slices"
	"testing"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// A balance that was changed behind the ledger's back is found at the next
// start, and told at the level that wakes people.
func TestLedgerMismatchIsFound(t *testing.T) {
	app := start(t, pairlytest.Options{})
	admin := app.Admin("198.51.100.1")
	f, c := chatters(t, app)
	adjust(t, admin, f.UserID, 50)
	adjust(t, admin, c.UserID, 20)
	app.Exec("UPDATE users SET credits_balance = 1050 WHERE id = '" + f.UserID + "'")
	if got := app.Stop(); got != 0 {
		t.Fatalf("exit code = %d, want 0", got)
	}
	app.Restart()
	rs := app.Await("ledger_mismatch", func(rs []pairlytest.Record) bool {
		return slices.Contains(pairlytest.Events(rs), "ledger_mismatch")
	})
	r := find(t, rs, "ledger_mismatch")
	wantMember(t, r, "CRITICAL", "level")
	wantMember(t, r, f.UserID, "user_id")
	wantMember(t, r, "1050", "balance")
	wantMember(t, r, "50", "ledger_balance")
}
