package worker

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/pairly/service/presence"
)

// A Sweeper takes users offline that are not there any more; see
// [presence.Service].
type Sweeper interface {
	Reset(ctx context.Context) (int64, error)
	Sweep(ctx context.Context) error
}

// Presence returns the worker that takes users offline who went silent. It
// begins with those whom a killed process left online. Its jobs are at DEBUG:
// there are four a minute, and presence has lines of its own.
func Presence(s Sweeper) Worker {
	return Worker{
		Name: "presence", Every: presence.SweepEvery, Level: slog.LevelDebug,
		First: []Job{{"reset", func(ctx context.Context) error {
			n, err := s.Reset(ctx)
			joblog.Metric(ctx, slog.Int64("profiles", n))
			return err
		}}},
		Job: Job{"sweep", s.Sweep},
	}
}
