package token

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/pairly/pairlog/pairly"
)

func tokenKey(jti string) string   { return "revoked_jwt:" + jti }
func sessionKey(sid string) string { return "revoked_session:" + sid }

// Alive reports, as Verify does, whether the token of cl or its session was
// revoked. Sockets ask for every frame.
func (s *Service) Alive(ctx context.Context, cl *pairly.Claims) error {
	se, revoked, err := s.state(ctx, cl)
	switch {
	case err != nil && pairly.ErrorCode(err) != "session_not_found":
		return err
	case err == nil && revoked:
		s.Refused(ctx, cl.Type, ReasonRevoked, cl.JTI)
		return refusal("token_revoked", &Failure{Reason: ReasonRevoked})
	case err != nil || se.Revoked || se.UserID != cl.UserID:
		s.Refused(ctx, cl.Type, ReasonRevoked, cl.JTI)
		return refusal("session_revoked", &Failure{Reason: ReasonRevoked})
	}
	return nil
}

// state returns the session of cl, and whether its token is revoked, as the
// database says or said a moment ago.
func (s *Service) state(ctx context.Context, cl *pairly.Claims) (se pairly.Session, revoked bool, err error) {
	now := s.c.Now()
	se, haveSession := s.sessions.Get(cl.SessionID, now)
	revoked, haveToken := s.revoked.Get(cl.JTI, now)
	if (haveToken && revoked) || (haveSession && se.Revoked) {
		return se, revoked, nil // that never changes back
	}
	hinted := s.c.Cache != nil && s.c.Cache.Exists(ctx, tokenKey(cl.JTI), sessionKey(cl.SessionID))
	if haveSession && haveToken && !hinted {
		return se, false, nil
	}
	sessionMark, tokenMark := s.sessions.Mark(), s.revoked.Mark()
	read, revoked, err := s.c.Store.SessionState(ctx, cl.SessionID, cl.JTI)
	if err != nil {
		return s.unknown(ctx, cl, hinted, err)
	}
	until := now.Add(s.c.SessionCacheFor)
	se = s.sessions.Keep(sessionMark, cl.SessionID, s.touched(ctx, *read, now), now, until)
	revoked = s.revoked.Keep(tokenMark, cl.JTI, revoked, now, until)
	return se, revoked, nil
}

// unknown decides when the database gave no answer: what the cache says is
// revoked is refused, anything else cannot be decided.
func (s *Service) unknown(ctx context.Context, cl *pairly.Claims, hinted bool, err error) (pairly.Session, bool, error) {
	if pairly.ErrorKind(err) == pairly.ENotFound || errors.Is(err, context.Canceled) {
		return pairly.Session{}, false, err
	}
	s.degraded(ctx, "read_session", err)
	if hinted {
		return pairly.Session{UserID: cl.UserID}, true, nil
	}
	return pairly.Session{}, false, pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "The service is briefly unavailable.").Wrap(err)
}

func (s *Service) degraded(ctx context.Context, operation string, err error) {
	s.c.Log.LogAttrs(ctx, slog.LevelError, "token_store_degraded",
		slog.String("store", "database"),
		slog.String("operation", operation),
		slog.String("error_type", pairly.ErrorType(err)))
}

// touched moves the last activity of a live session to now, once a minute at
// most. That it could not is no reason to refuse anybody.
func (s *Service) touched(ctx context.Context, se pairly.Session, now time.Time) pairly.Session {
	if se.Revoked || now.Sub(se.LastActiveAt) < time.Minute {
		return se
	}
	if err := s.c.Store.TouchSession(ctx, se.ID, now); err != nil {
		if !errors.Is(err, context.Canceled) {
			s.degraded(ctx, "touch_session", err)
		}
		return se
	}
	se.LastActiveAt = now
	return se
}

// Revoke makes the token of cl useless for the rest of its life. In a
// transaction that takes effect with the commit.
func (s *Service) Revoke(ctx context.Context, cl *pairly.Claims) error {
	if err := s.c.Store.RevokeToken(ctx, cl.JTI, cl.UserID, cl.ExpiresAt); err != nil {
		return err
	}
	pairly.AfterCommit(ctx, func() {
		now := s.c.Now()
		left := cl.ExpiresAt.Sub(now)
		// Not shorter than a load that began before may take: see fresh.Map.
		s.revoked.Set(cl.JTI, true, now, now.Add(max(left, time.Minute)))
		if s.c.Cache != nil && left > 0 {
			s.c.Cache.Set(context.WithoutCancel(ctx), tokenKey(cl.JTI), "1", left)
		}
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "token_revoked",
			slog.String("user_id", cl.UserID),
			slog.String("token_type", string(cl.Type)),
			slog.String("jti", cl.JTI),
			slog.Int64("ttl_seconds", max(0, int64(math.Ceil(left.Seconds())))))
	})
	return nil
}

// SessionRevoked makes the tokens of a session that was revoked in the
// database useless at once. Call it in that transaction: it takes effect with
// the commit.
func (s *Service) SessionRevoked(ctx context.Context, userID, sessionID string) {
	pairly.AfterCommit(ctx, func() {
		now := s.c.Now()
		s.sessions.Set(sessionID, pairly.Session{ID: sessionID, UserID: userID, Revoked: true}, now, now.Add(s.c.AccessLife))
		if s.c.Cache != nil {
			s.c.Cache.Set(context.WithoutCancel(ctx), sessionKey(sessionID), "1", s.c.AccessLife)
		}
	})
}
