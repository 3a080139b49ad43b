package pairly

import (
	"errors"
	"fmt"
	"strings"
)

// A Kind says what went wrong in the terms of the caller; the API turns it
// into a status.
type Kind string

// The kinds of application errors, each with the HTTP status it becomes.
const (
	EBadRequest   Kind = "bad_request"       // 400
	EUnauthorized Kind = "unauthorized"      // 401
	EPayment      Kind = "payment_required"  // 402
	EForbidden    Kind = "forbidden"         // 403
	ENotFound     Kind = "not_found"         // 404
	EConflict     Kind = "conflict"          // 409
	EGone         Kind = "gone"              // 410
	ETooLarge     Kind = "too_large"         // 413
	EInvalid      Kind = "invalid"           // 422
	ETooMany      Kind = "too_many_requests" // 429
	EInternal     Kind = "internal"          // 500
	EProvider     Kind = "provider"          // 502
	EUnavailable  Kind = "unavailable"       // 503
)

// An Error is an application error: what the client may know (Code, Message,
// Fields, Details) and what only the log may know (Err).
type Error struct {
	Kind    Kind
	Code    string // stable snake_case name, such as "invalid_credentials"
	Message string // a sentence for the user; no values of other people
	Fields  []FieldError
	Details map[string]any // further members of the error body, such as retry_after
	Err     error          // the cause; logged, never sent
}

// A FieldError names a field of the request that broke a rule. It carries no
// value, so that it can be logged.
type FieldError struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Errorf returns an [Error] without a cause.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap sets the cause of e and returns e.
func (e *Error) Wrap(err error) *Error { e.Err = err; return e }

// With adds a member to the error body and returns e.
func (e *Error) With(key string, value any) *Error {
	if e.Details == nil {
		e.Details = make(map[string]any)
	}
	e.Details[key] = value
	return e
}

// Error returns the code, the message and the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Message + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns the stable code; loggers read it.
func (e *Error) ErrorCode() string { return e.Code }

// ErrorCategory returns who has to act on the error, for the error_category of log
// lines: client, auth, not_found, conflict, payment, rate_limit, dependency or
// internal.
func (e *Error) ErrorCategory() string {
	switch e.Kind {
	case EUnauthorized, EForbidden:
		return "auth"
	case ENotFound, EGone:
		return "not_found"
	case EConflict:
		return "conflict"
	case EPayment:
		return "payment"
	case ETooMany:
		return "rate_limit"
	case EProvider, EUnavailable:
		return "dependency"
	case EInternal:
		return "internal"
	}
	return "client"
}

// ErrorCode returns the code of the first [Error] in err's chain,
// "internal_error" for any other error and "" for nil.
func ErrorCode(err error) string {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return "internal_error"
}

// ErrorKind returns the kind of the first [Error] in err's chain, EInternal
// for any other error and "" for nil.
func ErrorKind(err error) Kind {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind
	}
	return EInternal
}

// ErrorType returns the name of the innermost type in err's chain that says
// what went wrong, without its package, for the error_type field of log lines:
// "PgError", not "wrapError". Of joined errors the first that has one counts.
// It is "" for nil, and "error" where the chain holds nothing but texts.
func ErrorType(err error) string {
	if err == nil {
		return ""
	}
	if name := tellingType(err); name != "" {
		return name
	}
	return "error"
}

// errno is the type of bare numbers: what wraps one tells more.
const errno = "Errno"

func tellingType(err error) string {
	var below []error
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		below = []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		below = e.Unwrap()
	}
	inner := ""
	for _, e := range below {
		if e != nil && inner == "" {
			inner = tellingType(e)
		}
	}
	if inner != "" && inner != errno {
		return inner
	}
	name := strings.TrimLeft(fmt.Sprintf("%T", err), "*")
	switch name {
	case "errors.errorString", "errors.joinError", "fmt.wrapError", "fmt.wrapErrors":
		return inner
	}
	return name[strings.LastIndexByte(name, '.')+1:]
}
