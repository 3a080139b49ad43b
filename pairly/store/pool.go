package store

import (
	"context"
	"log/slog"
	"time"
)

// reportPool writes db_pool_stats every so often until the store closes: at
// DEBUG, and at WARNING when callers had to wait for a connection since the
// last line.
func (s *Store) reportPool(log *slog.Logger, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var waitedBefore int64
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		st := s.db.Stats()
		level := slog.LevelDebug
		if st.WaitCount > waitedBefore && st.InUse >= st.MaxOpenConnections {
			level = slog.LevelWarn
		}
		waitedBefore = st.WaitCount
		log.LogAttrs(context.Background(), level, "db_pool_stats",
			slog.Int("open", st.OpenConnections),
			slog.Int("in_use", st.InUse),
			slog.Int("idle", st.Idle),
			slog.Int64("wait_count", st.WaitCount),
			slog.Duration("wait_ms", st.WaitDuration))
	}
}
