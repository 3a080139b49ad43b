package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// S-11, steps 1 and 2: parallel spends never overdraw, and a key stands for
// one spend.
func TestS11ParallelSpends(t *testing.T) {
	app := start(t, pairlytest.Options{})
	admin := app.Admin("198.51.100.1")
	f := app.Client("203.0.113.13")
	f.SignUp("f@pairly.test", "Fay", "fan")
	adjust(t, admin, f.UserID, 100)

	t.Log("step 1: ten parallel spends of 20 from a balance of 100")
	answers := make([]pairlytest.Answer, 10)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = f.Post("/api/credits/spend", spend(20, fmt.Sprint("par-", i))) })
	}
	wg.Wait()
	statuses := map[int]int{}
	for _, a := range answers {
		statuses[a.Status]++
		if a.Status == http.StatusOK {
			app.Expect(t, a.RequestID, "credits_spent", "A:credits_spent", "http_request")
		} else {
			app.Expect(t, a.RequestID, "insufficient_credits", "http_request")
		}
	}
	if statuses[http.StatusOK] != 5 || statuses[http.StatusPaymentRequired] != 5 {
		t.Errorf("statuses = %v, want five 200 and five 402", statuses)
	}
	wantBalance(t, f, 0)

	t.Log("step 2: one key, one spend")
	adjust(t, admin, f.UserID, 50)
	first := f.Post("/api/credits/spend", spend(20, "same"))
	wantStatus(t, first, http.StatusOK, "")
	again := f.Post("/api/credits/spend", spend(20, "same"))
	wantStatus(t, again, http.StatusOK, "")
	if got, want := again.Body.Text("transaction_id"), first.Body.Text("transaction_id"); got != want {
		t.Errorf("transaction_id = %q the second time, want %q", got, want)
	}
	app.Expect(t, again.RequestID, "idempotent_replay", "http_request")
	wantStatus(t, f.Post("/api/credits/spend", spend(21, "same")), http.StatusConflict, "duplicate_transaction")
	wantBalance(t, f, 30)
}

// S-11, step 3: a tip whose second leg fails leaves no trace but the error.
func TestS11TipFailsHalfWay(t *testing.T) {
	app := start(t, pairlytest.Options{})
	admin := app.Admin("198.51.100.1")
	f, c := chatters(t, app)
	adjust(t, admin, f.UserID, 50)
	app.FailInserts("credits_transactions", "transaction_type = 'tip_received'")
	a := f.Post("/api/credits/tip", map[string]any{"creator_id": c.UserID, "amount": 10, "idempotency_key": "tip-1"})
	wantStatus(t, a, http.StatusInternalServerError, "internal_error")
	rs := app.Expect(t, a.RequestID, "query_failed", "exception", "http_request")
	wantMember(t, rs[1], f.UserID, "user_id")
	wantMember(t, rs[1], "/api/credits/tip", "endpoint")
	wantMember(t, rs[2], "ERROR", "level")
	wantBalance(t, f, 50)
	wantBalance(t, c, 0)
	for _, r := range app.Records() {
		if r.Event() == "A:credits_tipped" {
			t.Errorf("audit record of a tip that did not happen: %s", r.Raw)
		}
	}
}

// S-11, step 4: of two parallel refunds one wins.
func TestS11ParallelRefunds(t *testing.T) {
	app := start(t, pairlytest.Options{})
	admin := app.Admin("198.51.100.1")
	f := app.Client("203.0.113.13")
	f.SignUp("f@pairly.test", "Fay", "fan")
	adjust(t, admin, f.UserID, 100)
	spent := f.Post("/api/credits/spend", spend(40, "to refund"))
	wantStatus(t, spent, http.StatusOK, "")

	answers := make([]pairlytest.Answer, 2)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i] = admin.Post("/api/credits/admin/refund", map[string]any{
				"transaction_id": spent.Body.Text("transaction_id"), "reason": "asked for twice",
			})
		})
	}
	wg.Wait()
	slices.SortFunc(answers, func(a, b pairlytest.Answer) int { return a.Status - b.Status })
	wantStatus(t, answers[0], http.StatusOK, "")
	wantStatus(t, answers[1], http.StatusConflict, "already_refunded")
	app.Expect(t, answers[0].RequestID, "A:authorization_granted", "credits_refunded", "A:credits_refunded", "http_request")
	app.Expect(t, answers[1].RequestID, "A:authorization_granted", "http_request")
	wantBalance(t, f, 100)
}

// spend is the body of a spend.
func spend(amount int, key string) map[string]any {
	return map[string]any{
		"amount": amount, "transaction_type": "unlock", "description": "a picture", "idempotency_key": key,
	}
}
