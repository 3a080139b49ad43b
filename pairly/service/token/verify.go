package token

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// The reasons for which a token is refused, as token_verify_failed gives them.
const (
	ReasonExpired   = "expired"
	ReasonSignature = "signature"
	ReasonAudience  = "audience"
	ReasonType      = "type"
	ReasonRevoked   = "revoked"
	ReasonMalformed = "malformed"
)

// A Failure is the cause in the error of a refused token.
type Failure struct {
	Reason string // one of the reasons above
	Err    error  // may be nil
}

// Error names the reason.
func (f *Failure) Error() string {
	if f.Err != nil {
		return "verify token: " + f.Reason + ": " + f.Err.Error()
	}
	return "verify token: " + f.Reason
}

// Unwrap returns what the token library said, nil for reasons of our own.
func (f *Failure) Unwrap() error { return f.Err }

// HashJTI is the form in which a session row keeps the id of its refresh
// token: SHA-256 in hex.
func HashJTI(jti string) string {
	sum := sha256.Sum256([]byte(jti))
	return hex.EncodeToString(sum[:])
}

// Verify checks a token in this order: signature, expiry, issuer and
// audience, type, the token not revoked, its session alive. It returns a
// pairly.EUnauthorized with the code token_expired, token_invalid,
// token_revoked or session_revoked and a [Failure] as its cause, or
// pairly.EUnavailable when nobody can tell whether it is revoked.
func (s *Service) Verify(ctx context.Context, raw string, want pairly.TokenType) (*pairly.Claims, error) {
	cl, err := s.Parse(ctx, raw, want)
	if err != nil {
		return nil, err
	}
	if err := s.Alive(ctx, cl); err != nil {
		return nil, err
	}
	step.Log(ctx, s.c.Log, "token_verified",
		slog.String("user_id", cl.UserID),
		slog.String("token_type", string(cl.Type)),
		slog.String("jti", cl.JTI))
	return cl, nil
}

// Parse is Verify as far as the token itself tells: it does not ask whether
// anything is revoked.
func (s *Service) Parse(ctx context.Context, raw string, want pairly.TokenType) (*pairly.Claims, error) {
	var c claims
	_, err := s.parser.ParseWithClaims(raw, &c, func(*jwt.Token) (any, error) { return s.c.Secret, nil })
	if err != nil {
		reason := reasonOf(err)
		jti := ""
		if reason == ReasonExpired || reason == ReasonAudience {
			jti = c.ID // the signature was good, so the id is one of ours
		}
		s.Refused(ctx, want, reason, jti)
		code := "token_invalid"
		if reason == ReasonExpired {
			code = "token_expired"
		}
		return nil, refusal(code, &Failure{Reason: reason, Err: err})
	}
	if c.Type != want {
		s.Refused(ctx, c.Type, ReasonType, c.ID)
		return nil, refusal("token_invalid", &Failure{Reason: ReasonType})
	}
	return &pairly.Claims{
		UserID: c.Subject, Role: c.Role, SessionID: c.SessionID, RTID: c.RTID, JTI: c.ID, Type: c.Type,
		ExpiresAt: c.ExpiresAt.UTC(), IssuedAt: issuedAt(c),
	}, nil
}

func issuedAt(c claims) time.Time {
	if c.IssuedAt == nil {
		return time.Time{}
	}
	return c.IssuedAt.UTC()
}

// reasonOf classes what the token library says, in the order of the checks:
// it validates claims only under a good signature, and then all of them.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return ReasonMalformed
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return ReasonSignature
	case errors.Is(err, jwt.ErrTokenExpired):
		return ReasonExpired
	case errors.Is(err, jwt.ErrTokenInvalidAudience), errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return ReasonAudience
	}
	return ReasonMalformed
}

// Refused writes token_verify_failed. Callers that refuse a token for reasons
// of their own, such as its session, call it too, so that every refusal of a
// token has this line unless ctx is [Quiet]; jti is empty where it is not known to be ours.
func (s *Service) Refused(ctx context.Context, typ pairly.TokenType, reason, jti string) {
	if quiet(ctx) {
		return
	}
	id := slog.Any("jti", nil)
	if jti != "" {
		id = slog.String("jti", jti)
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "token_verify_failed",
		slog.String("token_type", string(typ)),
		slog.String("reason", reason),
		id)
}

func refusal(code string, cause error) *pairly.Error {
	messages := map[string]string{
		"token_expired":   "The token has expired.",
		"token_invalid":   "The token is not valid.",
		"token_revoked":   "The token was revoked.",
		"session_revoked": "The session has ended.",
	}
	return pairly.Errorf(pairly.EUnauthorized, code, "%s", messages[code]).Wrap(cause)
}
