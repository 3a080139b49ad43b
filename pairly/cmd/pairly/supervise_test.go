package main_test

import (
	"testing"
	"testing/synctest"

	"github.com/pairly/pairlog/logtest"
	main "github.com/pairly/pairlog/pairly/cmd/pairly"
)

// A loop that panics has a line each time and begins again, until it returns.
func TestSupervise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		runs := 0
		main.Supervise(logs.Logger("app.recover"))(func() {
			if runs++; runs < 3 {
				panic("a bug")
			}
		})
		if runs != 3 {
			t.Errorf("the loop ran %d times, want 3", runs)
		}
		recs := logs.Event("panic_recovered")
		if len(recs) != 2 {
			t.Fatalf("%d panic_recovered lines, want 2:\n%s", len(recs), logs.Text())
		}
		if rec := recs[0]; rec.Level() != "CRITICAL" || rec.String("error_message") != "a bug" || rec.String("stack_trace") == "" {
			t.Errorf("line: %s", rec.Line)
		}
	})
}
