package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/token"
)

// A rotationOutcome is what a refresh came to, decided inside the
// transaction: a refusal too can be a change that must commit.
type rotationOutcome struct {
	pair    *pairly.TokenPair
	refused *pairly.Error
}

// Refresh replaces the refresh token, and gives a new access token with it.
// It fails with refresh_invalid, session_not_found, session_revoked,
// user_not_found or refresh_reused (401), or account_suspended (403). Of
// several uses of one token, in parallel too, one succeeds; every other ends
// the session.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (*pairly.TokenPair, error) {
	cl, err := s.c.Tokens.Parse(ctx, refreshToken, pairly.TokenRefresh)
	if err != nil {
		reason := token.ReasonMalformed
		if f := (*token.Failure)(nil); errors.As(err, &f) {
			reason = f.Reason
		}
		return nil, s.refreshFailed(ctx, pairly.Target{}, reason, errRefresh("refresh_invalid").Wrap(err))
	}
	var out rotationOutcome
	for overtaken := true; overtaken; overtaken = errors.Is(err, errOvertaken) {
		err = s.c.Store.InTx(ctx, func(ctx context.Context) error {
			var err error
			out, err = s.rotate(ctx, cl)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	if out.refused == nil {
		return out.pair, nil
	}
	if out.refused.Code == "refresh_reused" {
		return nil, out.refused // told of inside the transaction
	}
	s.c.Tokens.Refused(ctx, cl.Type, token.ReasonRevoked, cl.JTI)
	return nil, s.refreshFailed(ctx, sessionTarget(cl.SessionID), out.refused.Code, out.refused)
}

// errOvertaken rolls back a rotation that read the session just before another
// one changed it. The next look finds the token used.
var errOvertaken = errors.New("rotate session: overtaken")

func errRefresh(code string) *pairly.Error {
	messages := map[string]string{
		"refresh_invalid":   "The refresh token is not valid.",
		"refresh_reused":    "The refresh token was used before. The session has ended.",
		"session_not_found": "The session is gone.",
		"session_revoked":   "The session has ended.",
	}
	return pairly.Errorf(pairly.EUnauthorized, code, "%s", messages[code])
}

func sessionTarget(id string) pairly.Target { return pairly.Target{Type: "session", ID: id} }

// refreshFailed records the refusal and returns it.
func (s *Service) refreshFailed(ctx context.Context, t pairly.Target, reason string, refusal *pairly.Error) error {
	err := s.c.Audit.Record(ctx, pairly.AuditRecord{
		Event: "refresh_failed", Action: "rotate_refresh", Level: slog.LevelWarn, Severity: pairly.SeverityMedium,
		Target: t, Details: map[string]any{"reason": reason}, Denial: true,
	})
	if err != nil {
		return err
	}
	return refusal
}

// rotate decides on a refresh token that is ours and has not expired.
func (s *Service) rotate(ctx context.Context, cl *pairly.Claims) (rotationOutcome, error) {
	se, err := s.c.Store.Session(ctx, cl.SessionID)
	if err != nil && pairly.ErrorKind(err) != pairly.ENotFound {
		return rotationOutcome{}, err
	}
	if err != nil || se.UserID != cl.UserID {
		return rotationOutcome{refused: errRefresh("session_not_found")}, nil
	}
	if se.Revoked {
		return rotationOutcome{refused: errRefresh("session_revoked")}, nil
	}
	u, err := s.c.Store.User(ctx, cl.UserID)
	if err != nil {
		return rotationOutcome{}, err // an account with a session is never gone
	}
	if u.IsSuspended {
		return rotationOutcome{refused: errSuspended().(*pairly.Error)}, nil
	}
	ctx = s.as(ctx, u, se)
	now := s.now()
	hash := token.HashJTI(cl.JTI)
	current := se.RefreshTokenID == cl.RTID && subtle.ConstantTimeCompare([]byte(se.RefreshJTIHash), []byte(hash)) == 1
	if !current {
		return s.reused(ctx, cl, se, now)
	}
	rtid := pairly.NewUUID()
	tokens, err := s.c.Tokens.CreatePair(ctx, u, se.ID, rtid)
	if err != nil {
		return rotationOutcome{}, err
	}
	ok, err := s.c.Store.RotateSession(ctx, pairly.Rotation{
		SessionID: se.ID, OldTokenID: cl.RTID, OldJTIHash: hash,
		NewTokenID: rtid, NewJTIHash: tokens.RefreshJTIHash, RefreshExpires: tokens.RefreshExpires, At: now,
	})
	if err != nil {
		return rotationOutcome{}, err
	}
	if !ok {
		return rotationOutcome{}, errOvertaken
	}
	err = s.c.Audit.Record(ctx, pairly.AuditRecord{
		Event: "refresh_rotated", Action: "rotate_refresh", Level: slog.LevelInfo, Severity: pairly.SeverityLow,
		Target: sessionTarget(se.ID),
		Before: map[string]any{"generation": se.Generation},
		After:  map[string]any{"generation": se.Generation + 1},
	})
	if err != nil {
		return rotationOutcome{}, err
	}
	se.RefreshTokenID, se.RefreshJTIHash, se.RefreshExpires = rtid, tokens.RefreshJTIHash, tokens.RefreshExpires
	se.Generation, se.LastActiveAt = se.Generation+1, now
	return rotationOutcome{pair: &pairly.TokenPair{AccessToken: tokens.Access, RefreshToken: tokens.Refresh, Session: se, User: u}}, nil
}

// reused ends a session whose refresh token was presented after it had been
// replaced: two parties hold it, and nobody can tell which is the right one.
func (s *Service) reused(ctx context.Context, cl *pairly.Claims, se *pairly.Session, now time.Time) (rotationOutcome, error) {
	was, err := s.c.Store.RevokeSession(ctx, se.ID, pairly.RevokedReuse, now)
	if err != nil {
		return rotationOutcome{}, err
	}
	if !was {
		return rotationOutcome{refused: errRefresh("session_revoked")}, nil // another use was faster
	}
	pairly.AfterCommit(ctx, func() { s.c.Tokens.Refused(ctx, cl.Type, token.ReasonRevoked, cl.JTI) })
	s.sessionEnded(ctx, se.UserID, se.ID, pairly.RevokedReuse)
	var details map[string]any
	rotatedAt, ok, err := s.c.Store.RefreshRotatedAt(ctx, cl.RTID)
	if err != nil {
		return rotationOutcome{}, err
	}
	if ok {
		details = map[string]any{"replaced_at": rotatedAt}
	}
	return rotationOutcome{refused: errRefresh("refresh_reused")}, s.c.Audit.Record(ctx, pairly.AuditRecord{
		Event: "refresh_reuse_detected", Action: "revoke_session", Level: slog.LevelError, Severity: pairly.SeverityCritical,
		Target:  sessionTarget(se.ID),
		Before:  map[string]any{"revoked": false},
		After:   map[string]any{"revoked": true},
		Details: details, Denial: true,
	})
}
