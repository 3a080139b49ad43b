package auth

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/guard"
)

// SignUpInput is a request for an account.
type SignUpInput struct {
	Email    string
	Password string // 10 to 72 bytes, not among the common ones
	Name     string // 1 to 100 characters
	Role     pairly.Role
}

// LoginInput is a request for a session.
type LoginInput struct {
	Email      string
	Password   string
	DeviceInfo string // at most 200 characters; "" means unknown
}

// A LoginResult is either a session with its tokens, or a challenge.
type LoginResult struct {
	Pair      *pairly.TokenPair
	Challenge *Challenge
}

// A Challenge stands for a login whose second factor is missing.
type Challenge struct {
	Method    string // email or totp
	TempToken string
	Message   string
}

// SignUp makes an account with a balance of zero, and its first session. It
// fails with validation_failed, role_not_allowed or email_exists.
func (s *Service) SignUp(ctx context.Context, in SignUpInput) (*pairly.TokenPair, error) {
	if err := s.validateSignUp(&in); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	now := s.now()
	u := &pairly.User{
		ID: pairly.NewID(now), Email: in.Email, PasswordHash: hash, Name: in.Name, Role: in.Role,
		CreatedAt: now, UpdatedAt: now,
	}
	return s.open(ctx, u, "signup_device", s.c.Store.InsertUser, pairly.AuditRecord{
		Event: "user_signed_up", Action: "sign_up", Level: slog.LevelInfo, Severity: pairly.SeverityLow,
		Target: pairly.Target{UserID: u.ID},
		After:  map[string]any{"role": string(u.Role), "credits_balance": int64(0)},
	})
}

// Login opens a session for the right password. It fails with
// invalid_credentials (401), ip_locked, account_locked or account_suspended
// (403); which of them does not tell whether the address has an account, and
// that the account is suspended learns only who knows the password.
func (s *Service) Login(ctx context.Context, in LoginInput) (*LoginResult, error) {
	if err := s.validateLogin(&in); err != nil {
		return nil, err
	}
	attempt := guard.Attempt{IP: pairly.RequestFrom(ctx).ClientIP, Email: in.Email}
	u, err := s.c.Store.UserByEmail(ctx, in.Email)
	switch {
	case err == nil:
		attempt.UserID = u.ID
	case pairly.ErrorKind(err) == pairly.ENotFound:
		u = &pairly.User{} // its empty hash costs as much to check as a real one
	default:
		return nil, err
	}
	if err := s.c.Guard.Check(ctx, attempt); err != nil {
		return nil, err
	}
	ok, err := s.hasher.matches(ctx, u.PasswordHash, in.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, s.c.Guard.Failed(ctx, attempt)
	}
	if u.IsSuspended || u.TwoFAEnabled {
		return s.holdBack(ctx, u, attempt, in)
	}
	pair, err := s.open(ctx, u, in.DeviceInfo, func(ctx context.Context, _ *pairly.User) error {
		return s.c.Guard.Succeeded(ctx, attempt)
	}, pairly.AuditRecord{
		Event: "login_succeeded", Action: "login", Level: slog.LevelInfo, Severity: pairly.SeverityLow,
		Target:  pairly.Target{UserID: u.ID},
		Details: map[string]any{"method": "password", "device": in.DeviceInfo},
	})
	if err != nil {
		return nil, err
	}
	return &LoginResult{Pair: pair}, nil
}

// holdBack answers the right password of an account that gets no session for
// it: it is suspended, or has a second factor.
func (s *Service) holdBack(ctx context.Context, u *pairly.User, attempt guard.Attempt, in LoginInput) (*LoginResult, error) {
	err := s.c.Store.InTx(ctx, func(ctx context.Context) error { return s.c.Guard.Succeeded(ctx, attempt) })
	if err != nil {
		return nil, err
	}
	if u.IsSuspended {
		return nil, s.c.Guard.Suspended(ctx, attempt)
	}
	if s.c.SecondFactor == nil {
		return nil, pairly.Errorf(pairly.EUnavailable, "feature_disabled", "Logging in with a second factor is not available.")
	}
	challenge, err := s.c.SecondFactor.Begin(ctx, u, in)
	if err != nil {
		return nil, err
	}
	return &LoginResult{Challenge: challenge}, nil
}

// open makes a session of u with its tokens, in one transaction with before
// and the audit record. The lines follow the commit in this order: those of
// before, the device, the two tokens, the session, the record.
func (s *Service) open(ctx context.Context, u *pairly.User, deviceInfo string, before func(context.Context, *pairly.User) error, record pairly.AuditRecord) (*pairly.TokenPair, error) {
	now := s.now()
	se := &pairly.Session{
		ID: pairly.NewUUID(), UserID: u.ID, DeviceInfo: deviceInfo, IP: pairly.RequestFrom(ctx).ClientIP,
		FingerprintHash: s.c.Fingerprints.Describe(ctx).Hash,
		RefreshTokenID:  pairly.NewUUID(), Generation: 1, LastActiveAt: now, CreatedAt: now,
	}
	pair := &pairly.TokenPair{Session: se, User: u}
	outer := context.WithoutCancel(ctx)
	err := s.c.Store.InTx(s.as(ctx, u, se), func(ctx context.Context) error {
		if err := before(ctx, u); err != nil {
			return err
		}
		// A device that cannot be registered must not undo the login: it has a
		// transaction of its own, after this one. It writes its own line, good
		// or bad.
		pairly.AfterCommit(ctx, func() { _, _ = s.c.Fingerprints.Register(outer, u.ID, se.ID) })
		tokens, err := s.c.Tokens.CreatePair(ctx, u, se.ID, se.RefreshTokenID)
		if err != nil {
			return err
		}
		pair.AccessToken, pair.RefreshToken = tokens.Access, tokens.Refresh
		se.RefreshJTIHash, se.RefreshExpires = tokens.RefreshJTIHash, tokens.RefreshExpires
		if err := s.c.Store.InsertSession(ctx, se); err != nil {
			return err
		}
		pairly.AfterCommit(ctx, func() {
			s.c.Log.LogAttrs(ctx, slog.LevelInfo, "session_created",
				slog.String("user_id", u.ID),
				slog.String("session_id", se.ID),
				slog.String("device_info", se.DeviceInfo),
				slog.String("client_ip", se.IP))
		})
		return s.c.Audit.Record(ctx, record)
	})
	if err != nil {
		return nil, err
	}
	return pair, nil
}

// as returns ctx with u in se as the actor.
func (s *Service) as(ctx context.Context, u *pairly.User, se *pairly.Session) context.Context {
	return pairly.WithActor(ctx, pairly.Actor{
		UserID: u.ID, Role: u.Role, IP: pairly.RequestFrom(ctx).ClientIP, SessionID: se.ID, Fingerprint: se.FingerprintHash,
	})
}
