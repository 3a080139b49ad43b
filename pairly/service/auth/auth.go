// Package auth signs users up, in and out, and tells who holds a token.
package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
	"github.com/pairly/pairlog/pairly/service/guard"
	"github.com/pairly/pairlog/pairly/service/token"
)

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Config holds what the service works with; Store, Tokens, Guard,
// Fingerprints and Audit are required.
type Config struct {
	Store        Store
	Tokens       *token.Service
	Guard        *guard.Service
	Fingerprints *fingerprint.Service
	Audit        pairly.Auditor
	Log          *slog.Logger     // api.auth; nil discards
	Hash         HashParams       // zero: the defaults
	Now          func() time.Time // nil means time.Now
}

// HashParams are the costs of argon2id. The zero value means 19 MiB, 2 passes,
// 1 lane; tests use cheap ones.
type HashParams struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// A Service is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// SignUpInput is a request for an account.
type SignUpInput struct {
	Email    string
	Password string
	Name     string
	Role     pairly.Role // fan or creator
}

// LoginInput is a request for a session.
type LoginInput struct {
	Email      string
	Password   string
	DeviceInfo string // "" means unknown
}

// A LoginResult is a session with its tokens.
type LoginResult struct {
	Pair *pairly.TokenPair
}

var errNotYet = errors.New("not yet")

// SignUp makes an account and its first session.
func (s *Service) SignUp(ctx context.Context, in SignUpInput) (*pairly.TokenPair, error) {
	return nil, errNotYet
}

// Login opens a session.
func (s *Service) Login(ctx context.Context, in LoginInput) (*LoginResult, error) {
	return nil, errNotYet
}

// Refresh rotates a refresh token.
func (s *Service) Refresh(ctx context.Context, refreshToken string) (*pairly.TokenPair, error) {
	return nil, errNotYet
}

// Logout revokes the access token of claims, and the named session, or the
// token's own when sessionID is empty.
func (s *Service) Logout(ctx context.Context, claims *pairly.Claims, sessionID string) error {
	return errNotYet
}

// Sessions returns the user's sessions that are not revoked, newest first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]*pairly.Session, error) {
	return nil, errNotYet
}

// Me returns the account.
func (s *Service) Me(ctx context.Context, userID string) (*pairly.User, error) {
	return nil, errNotYet
}

// Authenticate tells who holds an access token.
func (s *Service) Authenticate(ctx context.Context, accessToken string) (*pairly.User, *pairly.Claims, error) {
	return nil, nil, errNotYet
}

// EndSessions revokes the user's live sessions, except those given, and
// returns their ids.
func (s *Service) EndSessions(ctx context.Context, userID string, reason pairly.RevokeReason, except ...string) ([]string, error) {
	return nil, errNotYet
}
