package store

import (
	"context"
	"time"
)

// Block records that userID wants nothing to do with blockedID; inserted is
// false when that was so already.
func (s *Store) Block(ctx context.Context, userID, blockedID string, now time.Time) (inserted bool, err error) {
	n, err := s.exec(ctx, `INSERT INTO blocks (user_id, blocked_user_id, created_at) VALUES (?, ?, ?)
		ON CONFLICT (user_id, blocked_user_id) DO NOTHING`, userID, blockedID, millis(now))
	return n == 1, wrap(err, "insert block")
}

// Blocked reports whether one of the two users has blocked the other.
func (s *Store) Blocked(ctx context.Context, a, b string) (bool, error) {
	n, _, err := get(ctx, s, scanOne[int64], `
		SELECT COUNT(*) FROM blocks
		WHERE (user_id = ? AND blocked_user_id = ?) OR (user_id = ? AND blocked_user_id = ?)`, a, b, b, a)
	return n > 0, wrap(err, "read blocks")
}
