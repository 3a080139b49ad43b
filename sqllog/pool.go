package sqllog

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
)

// WatchPool writes a db_pool_stats line of db to logger every interval, until
// ctx ends; then it returns. Run it in a goroutine of its own. The name of the
// logger should be db.pool. An interval of zero means 60 s.
//
// The line is at DEBUG. It is at WARNING when the pool was exhausted: when,
// since the line before, a caller had to wait for a connection.
func WatchPool(ctx context.Context, db *sql.DB, logger *slog.Logger, every time.Duration) {
	if every <= 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := db.Stats()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			now := db.Stats()
			LogPool(ctx, logger, last, now)
			last = now
		}
	}
}

// LogPool writes one db_pool_stats line about the time between two [sql.DBStats]
// of a pool: for a caller with a clock of its own.
func LogPool(ctx context.Context, logger *slog.Logger, last, now sql.DBStats) {
	level := slog.LevelDebug
	waits := now.WaitCount - last.WaitCount
	if waits > 0 {
		level = slog.LevelWarn
	}
	pairlog.Log(ctx, logger, level, "db_pool_stats",
		slog.Int("open", now.OpenConnections),
		slog.Int("in_use", now.InUse),
		slog.Int("idle", now.Idle),
		slog.Int64("wait_count", now.WaitCount),
		slog.Float64("wait_ms", milliseconds(now.WaitDuration)),
		slog.Int("max_open", now.MaxOpenConnections),
		slog.Int64("wait_count_delta", waits),
		slog.Float64("wait_delta_ms", milliseconds(now.WaitDuration-last.WaitDuration)),
		slog.Int64("closed_delta", closed(now)-closed(last)),
	)
}

// closed returns how many connections the pool's limits have closed.
func closed(s sql.DBStats) int64 {
	return s.MaxIdleClosed + s.MaxIdleTimeClosed + s.MaxLifetimeClosed
}
