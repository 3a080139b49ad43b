package auth

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// Sessions returns the user's sessions that are not revoked, newest first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]*pairly.Session, error) {
	all, err := s.c.Store.Sessions(ctx, userID)
	if err != nil {
		return nil, err
	}
	step.Log(ctx, s.c.Log, "sessions_listed",
		slog.String("user_id", userID),
		slog.Int("count", len(all)))
	return all, nil
}

// Logout revokes the access token of cl, and the session named sessionID, or
// the token's own when it is empty. It fails with session_not_found when the
// named one is not the user's; that it was revoked already is no error.
func (s *Service) Logout(ctx context.Context, cl *pairly.Claims, sessionID string) error {
	if sessionID == "" {
		sessionID = cl.SessionID
	}
	return s.c.Store.InTx(ctx, func(ctx context.Context) error {
		se, err := s.c.Store.Session(ctx, sessionID)
		if err != nil {
			return err
		}
		if se.UserID != cl.UserID {
			return pairly.Errorf(pairly.ENotFound, "session_not_found", "There is no such session.")
		}
		if err := s.c.Tokens.Revoke(ctx, cl); err != nil {
			return err
		}
		was, err := s.c.Store.RevokeSession(ctx, se.ID, pairly.RevokedLogout, s.now())
		if err != nil || !was {
			return err
		}
		s.sessionEnded(ctx, se.UserID, se.ID, pairly.RevokedLogout)
		return s.c.Audit.Record(ctx, pairly.AuditRecord{
			Event: "session_revoked", Action: "logout", Level: slog.LevelInfo, Severity: pairly.SeverityLow,
			Target: sessionTarget(se.ID),
			Before: map[string]any{"revoked": false},
			After:  map[string]any{"revoked": true},
			Denial: true,
		})
	})
}

// sessionEnded makes the tokens of a revoked session useless and tells of it,
// with the commit when ctx is in a transaction.
func (s *Service) sessionEnded(ctx context.Context, userID, sessionID string, reason pairly.RevokeReason) {
	s.c.Tokens.SessionRevoked(ctx, userID, sessionID)
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "session_revoked",
			slog.String("user_id", userID),
			slog.String("session_id", sessionID),
			slog.String("reason", string(reason)))
		if s.c.SessionEnded != nil {
			s.c.SessionEnded(userID, sessionID, reason)
		}
	})
}

// EndSessions revokes the user's live sessions but the one named except,
// which may be empty, and returns the ids of those that it ended, oldest
// first. In a transaction it takes effect with the commit.
func (s *Service) EndSessions(ctx context.Context, userID string, reason pairly.RevokeReason, except string) ([]string, error) {
	var ids []string
	err := s.c.Store.InTx(ctx, func(ctx context.Context) error {
		var err error
		ids, err = s.c.Store.RevokeSessions(ctx, userID, except, reason, s.now())
		for _, id := range ids {
			s.sessionEnded(ctx, userID, id, reason)
		}
		return err
	})
	return ids, err
}
