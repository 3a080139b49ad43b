package store

import (
	"context"
	"fmt"
	"time"
)

const (
	// refreshHistoryFor is as long as a refresh token lives: an older
	// generation has expired, so its reuse needs no detecting.
	refreshHistoryFor = 7 * 24 * time.Hour
	// failedLoginsFor covers the counters' window and the 24 hours that the
	// security figures look back.
	failedLoginsFor = 24 * time.Hour
)

// Purge deletes what is past its use at now: expired revocations, refresh
// generations, counters of failed logins, and bans. It returns how many rows
// went.
func (s *Store) Purge(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, p := range []struct {
		statement string // with one placeholder
		before    time.Time
	}{
		{`DELETE FROM revoked_tokens WHERE expires_at <= ?`, now},
		{`DELETE FROM refresh_history WHERE rotated_at <= ?`, now.Add(-refreshHistoryFor)},
		// Locks are shorter than a day: none that is in force goes.
		{`DELETE FROM failed_logins WHERE updated_at <= ?`, now.Add(-failedLoginsFor)},
		{`DELETE FROM ip_bans WHERE banned_until <= ?`, now},
	} {
		n, err := s.exec(ctx, p.statement, millis(p.before))
		if err != nil {
			return total, fmt.Errorf("purge: %w", err)
		}
		total += n
	}
	return total, nil
}
