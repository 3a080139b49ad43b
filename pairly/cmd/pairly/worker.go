package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
)

// work runs a background job from now until the service stops, which waits
// for it. every is how often the job acts by itself.
func (s *service) work(name string, every time.Duration, run func(context.Context)) {
	log := s.logger("worker." + name)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	pairlog.Log(ctx, log, slog.LevelInfo, "worker_started",
		slog.String("worker", name),
		slog.Int64("interval_s", int64(every.Seconds())),
		slog.Int("concurrency", 1))
	go func() {
		defer close(ended)
		run(ctx)
	}()
	s.later(func(ctx context.Context) error {
		cancel()
		<-ended
		pairlog.Log(ctx, log, slog.LevelInfo, "worker_stopped",
			slog.String("worker", name),
			slog.String("reason", "shutdown"))
		return nil
	})
}
