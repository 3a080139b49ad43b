package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const sessionColumns = `session_id, user_id, device_info, ip, fingerprint_hash,
	refresh_token_id, refresh_jti_hash, refresh_expires_at, generation,
	last_active_at, revoked, revoked_at, revoke_reason, created_at`

func sessionFields(se *pairly.Session) []any {
	return []any{&se.ID, &se.UserID, &se.DeviceInfo, &se.IP, textOrNull[string]{&se.FingerprintHash},
		&se.RefreshTokenID, &se.RefreshJTIHash, stamp{&se.RefreshExpires}, &se.Generation,
		stamp{&se.LastActiveAt}, &se.Revoked, nullTime{&se.RevokedAt}, textOrNull[pairly.RevokeReason]{&se.RevokeReason}, stamp{&se.CreatedAt}}
}

func scanSession(r scanner) (*pairly.Session, error) {
	se := new(pairly.Session)
	err := r.Scan(sessionFields(se)...)
	return se, err
}

// InsertSession adds se, of generation 1.
func (s *Store) InsertSession(ctx context.Context, se *pairly.Session) error {
	_, err := s.exec(ctx, `INSERT INTO sessions (session_id, user_id, device_info, ip, fingerprint_hash,
			refresh_token_id, refresh_jti_hash, refresh_expires_at, generation, last_active_at, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
		se.ID, se.UserID, se.DeviceInfo, se.IP, nullText(se.FingerprintHash),
		se.RefreshTokenID, se.RefreshJTIHash, millis(se.RefreshExpires), millis(se.CreatedAt), millis(se.CreatedAt), millis(se.CreatedAt))
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

func errSessionNotFound() error {
	return pairly.Errorf(pairly.ENotFound, "session_not_found", "There is no such session.")
}

// Session returns the session with that id, revoked or not, or fails with
// session_not_found.
func (s *Store) Session(ctx context.Context, id string) (*pairly.Session, error) {
	se, ok, err := get(ctx, s, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE session_id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	if !ok {
		return nil, errSessionNotFound()
	}
	return se, nil
}

// SessionState returns the session with that id, as Session does, and whether
// the token named by jti is revoked.
func (s *Store) SessionState(ctx context.Context, id, jti string) (*pairly.Session, bool, error) {
	type state struct {
		session pairly.Session
		revoked bool
	}
	st, ok, err := get(ctx, s, func(r scanner) (*state, error) {
		st := new(state)
		return st, r.Scan(append(sessionFields(&st.session), &st.revoked)...)
	}, `SELECT `+sessionColumns+`, EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = ?) FROM sessions WHERE session_id = ?`, jti, id)
	if err != nil {
		return nil, false, fmt.Errorf("read session: %w", err)
	}
	if !ok {
		return nil, false, errSessionNotFound()
	}
	return &st.session, st.revoked, nil
}

// maxSessionsListed bounds Sessions; nobody reads further.
const maxSessionsListed = 200

// Sessions returns the user's sessions that are not revoked, newest first,
// 200 at most.
func (s *Store) Sessions(ctx context.Context, userID string) ([]*pairly.Session, error) {
	out, err := list(ctx, s, scanSession, `SELECT `+sessionColumns+` FROM sessions
		WHERE user_id = ? AND NOT revoked ORDER BY created_at DESC, session_id LIMIT ?`, userID, maxSessionsListed)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// RotateSession replaces the refresh generation in one statement and keeps
// the old one in the history. It reports false, and changes nothing, when the
// old generation is not the current one or the session is revoked: of two
// rotations of one generation exactly one succeeds.
func (s *Store) RotateSession(ctx context.Context, r pairly.Rotation) (bool, error) {
	rotated := false
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `UPDATE sessions SET refresh_token_id = ?, refresh_jti_hash = ?, refresh_expires_at = ?,
				generation = generation + 1, last_active_at = ?, updated_at = ?
			WHERE session_id = ? AND refresh_token_id = ? AND refresh_jti_hash = ? AND NOT revoked`,
			r.NewTokenID, r.NewJTIHash, millis(r.RefreshExpires), millis(r.At), millis(r.At),
			r.SessionID, r.OldTokenID, r.OldJTIHash)
		if rotated = err == nil && n == 1; !rotated {
			return err
		}
		_, err = s.exec(ctx, `INSERT INTO refresh_history (rtid, session_id, rotated_at) VALUES (?, ?, ?)`,
			r.OldTokenID, r.SessionID, millis(r.At))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("rotate session: %w", err)
	}
	return rotated, nil
}

// RefreshRotatedAt returns when the refresh generation rtid was replaced; ok
// is false when it is unknown or longer ago than the history reaches.
func (s *Store) RefreshRotatedAt(ctx context.Context, rtid string) (at time.Time, ok bool, err error) {
	ms, ok, err := get(ctx, s, scanOne[int64], `SELECT rotated_at FROM refresh_history WHERE rtid = ?`, rtid)
	if err != nil || !ok {
		return time.Time{}, false, err
	}
	return fromMillis(ms), true, nil
}

// RevokeSession ends a session and reports whether it was alive. The first
// reason stays.
func (s *Store) RevokeSession(ctx context.Context, id string, reason pairly.RevokeReason, at time.Time) (bool, error) {
	n, err := s.exec(ctx, `UPDATE sessions SET revoked = TRUE, revoked_at = ?, revoke_reason = ?, updated_at = ?
		WHERE session_id = ? AND NOT revoked`, millis(at), string(reason), millis(at), id)
	if err != nil {
		return false, fmt.Errorf("revoke session: %w", err)
	}
	return n == 1, nil
}

// RevokeSessions ends the user's live sessions but the one with the id except
// (which may be empty), and returns the ids of those that it ended, oldest
// first.
func (s *Store) RevokeSessions(ctx context.Context, userID, except string, reason pairly.RevokeReason, at time.Time) ([]string, error) {
	var ids []string
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		ids, err = list(ctx, s, scanOne[string], `SELECT session_id FROM sessions
			WHERE user_id = ? AND session_id <> ? AND NOT revoked ORDER BY created_at, session_id`+s.d.forUpdate, userID, except)
		if err != nil || len(ids) == 0 {
			return err
		}
		_, err = s.exec(ctx, `UPDATE sessions SET revoked = TRUE, revoked_at = ?, revoke_reason = ?, updated_at = ?
			WHERE user_id = ? AND session_id <> ? AND NOT revoked`, millis(at), string(reason), millis(at), userID, except)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("revoke sessions: %w", err)
	}
	return ids, nil
}

// TouchSession moves the session's and its user's last activity to at, unless
// the session's is younger than a minute before at.
func (s *Store) TouchSession(ctx context.Context, id string, at time.Time) error {
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `UPDATE sessions SET last_active_at = ? WHERE session_id = ? AND last_active_at <= ?`,
			millis(at), id, millis(at.Add(-time.Minute)))
		if err != nil || n == 0 {
			return err
		}
		_, err = s.exec(ctx, `UPDATE users SET last_active_at = ? WHERE id = (SELECT user_id FROM sessions WHERE session_id = ?)`,
			millis(at), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}
