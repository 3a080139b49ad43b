package pairlog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

func TestExceptionIsLoggedOnce(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("api.payments")
	stripe := &StripeAPIError{"card_declined"}
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request})
	err := pairlog.Exception(ctx, log, stripe, slog.String("endpoint", "/pay"))
	if !errors.Is(err, stripe) || err.Error() != "Card declined" || pairlog.ErrorCode(err) != "card_declined" || pairlog.ErrorType(err) != "StripeAPIError" {
		t.Errorf("the marked error is %v (%s, %s)", err, pairlog.ErrorType(err), pairlog.ErrorCode(err))
	}
	for _, again := range []error{err, fmt.Errorf("check out: %w", err), errors.Join(err, fmt.Errorf("and: %w", err)), fmt.Errorf("%w: %w", errors.ErrUnsupported, err)} {
		if got := pairlog.Exception(ctx, log, again); got != again {
			t.Errorf("a logged error came back as %v", got)
		}
		if !pairlog.Logged(ctx, again) {
			t.Errorf("Logged(%v) is false", again)
		}
	}
	recs := records(t, text())
	if len(recs) != 1 || recs[0]["event"] != "exception" || recs[0]["level"] != "ERROR" || recs[0]["endpoint"] != "/pay" {
		t.Fatalf("got %v, want one exception", recs)
	}
	if stack, _ := recs[0]["stack_trace"].(string); !strings.HasPrefix(stack, "github.com/pairly/pairlog_test.TestExceptionIsLoggedOnce\n") {
		t.Errorf("the stack does not begin at the caller:\n%s", stack)
	}
	// An error that two requests share has a line in each.
	other, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "another"})
	if pairlog.Logged(other, err) || pairlog.Logged(t.Context(), err) || pairlog.Logged(ctx, stripe) || pairlog.Logged(ctx, nil) {
		t.Error("logged where it was not")
	}
	_ = pairlog.Exception(other, log, err)
	if got := len(records(t, text())); got != 2 {
		t.Errorf("%d lines, want one of each request", got)
	}
	if err := pairlog.Exception(ctx, log, nil); err != nil {
		t.Errorf("Exception(nil) = %v", err)
	}
}

// An error that is new is not lost because one that was logged is joined with it.
func TestExceptionJoinedWithAnother(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request})
	err := pairlog.Exception(ctx, p.Logger("api.payments"), &StripeAPIError{"card_declined"})
	both := errors.Join(err, errors.New("the refund failed too"))
	if pairlog.Logged(ctx, both) {
		t.Error("Logged, and the second error is told nowhere")
	}
	_ = pairlog.Exception(ctx, p.Logger("api.payments"), both)
	if got := text(); !strings.Contains(got, "the refund failed too") {
		t.Errorf("not in the log:\n%s", got)
	}
}
