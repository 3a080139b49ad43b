package pgxlog

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pairly/pairlog"
)

// WatchPool writes a db_pool_stats line of pool to logger every interval, until
// ctx ends; then it returns. Run it in a goroutine of its own. The name of the
// logger should be db.pool. An interval of zero means 60 s.
//
// The line is at DEBUG. It is at WARNING when the pool was exhausted: when,
// since the line before, a caller had to wait for a connection of another.
func WatchPool(ctx context.Context, pool *pgxpool.Pool, logger *slog.Logger, every time.Duration) {
	if every <= 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := pool.Stat()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := pool.Stat()
			LogPool(ctx, logger, last, now)
			last = now
		}
	}
}

// LogPool writes one db_pool_stats line about the time between two
// [pgxpool.Stat] of a pool: for a caller with a clock of its own. A wait is an
// acquire that found no idle connection; connecting is part of it.
func LogPool(ctx context.Context, logger *slog.Logger, last, now *pgxpool.Stat) {
	level := slog.LevelDebug
	waits := now.EmptyAcquireCount() - last.EmptyAcquireCount()
	// Whoever makes the pool grow waits too, for the new connection.
	if waits > now.NewConnsCount()-last.NewConnsCount() {
		level = slog.LevelWarn
	}
	pairlog.Log(ctx, logger, level, "db_pool_stats",
		slog.Int64("open", int64(now.TotalConns())),
		slog.Int64("in_use", int64(now.AcquiredConns())),
		slog.Int64("idle", int64(now.IdleConns())),
		slog.Int64("wait_count", now.EmptyAcquireCount()),
		slog.Float64("wait_ms", milliseconds(now.EmptyAcquireWaitTime())),
		slog.Int64("max_open", int64(now.MaxConns())),
		slog.Int64("wait_count_delta", waits),
		slog.Float64("wait_delta_ms", milliseconds(now.EmptyAcquireWaitTime()-last.EmptyAcquireWaitTime())),
		slog.Int64("closed_delta", closed(now)-closed(last)),
		slog.Int64("canceled_delta", now.CanceledAcquireCount()-last.CanceledAcquireCount()),
	)
}

// closed returns how many connections the pool's limits have closed.
func closed(s *pgxpool.Stat) int64 {
	return s.MaxIdleDestroyCount() + s.MaxLifetimeDestroyCount()
}
