package store

import (
	"context"
	"time"
)

// SetPresence writes the state of a user's profile, if there is one, and when
// the user was last active.
func (s *Store) SetPresence(ctx context.Context, userID string, online bool, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		// The user before the profile, as transfers lock them.
		if _, err := s.exec(ctx, `UPDATE users SET last_active_at = ? WHERE id = ? AND (last_active_at IS NULL OR last_active_at < ?)`,
			millis(at), userID, millis(at)); err != nil {
			return err
		}
		_, err := s.exec(ctx, `UPDATE profiles SET is_online = ?, last_seen = ? WHERE user_id = ?`,
			online, millis(at), userID)
		return err
	})
	return wrap(err, "set presence")
}

// LastSeen returns when the user was last active, the zero time where nobody
// knows.
func (s *Store) LastSeen(ctx context.Context, userID string) (time.Time, error) {
	t, _, err := get(ctx, s, func(r scanner) (t time.Time, err error) {
		err = r.Scan(nullTime{&t})
		return t, err
	}, `SELECT last_active_at FROM users WHERE id = ?`, userID)
	return t, wrap(err, "read last activity")
}

// ResetPresence writes the profiles as offline that went online before then,
// and returns how many there were: what a process that was killed has left.
func (s *Store) ResetPresence(ctx context.Context, then time.Time) (int64, error) {
	n, err := s.exec(ctx, `UPDATE profiles SET is_online = FALSE WHERE is_online = TRUE AND last_seen < ?`, millis(then))
	return n, wrap(err, "reset presence")
}
