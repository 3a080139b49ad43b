package pairlog

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/internal/encode"
)

// Exception writes err to logger as an exception line at ERROR, with [Err] and
// then attrs, and returns err marked as logged: whoever else is handed it in the
// same request, a caller that calls Exception or the middleware of httplog, does
// not log it again. It is for code that must tell of an error where it happens and
// also return it; everybody else just returns it.
//
//	return pairlog.Exception(ctx, log, err, slog.String("endpoint", route))
//
// errors.Is and errors.As see through the mark. An error that is marked already,
// and nil, are returned as they are, and nothing is written.
func Exception(ctx context.Context, logger *slog.Logger, err error, attrs ...slog.Attr) error {
	if err == nil || Logged(ctx, err) {
		return err
	}
	err = encode.WithStack(err, 1)
	Log(ctx, logger, slog.LevelError, EventException, append([]slog.Attr{Err(err)}, attrs...)...)
	return encode.AsLogged(err, ScopeFrom(ctx).RequestID())
}

// Logged reports whether err was returned by [Exception] in the request that ctx
// belongs to, or wraps such an error, or joins only such errors.
func Logged(ctx context.Context, err error) bool {
	return err != nil && encode.IsLogged(err, ScopeFrom(ctx).RequestID())
}

// AsLogged returns err marked as [Exception] marks it, in the request that ctx
// belongs to. It is for instrumentation that has an event of its own for errors,
// and panics on, or returns them, when it has logged one. Nil, and an error that is
// marked already, are returned as they are.
func AsLogged(ctx context.Context, err error) error {
	if err == nil || Logged(ctx, err) {
		return err
	}
	return encode.AsLogged(err, ScopeFrom(ctx).RequestID())
}
