package store

import (
	"context"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const muteColumns = `user_id, muted_until, muted_by, reason`

func scanMute(r scanner) (*pairly.Mute, error) {
	m := new(pairly.Mute)
	err := r.Scan(&m.UserID, stamp{&m.MutedUntil}, &m.MutedBy, textOrNull[string]{&m.Reason})
	return m, err
}

// Mute returns the mute of a user, ended or not, nil where there is none.
func (s *Store) Mute(ctx context.Context, userID string) (*pairly.Mute, error) {
	m, _, err := get(ctx, s, scanMute, `SELECT `+muteColumns+` FROM user_mutes WHERE user_id = ?`, userID)
	return m, wrap(err, "read mute")
}

// PutMute inserts a mute or replaces the user's earlier one.
func (s *Store) PutMute(ctx context.Context, m *pairly.Mute, now time.Time) error {
	_, err := s.exec(ctx, `
		INSERT INTO user_mutes (user_id, muted_until, muted_by, reason, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (user_id) DO UPDATE SET muted_until = excluded.muted_until,
			muted_by = excluded.muted_by, reason = excluded.reason, updated_at = excluded.updated_at`,
		m.UserID, millis(m.MutedUntil), m.MutedBy, nullText(m.Reason), millis(now), millis(now))
	return wrap(err, "put mute")
}

// DeleteMute removes a user's mute and reports whether there was one.
func (s *Store) DeleteMute(ctx context.Context, userID string) (bool, error) {
	n, err := s.exec(ctx, `DELETE FROM user_mutes WHERE user_id = ?`, userID)
	return n == 1, wrap(err, "delete mute")
}

// Mutes returns the mutes that end after now, the last to end first; nil when
// there is none.
func (s *Store) Mutes(ctx context.Context, now time.Time) ([]*pairly.Mute, error) {
	all, err := list(ctx, s, scanMute,
		`SELECT `+muteColumns+` FROM user_mutes WHERE muted_until > ? ORDER BY muted_until DESC, user_id`, millis(now))
	return all, wrap(err, "list mutes")
}
