package auth

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
)

// Suspend keeps the user out until Unsuspend: the sessions end with the
// commit, and neither a login nor a refresh nor a socket gets through. The
// actor in ctx is the admin. It fails with user_not_found, self_suspension or
// admin_target (403), or already_suspended (409).
func (s *Service) Suspend(ctx context.Context, userID, reason string) error {
	by := pairly.ActorFrom(ctx).UserID
	return s.c.Store.InTx(ctx, func(ctx context.Context) error {
		u, err := s.c.Store.User(ctx, userID)
		if err != nil {
			return err
		}
		if u.ID == by {
			return pairly.Errorf(pairly.EForbidden, "self_suspension", "You cannot suspend yourself.")
		}
		if u.Role == pairly.RoleAdmin {
			return pairly.Errorf(pairly.EForbidden, "admin_target", "An admin cannot be suspended.")
		}
		changed, err := s.c.Store.SuspendUser(ctx, u.ID, by, reason, s.now())
		if err != nil {
			return err
		}
		if !changed {
			return pairly.Errorf(pairly.EConflict, "already_suspended", "This account is suspended already.")
		}
		s.suspensionChanged(ctx, u.ID, true)
		if _, err := s.EndSessions(ctx, u.ID, pairly.RevokedSuspended, ""); err != nil {
			return err
		}
		return s.c.Audit.Record(ctx, suspensionRecord("user_suspended", "suspend_user", u, reason, true))
	})
}

// Unsuspend lets the user log in again. It fails with user_not_found, or
// not_suspended (409).
func (s *Service) Unsuspend(ctx context.Context, userID, reason string) error {
	return s.c.Store.InTx(ctx, func(ctx context.Context) error {
		u, err := s.c.Store.User(ctx, userID)
		if err != nil {
			return err
		}
		changed, err := s.c.Store.UnsuspendUser(ctx, u.ID, s.now())
		if err != nil {
			return err
		}
		if !changed {
			return pairly.Errorf(pairly.EConflict, "not_suspended", "This account is not suspended.")
		}
		s.suspensionChanged(ctx, u.ID, false)
		return s.c.Audit.Record(ctx, suspensionRecord("user_unsuspended", "unsuspend_user", u, reason, false))
	})
}

func (s *Service) suspensionChanged(ctx context.Context, userID string, suspended bool) {
	pairly.AfterCommit(ctx, func() {
		now := s.c.Now()
		s.suspended.Set(userID, suspended, now, now.Add(suspendedFor))
	})
}

func suspensionRecord(event, action string, u *pairly.User, reason string, suspended bool) pairly.AuditRecord {
	return pairly.AuditRecord{
		Event: event, Action: action, Level: slog.LevelInfo, Severity: pairly.SeverityHigh,
		Target: pairly.Target{UserID: u.ID, Email: u.Email}, Reason: reason,
		Before: map[string]any{"is_suspended": !suspended},
		After:  map[string]any{"is_suspended": suspended},
	}
}
