// Package guard counts failed logins, and refuses logins to accounts and from
// addresses with too many of them.
//
// An unknown e-mail address is counted and locked like an account, so that
// the answers do not tell which addresses have one.
package guard

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	CountFailure(ctx context.Context, scope, subject string, l pairly.FailureLimit, now time.Time) (pairly.FailedLogin, error)
	FailedLogin(ctx context.Context, scope, subject string) (pairly.FailedLogin, error)
	ClearFailures(ctx context.Context, scope, subject string) (bool, error)
}

// A Banner bans addresses; the rate limiter is one.
type Banner interface {
	Ban(ctx context.Context, b pairly.IPBan) (free bool, err error)
}

// Config holds the limits; Store, Bans and Audit are required.
type Config struct {
	Store        Store
	Bans         Banner
	Audit        pairly.Auditor
	Log          *slog.Logger     // middleware.failed_login; nil discards
	AccountLimit int              // the failure that locks an account; 0 means 3
	AccountLock  time.Duration    // 0 means 30 minutes
	IPLimit      int              // the failure that locks an address; 0 means 150
	IPLock       time.Duration    // 0 means 60 minutes
	Window       time.Duration    // life of a counter from its first failure; 0 means 60 minutes
	Now          func() time.Time // nil means time.Now
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.AccountLimit == 0 {
		c.AccountLimit = 3
	}
	if c.AccountLock == 0 {
		c.AccountLock = 30 * time.Minute
	}
	if c.IPLimit == 0 {
		c.IPLimit = 150
	}
	if c.IPLock == 0 {
		c.IPLock = time.Hour
	}
	if c.Window == 0 {
		c.Window = time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

const (
	scopeUser = "user"
	scopeIP   = "ip"
)

// A Service is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c.withDefaults()} }

// An Attempt is one attempt to log in.
type Attempt struct {
	IP     string
	Email  string // lower case, trimmed
	UserID string // "" when no account has the address
}

// subject is what the account counter of the attempt goes by.
func (a Attempt) subject() string {
	if a.UserID != "" {
		return a.UserID
	}
	return a.Email
}

// target is what audit records of the attempt are about.
func (a Attempt) target() pairly.Target {
	if a.UserID != "" {
		return pairly.Target{UserID: a.UserID, Email: a.Email}
	}
	return pairly.Target{Email: a.Email}
}

func errInvalidCredentials() error {
	return pairly.Errorf(pairly.EUnauthorized, "invalid_credentials", "The e-mail address or the password is wrong.")
}

func errLocked(scope string) error {
	if scope == scopeIP {
		return pairly.Errorf(pairly.EForbidden, "ip_locked", "Too many failed logins from this address. Try again later.")
	}
	return pairly.Errorf(pairly.EForbidden, "account_locked", "Too many failed logins. Try again later.")
}

// Check refuses the attempt, with ip_locked or account_locked, while its
// address or its account is locked. Call it before looking at the password.
func (s *Service) Check(ctx context.Context, a Attempt) error {
	now := s.c.Now()
	for _, c := range []struct{ scope, subject string }{{scopeIP, a.IP}, {scopeUser, a.subject()}} {
		f, err := s.c.Store.FailedLogin(ctx, c.scope, c.subject)
		if err != nil {
			return err
		}
		if f.Locked(now) {
			s.blocked(ctx, a, c.scope, f.LockedUntil)
			return errLocked(c.scope)
		}
	}
	return nil
}

// blocked writes login_blocked.
func (s *Service) blocked(ctx context.Context, a Attempt, scope string, until time.Time) {
	name, lockedUntil := scope, slog.Any("locked_until", nil)
	if scope == scopeUser {
		name = "account"
	}
	if !until.IsZero() {
		lockedUntil = slog.Time("locked_until", until)
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "login_blocked",
		slog.String("scope", name),
		slog.String("client_ip", a.IP),
		lockedUntil)
}

// Suspended writes that the holder of the right password is suspended, and
// returns account_suspended.
func (s *Service) Suspended(ctx context.Context, a Attempt) error {
	s.blocked(ctx, a, "suspended", time.Time{})
	return pairly.Errorf(pairly.EForbidden, "account_suspended", "This account is suspended.")
}

// Failed counts a wrong password or an unknown address, with the locks that
// follow from it, and returns the answer: invalid_credentials, or the lock
// that another attempt at the same time has set meanwhile. Without that,
// guesses sent at once would all be answered before the lock.
func (s *Service) Failed(ctx context.Context, a Attempt) error {
	ctx = context.WithoutCancel(ctx) // a guess counts, also of a client who hangs up on it
	now := s.c.Now().UTC()
	answer := errInvalidCredentials()
	err := s.c.Store.InTx(ctx, func(ctx context.Context) error {
		answer = errInvalidCredentials()
		account, err := s.c.Store.CountFailure(ctx, scopeUser, a.subject(), s.accountLimit(), now)
		if err != nil {
			return err
		}
		address, err := s.c.Store.CountFailure(ctx, scopeIP, a.IP, s.ipLimit(), now)
		if err != nil {
			return err
		}
		for _, f := range []struct {
			pairly.FailedLogin
			limit int
		}{{address, s.c.IPLimit}, {account, s.c.AccountLimit}} {
			if f.Locked(now) && f.Count > int64(f.limit) {
				answer = errLocked(f.Scope)
				pairly.AfterCommit(ctx, func() { s.blocked(ctx, a, f.Scope, f.LockedUntil) })
				return nil
			}
		}
		return s.recordFailure(ctx, a, account, address)
	})
	if err != nil {
		return err
	}
	return answer
}

func (s *Service) accountLimit() pairly.FailureLimit {
	return pairly.FailureLimit{Limit: s.c.AccountLimit, Window: s.c.Window, Lock: s.c.AccountLock}
}

func (s *Service) ipLimit() pairly.FailureLimit {
	return pairly.FailureLimit{Limit: s.c.IPLimit, Window: s.c.Window, Lock: s.c.IPLock}
}

// recordFailure tells of one failure and of the locks that it set.
func (s *Service) recordFailure(ctx context.Context, a Attempt, account, address pairly.FailedLogin) error {
	reason := "bad_password"
	if a.UserID == "" {
		reason = "unknown_user"
	}
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelWarn, "login_attempt_failed",
			slog.String("email", a.Email),
			slog.String("client_ip", a.IP),
			slog.String("reason", reason),
			slog.Int64("attempts", account.Count))
	})
	err := s.c.Audit.Record(ctx, pairly.AuditRecord{
		Event: "login_failed", Action: "login", Level: slog.LevelWarn, Severity: pairly.SeverityMedium,
		Target: a.target(), Details: map[string]any{"attempts": account.Count}, Denial: true,
	})
	if err != nil {
		return err
	}
	// There is no account to lock behind an unknown address, only its counter.
	if account.Count == int64(s.c.AccountLimit) && a.UserID != "" {
		err := s.c.Audit.Record(ctx, pairly.AuditRecord{
			Event: "account_locked", Action: "lock_account", Level: slog.LevelWarn, Severity: pairly.SeverityHigh,
			Target: a.target(),
			Before: map[string]any{"locked_until": nil},
			After:  map[string]any{"locked_until": account.LockedUntil},
			Denial: true,
		})
		if err != nil {
			return err
		}
	}
	if address.Count != int64(s.c.IPLimit) {
		return nil
	}
	_, err = s.c.Bans.Ban(ctx, pairly.IPBan{
		IP: a.IP, BannedAt: address.LockedUntil.Add(-s.c.IPLock), BannedUntil: address.LockedUntil, Source: pairly.BanFailedLogin,
	})
	return err
}

// Succeeded clears the counters of the account and of the address after a
// right password. Call it in the transaction that opens the session. It
// fails with a lock that attempts at the same time have set meanwhile: the
// right one among many guesses must not stand out.
func (s *Service) Succeeded(ctx context.Context, a Attempt) error {
	if err := s.Check(ctx, a); err != nil {
		return err
	}
	for _, c := range []struct{ scope, subject string }{{scopeUser, a.subject()}, {scopeIP, a.IP}} {
		cleared, err := s.c.Store.ClearFailures(ctx, c.scope, c.subject)
		if err != nil {
			return err
		}
		if cleared {
			pairly.AfterCommit(ctx, func() {
				step.Log(ctx, s.c.Log, "failed_attempts_cleared",
					slog.String("user_id", a.UserID),
					slog.String("scope", c.scope))
			})
		}
	}
	return nil
}
