// Package auth signs users up, in and out, and tells who holds a token.
//
// A login opens a session. Its refresh token is good for one use: it is
// replaced with each, and the use of a replaced one ends the session, because
// then somebody else has a copy.
package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/internal/fresh"
	"github.com/pairly/pairlog/pairly/service/token"
)

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error

	InsertUser(ctx context.Context, u *pairly.User) error
	User(ctx context.Context, id string) (*pairly.User, error)
	UserByEmail(ctx context.Context, email string) (*pairly.User, error)
	SuspendUser(ctx context.Context, id, by, reason string, at time.Time) (bool, error)
	UnsuspendUser(ctx context.Context, id string, at time.Time) (bool, error)

	InsertSession(ctx context.Context, se *pairly.Session) error
	Session(ctx context.Context, id string) (*pairly.Session, error)
	Sessions(ctx context.Context, userID string) ([]*pairly.Session, error)
	RotateSession(ctx context.Context, r pairly.Rotation) (bool, error)
	RefreshRotatedAt(ctx context.Context, rtid string) (at time.Time, ok bool, err error)
	RevokeSession(ctx context.Context, id string, reason pairly.RevokeReason, at time.Time) (bool, error)
	RevokeSessions(ctx context.Context, userID, except string, reason pairly.RevokeReason, at time.Time) ([]string, error)
}

// A SecondFactor asks the holder of the right password for more.
type SecondFactor interface {
	// Begin opens a challenge for u and returns what to tell the client.
	Begin(ctx context.Context, u *pairly.User, in LoginInput) (*Challenge, error)
}

// Config holds what the service works with; Store, Tokens, Guard,
// Fingerprints and Audit are required.
type Config struct {
	Store        Store
	Tokens       *token.Service
	Guard        *guard.Service
	Fingerprints *fingerprint.Service
	Audit        pairly.Auditor
	// SecondFactor serves accounts that have one. While it is nil they cannot
	// log in at all: the password alone must not be enough.
	SecondFactor SecondFactor
	// SessionEnded, when set, is told of every session that was revoked, after
	// the commit: what was opened with it, such as sockets, must end too.
	SessionEnded func(userID, sessionID string, reason pairly.RevokeReason)
	Log          *slog.Logger     // api.auth; nil discards
	Hash         HashParams       // zero: the defaults
	Now          func() time.Time // nil means time.Now
}

// A Service is safe for concurrent use.
type Service struct {
	c         Config
	hasher    *hasher
	common    map[string]bool
	suspended *fresh.Map[bool] // by user id
}

// New returns a service. It takes as long as hashing one password.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c: c, hasher: newHasher(c.Hash), common: commonPasswords(), suspended: fresh.New[bool](100_000)}
}

func (s *Service) now() time.Time { return s.c.Now().UTC().Truncate(time.Millisecond) }

// Me returns the account, or fails with user_not_found.
func (s *Service) Me(ctx context.Context, userID string) (*pairly.User, error) {
	return s.c.Store.User(ctx, userID)
}

// suspendedFor is how long an account is taken to be active, or suspended,
// where a socket asks for every frame.
const suspendedFor = 5 * time.Second

func errSuspended() error {
	return pairly.Errorf(pairly.EForbidden, "account_suspended", "This account is suspended.")
}

func errUserGone() error {
	return pairly.Errorf(pairly.EUnauthorized, "user_not_found", "The account of this token is gone.")
}

// Authenticate tells who holds an access token. It fails as
// [token.Service.Verify] does, with user_not_found (401) when the account is
// gone, and with account_suspended (403).
func (s *Service) Authenticate(ctx context.Context, accessToken string) (*pairly.User, *pairly.Claims, error) {
	cl, err := s.c.Tokens.Verify(ctx, accessToken, pairly.TokenAccess)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.c.Store.User(ctx, cl.UserID)
	if pairly.ErrorKind(err) == pairly.ENotFound {
		return nil, nil, errUserGone()
	}
	if err != nil {
		return nil, nil, err
	}
	if u.IsSuspended {
		return nil, nil, errSuspended()
	}
	return u, cl, nil
}

// Recheck tells whether the holder of a token that was authenticated before
// may go on: the session is alive, the account not suspended, as far as known
// a few seconds ago. Expiry is not asked for: an open socket outlives the
// token that opened it, but not its session.
func (s *Service) Recheck(ctx context.Context, cl *pairly.Claims) error {
	if err := s.c.Tokens.Alive(ctx, cl); err != nil {
		return err
	}
	now := s.c.Now()
	suspended, ok := s.suspended.Get(cl.UserID, now)
	if !ok {
		mark := s.suspended.Mark()
		u, err := s.c.Store.User(ctx, cl.UserID)
		if pairly.ErrorKind(err) == pairly.ENotFound {
			return errUserGone()
		}
		if err != nil {
			return err
		}
		suspended = s.suspended.Keep(mark, cl.UserID, u.IsSuspended, now, now.Add(suspendedFor))
	}
	if suspended {
		return errSuspended()
	}
	return nil
}
