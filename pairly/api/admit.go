package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
)

// admit refuses the requests of banned and of too fast addresses.
func (s *server) admit(r *http.Request, rt route) error {
	ctx := r.Context()
	return s.Limits.Allow(ctx, pairly.RequestFrom(ctx).ClientIP, rt.limit).Err()
}

// limitBody refuses bodies that say that they are too long, and cuts those
// that do not say it.
func limitBody(w http.ResponseWriter, r *http.Request, rt route) error {
	limit := rt.body
	if limit == 0 {
		limit = maxBody
	}
	if r.ContentLength > limit {
		return bodyTooLarge(limit)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	return nil
}

func bodyTooLarge(limit int64) *pairly.Error {
	return pairly.Errorf(pairly.ETooLarge, "body_too_large", "The body is longer than %d bytes.", limit).
		With("max_bytes", limit)
}

// A principal is the user of an authenticated request.
type principal struct {
	user   *pairly.User // as of this request, with the role that counts
	claims *pairly.Claims
}

type principalKey struct{}

// principalOf returns who sent the request; nil where nobody is known, which
// on a route of the user or admin access cannot be.
func principalOf(ctx context.Context) *principal {
	p, _ := ctx.Value(principalKey{}).(*principal)
	return p
}

// authenticate finds out who sent the request, where the route wants to know,
// and returns the request that knows it. A route where users are optional
// still refuses a token that does not hold.
func (s *server) authenticate(r *http.Request, rt route) (*http.Request, error) {
	if rt.access == anyone || rt.access == socket {
		return r, nil
	}
	ctx := r.Context()
	header := r.Header.Values("Authorization")
	if len(header) == 0 && rt.access == optional {
		return r, nil
	}
	token, ok := bearer(header)
	if !ok {
		return r, s.rejected(ctx, pairly.Errorf(pairly.EUnauthorized, "not_authenticated", "Please log in."))
	}
	u, claims, err := s.Auth.Authenticate(ctx, token)
	if err != nil {
		return r, s.rejected(ctx, err)
	}
	pairlog.Add(ctx, slog.String("user_id", u.ID))
	ctx = context.WithValue(ctx, principalKey{}, &principal{user: u, claims: claims})
	ctx = pairly.WithActor(ctx, pairly.Actor{
		UserID: u.ID, Role: u.Role, IP: pairly.RequestFrom(ctx).ClientIP, SessionID: claims.SessionID,
	})
	return r.WithContext(ctx), nil
}

// bearer returns the token of an Authorization header (RFC 6750, section 2.1).
func bearer(header []string) (string, bool) {
	if len(header) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(strings.TrimSpace(header[0]), " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != "" && !strings.ContainsAny(token, " ,")
}

// rejected logs that nobody was let in, unless the fault is ours, and returns
// err.
func (s *server) rejected(ctx context.Context, err error) error {
	if _, status := answerOf(err); status < http.StatusInternalServerError {
		req := pairly.RequestFrom(ctx)
		pairlog.Log(ctx, s.authLog, slog.LevelWarn, "auth_rejected",
			slog.String("error_code", pairly.ErrorCode(err)),
			slog.String("endpoint", req.Endpoint),
			slog.String("client_ip", req.ClientIP))
	}
	return err
}

// authorize is the gate of every administrator's route: it decides, and the
// audit trail has the decision before anything else happens.
func (s *server) authorize(r *http.Request, rt route) error {
	if rt.access != admin {
		return nil
	}
	ctx := r.Context()
	record := pairly.AuditRecord{
		Event: "authorization_granted", Action: "check_permission",
		Level: slog.LevelInfo, Severity: pairly.SeverityLow,
		Target: pairly.Target{Type: "endpoint", ID: rt.path},
	}
	if principalOf(ctx).user.Role == pairly.RoleAdmin {
		return s.Audit.Record(ctx, record)
	}
	record.Event, record.Level, record.Severity = "authorization_denied", slog.LevelWarn, pairly.SeverityMedium
	record.Details = map[string]any{"required_role": string(pairly.RoleAdmin)}
	if err := s.Audit.Record(ctx, record); err != nil {
		return err
	}
	return pairly.Errorf(pairly.EForbidden, "admin_only", "Only administrators may do this.")
}
