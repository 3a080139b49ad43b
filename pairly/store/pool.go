package store

import (
	"database/sql"
	"time"
)

// reportPool reports the state of the pool every so often until the store closes.
func (s *Store) reportPool(report func(last, now sql.DBStats), every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := s.db.Stats()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		now := s.db.Stats()
		report(last, now)
		last = now
	}
}
