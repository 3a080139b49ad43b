package pairlog

import (
	"log/slog"

	"github.com/pairly/pairlog/internal/encode"
)

// Err returns an attr that is written as four, in its place: error_type,
// error_message, error_code and stack_trace.
//
//	log.ErrorContext(ctx, "exception", pairlog.Err(err), slog.String("endpoint", route))
//
// The type is that of the deepest error in the chain that says something, without
// its package: StripeAPIError, not *fmt.wrapError. The code comes from the first
// error in the chain with a method ErrorCode() string, Code() string or
// SQLState() string, and is null without one. The stack is that of where the
// error was made when it carries one ([WithStack], [Recovered], errors of
// github.com/pkg/errors and their like), else of where it is logged. A nil error
// gives four nulls.
//
// Two more are written behind all attrs of the call, where the error has them:
// error_category, from the first error in the chain with a method
// ErrorCategory() string, and error_causes, what the error wraps or joins: at most
// eight objects with type and message, without those that only repeat a message.
func Err(err error) slog.Attr {
	return slog.Any("", &encode.Failure{Err: err})
}

// WithStack returns err with the stack of the caller, for [Err] to write. An
// error that carries a stack already is returned as it is, and nil stays nil.
// errors.Is and errors.As see through it.
func WithStack(err error) error { return encode.WithStack(err, 1) }

// Recovered returns what recover gave as an error that carries the stack of the
// place that panicked. It must be called by the deferred function itself:
//
//	defer func() {
//		if v := recover(); v != nil {
//			log.ErrorContext(ctx, "exception", pairlog.Err(pairlog.Recovered(v)))
//		}
//	}()
//
// Its error_type is the type of the value when that is an error, else "panic".
func Recovered(v any) error { return encode.NewPanicError(v) }

// ErrorType returns the error_type that [Err] writes.
func ErrorType(err error) string { return encode.ErrorType(err) }

// ErrorCode returns the error_code that [Err] writes, "" for null.
func ErrorCode(err error) string { return encode.ErrorCode(err) }

// ErrorCategory returns the error_category that [Err] writes, "" when there is
// none.
func ErrorCategory(err error) string { return encode.ErrorCategory(err) }
