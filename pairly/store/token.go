package store

import (
	"context"
	"fmt"
	"time"
)

// RevokeToken records that the token named by jti is no longer good, until it
// expires by itself. Revoking twice is no error.
func (s *Store) RevokeToken(ctx context.Context, jti, userID string, expires time.Time) error {
	_, err := s.exec(ctx, `INSERT INTO revoked_tokens (jti, user_id, expires_at, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (jti) DO NOTHING`, jti, userID, millis(expires), millis(s.now()))
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}
