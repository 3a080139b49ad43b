package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/realtime"
)

// statuses are the HTTP statuses of the kinds of errors.
var statuses = map[pairly.Kind]int{
	pairly.EBadRequest:   http.StatusBadRequest,
	pairly.EUnauthorized: http.StatusUnauthorized,
	pairly.EPayment:      http.StatusPaymentRequired,
	pairly.EForbidden:    http.StatusForbidden,
	pairly.ENotFound:     http.StatusNotFound,
	pairly.EConflict:     http.StatusConflict,
	pairly.EGone:         http.StatusGone,
	pairly.ETooLarge:     http.StatusRequestEntityTooLarge,
	pairly.EInvalid:      http.StatusUnprocessableEntity,
	pairly.ETooMany:      http.StatusTooManyRequests,
	pairly.EInternal:     http.StatusInternalServerError,
	pairly.EProvider:     http.StatusBadGateway,
	pairly.EUnavailable:  http.StatusServiceUnavailable,
	kindMethod:           http.StatusMethodNotAllowed,
	realtime.KindUpgrade: http.StatusUpgradeRequired,
}

// kindMethod is the kind of a method that a path does not have. It is HTTP's
// own, so it is not one of the nouns' kinds.
const kindMethod pairly.Kind = "method_not_allowed"

// answerOf returns what a client may know of err, and its status.
func answerOf(err error) (*pairly.Error, int) {
	e := (*pairly.Error)(nil)
	tooLong := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &e):
	case errors.As(err, &tooLong):
		e = bodyTooLarge(tooLong.Limit)
	case errors.Is(err, context.DeadlineExceeded):
		e = pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "The service took too long; please try again.")
	default:
		e = pairly.Errorf(pairly.EInternal, "internal_error", "")
	}
	status, known := statuses[e.Kind]
	if !known {
		status = http.StatusInternalServerError
	}
	if status == http.StatusInternalServerError {
		// Whatever an internal error says, it was not written for the client.
		e = pairly.Errorf(pairly.EInternal, "internal_error", "Something went wrong on our side.")
	}
	return e, status
}

// fail answers err. The error itself goes to the request's own lines: the
// exception line for what is our fault, the error_code of http_request for
// the rest. That is the one place where it is logged.
func (s *server) fail(w http.ResponseWriter, r *http.Request, rt route, err error) {
	ctx := r.Context()
	e, status := answerOf(err)
	if pairlog.ErrorCategory(err) == "" {
		err = categorized{err, e.ErrorCategory()}
	}
	httplog.SetError(ctx, err)
	if status == http.StatusUnprocessableEntity && len(e.Fields) > 0 {
		pairlog.Log(ctx, s.areas[rt.area], slog.LevelDebug, "validation_rejected",
			slog.String("endpoint", rt.path),
			slog.Any("fields", fieldRules(e.Fields)))
	}
	writeError(w, r, e, status)
}

// A categorized is an error of somebody else's with the category of the answer.
type categorized struct {
	error
	category string
}

// ErrorCategory returns the category; loggers read it.
func (c categorized) ErrorCategory() string { return c.category }

// Unwrap returns the error.
func (c categorized) Unwrap() error { return c.error }

// A fieldRule is a field and its rule in a log line.
type fieldRule struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

// fieldRules names fields and rules for the log: no values, and not the names
// of unknown members either, which are the client's own text.
func fieldRules(fields []pairly.FieldError) []fieldRule {
	out := make([]fieldRule, 0, len(fields))
	for _, f := range fields {
		if f.Rule == ruleUnknown || f.Rule == ruleDuplicate {
			f.Field = "*"
		}
		out = append(out, fieldRule{f.Field, f.Rule})
	}
	return out
}

// writeError writes an error's headers and body.
func writeError(w http.ResponseWriter, r *http.Request, e *pairly.Error, status int) {
	body := make(map[string]any, len(e.Details)+4)
	maps.Copy(body, e.Details)
	body["detail"], body["error_code"], body["request_id"] = e.Message, e.Code, httplog.RequestID(r.Context())
	if len(e.Fields) > 0 {
		body["errors"] = e.Fields
	}
	h := w.Header()
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge(e.Code))
	case http.StatusUpgradeRequired:
		h.Set("Upgrade", "websocket")
		h.Set("Connection", "Upgrade")
	}
	if seconds, ok := wholeSeconds(e.Details["retry_after"]); ok {
		h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	respond(w, status, body)
}

// challenge is RFC 6750, section 3: a token that does not hold is named as the
// reason, a missing one is not.
func challenge(code string) string {
	switch code {
	case "token_expired", "token_invalid", "token_revoked", "session_revoked", "user_not_found":
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}

func wholeSeconds(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

// respond writes v as JSON. Answers belong to one user and one moment, so
// nobody on the way may keep them.
func respond(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		// A type of this package that cannot be encoded: the recovery answers.
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // httplog has seen the error
}

// panicked answers a request whose handler panicked.
func (s *server) panicked(w http.ResponseWriter, r *http.Request) {
	e, status := answerOf(errors.New("panic"))
	writeError(w, r, e, status)
}

func notFound(w http.ResponseWriter, r *http.Request) error {
	return pairly.Errorf(pairly.ENotFound, "not_found", "There is nothing at this address.")
}

// methodNotAllowed says which methods the path has.
func (s *server) methodNotAllowed(router *chi.Mux) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		for _, m := range []string{get, http.MethodHead, post, http.MethodPut, patch, http.MethodDelete} {
			if router.Match(chi.NewRouteContext(), m, r.URL.Path) {
				allowed = append(allowed, m)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return pairly.Errorf(kindMethod, "method_not_allowed", "This address does not take this method.")
	}
}
