package api_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pairly/pairlog/pairly/api"
)

// A flood of probes asks what is slow once, and one that leaves keeps nobody
// waiting.
func TestProbesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, answer, down := 0, make(chan struct{}), errors.New("down")
		ready := api.Readiness(api.Check{Name: "queue", Check: func(ctx context.Context) error {
			asked++
			<-answer
			if ctx.Err() != nil {
				t.Error("the check ended with the probe that began it")
			}
			return down
		}})
		first, leave := context.WithCancel(t.Context())
		var probes sync.WaitGroup
		for i := range 20 {
			probes.Go(func() {
				ctx := t.Context()
				if i == 0 {
					ctx = first
				}
				if err := ready(ctx); !errors.Is(err, down) {
					t.Errorf("probe = %v, want the outcome of the check", err)
				}
			})
			synctest.Wait()
		}
		leave()
		if err := ready(first); !errors.Is(err, context.Canceled) {
			t.Errorf("probe that left = %v, want context.Canceled", err)
		}
		close(answer)
		probes.Wait()
		if asked != 1 {
			t.Errorf("20 probes asked %d times, want once", asked)
		}
		if err := ready(t.Context()); !errors.Is(err, down) || asked != 2 {
			t.Errorf("a later probe = %v after %d checks, want one of its own", err, asked)
		}
	})
}
