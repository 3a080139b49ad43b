// Package token makes, verifies and revokes the JSON Web Tokens of Pairly.
//
// A token names the account (sub), the session (sid) and the refresh
// generation (rtid) that it was made for. It is good until it expires, or
// until it or its session is revoked. The database knows what is revoked; the
// service trusts what it read there for a few seconds, and what it revoked
// itself at once.
package token

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/fresh"
)

// A Store is what the service needs of the database.
type Store interface {
	RevokeToken(ctx context.Context, jti, userID string, expires time.Time) error
	SessionState(ctx context.Context, sessionID, jti string) (se *pairly.Session, tokenRevoked bool, err error)
	TouchSession(ctx context.Context, sessionID string, at time.Time) error
}

// A Cache tells other instances of revocations before they ask the database
// again. Nothing is refused on its word alone, unless the database is away.
type Cache interface {
	Set(ctx context.Context, key, value string, ttl time.Duration)
	Exists(ctx context.Context, keys ...string) bool
}

// Config says how tokens are made. Store and Secret are required.
type Config struct {
	Store  Store
	Cache  Cache        // nil: none
	Log    *slog.Logger // service.token; nil discards
	Secret []byte       // HS256 key
	Issuer string       // the iss claim; "" means pairly
	// Audience is the aud claim; "" means pairly-api.
	Audience string
	// AccessLife, RefreshLife and TwoFALife bound tokens; 0 means 30 minutes,
	// 7 days and 10 minutes.
	AccessLife, RefreshLife, TwoFALife time.Duration
	// SessionCacheFor is how long a session found alive is trusted without
	// asking the database; 0 means 5 seconds, -1 always asks.
	SessionCacheFor time.Duration
	Now             func() time.Time // nil means time.Now
}

func (c Config) withDefaults() (Config, error) {
	if len(c.Secret) == 0 {
		return c, errors.New("make token service: no secret")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Issuer == "" {
		c.Issuer = "pairly"
	}
	if c.Audience == "" {
		c.Audience = "pairly-api"
	}
	if c.AccessLife == 0 {
		c.AccessLife = 30 * time.Minute
	}
	if c.RefreshLife == 0 {
		c.RefreshLife = 7 * 24 * time.Hour
	}
	if c.TwoFALife == 0 {
		c.TwoFALife = 10 * time.Minute
	}
	if c.SessionCacheFor == 0 {
		c.SessionCacheFor = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// maxFresh bounds the sessions and tokens whose state is kept in memory.
const maxFresh = 100_000

// A Service is safe for concurrent use.
type Service struct {
	c        Config
	parser   *jwt.Parser
	sessions *fresh.Map[pairly.Session] // by session id
	revoked  *fresh.Map[bool]           // by jti
}

// New returns a service; it fails when the secret is missing.
func New(c Config) (*Service, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Service{
		c: c,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithIssuer(c.Issuer),
			jwt.WithAudience(c.Audience),
			jwt.WithExpirationRequired(),
			jwt.WithTimeFunc(c.Now),
			jwt.WithStrictDecoding(),
		),
		sessions: fresh.New[pairly.Session](maxFresh),
		revoked:  fresh.New[bool](maxFresh),
	}, nil
}

// claims is the payload of a token.
type claims struct {
	Role      pairly.Role      `json:"role,omitempty"`
	RTID      string           `json:"rtid,omitempty"`
	SessionID string           `json:"sid"`
	Type      pairly.TokenType `json:"token_type"`
	jwt.RegisteredClaims
}

// A Pair is the two tokens of one refresh generation, and what the session
// row keeps of them.
type Pair struct {
	Access         string
	Refresh        string
	RefreshJTIHash string
	RefreshExpires time.Time
}

// CreatePair makes the tokens of generation rtid of a session. Like all
// creation it writes token_created, after the commit when ctx is in a
// transaction.
func (s *Service) CreatePair(ctx context.Context, u *pairly.User, sessionID, rtid string) (Pair, error) {
	access, _, err := s.CreateAccess(ctx, u, sessionID, rtid)
	if err != nil {
		return Pair{}, err
	}
	refresh, cl, err := s.CreateRefresh(ctx, u, sessionID, rtid)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Access: access, Refresh: refresh, RefreshJTIHash: HashJTI(cl.JTI), RefreshExpires: cl.ExpiresAt}, nil
}

// CreateAccess makes an access token.
func (s *Service) CreateAccess(ctx context.Context, u *pairly.User, sessionID, rtid string) (string, *pairly.Claims, error) {
	return s.create(ctx, pairly.Claims{UserID: u.ID, Role: u.Role, SessionID: sessionID, RTID: rtid, Type: pairly.TokenAccess}, s.c.AccessLife)
}

// CreateRefresh makes a refresh token.
func (s *Service) CreateRefresh(ctx context.Context, u *pairly.User, sessionID, rtid string) (string, *pairly.Claims, error) {
	return s.create(ctx, pairly.Claims{UserID: u.ID, Role: u.Role, SessionID: sessionID, RTID: rtid, Type: pairly.TokenRefresh}, s.c.RefreshLife)
}

// CreateTwoFAPending makes the token that stands for a passed password until
// the second factor arrives. Its sid is the challenge's id: it belongs to no
// session, and no other type of token is accepted in its place.
func (s *Service) CreateTwoFAPending(ctx context.Context, u *pairly.User, challengeID string) (string, *pairly.Claims, error) {
	return s.create(ctx, pairly.Claims{UserID: u.ID, SessionID: challengeID, Type: pairly.TokenTwoFAPending}, s.c.TwoFALife)
}

func (s *Service) create(ctx context.Context, cl pairly.Claims, life time.Duration) (string, *pairly.Claims, error) {
	cl.IssuedAt = s.c.Now().UTC()
	cl.ExpiresAt = cl.IssuedAt.Add(life)
	cl.JTI = pairly.NewUUID()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Role: cl.Role, RTID: cl.RTID, SessionID: cl.SessionID, Type: cl.Type,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   cl.UserID,
			Issuer:    s.c.Issuer,
			Audience:  jwt.ClaimStrings{s.c.Audience},
			ID:        cl.JTI,
			IssuedAt:  jwt.NewNumericDate(cl.IssuedAt),
			ExpiresAt: jwt.NewNumericDate(cl.ExpiresAt),
		},
	}).SignedString(s.c.Secret)
	if err != nil {
		return "", nil, err
	}
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "token_created",
			slog.String("user_id", cl.UserID),
			slog.String("token_type", string(cl.Type)),
			slog.Time("expires_at", cl.ExpiresAt),
			slog.String("jti", cl.JTI))
	})
	return signed, &cl, nil
}
