package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
)

// restart is how long a loop that panicked rests before it begins again.
const restart = time.Second

// supervise returns what parts that know no log of panics call their loops with: a
// panic is a panic_recovered line, and the loop begins again. The service goes on
// without it for a second, in place of ending.
func supervise(log *slog.Logger) func(loop func()) {
	return func(loop func()) {
		for pairlog.Go(context.Background(), log, func(context.Context) { loop() }).Wait() != nil {
			time.Sleep(restart)
		}
	}
}
