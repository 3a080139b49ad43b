package httplog

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/pairly/pairlog"
)

// A failure is what a handler handed over with SetError or SetException.
type failure struct {
	err    error
	attrs  []slog.Attr // additional_context
	always bool        // log the exception whatever the status
}

// SetError hands over the error behind the answer of the request that ctx
// belongs to. If the status turns out to be 500 or more, the exception line
// tells of it, with attrs as its additional_context; below that the http_request
// line gets its error_code, or, where it has none, its error_type and
// error_message. The last call wins. Without a request
// in ctx, or with a nil error, it does nothing. It is safe for concurrent use,
// and keeps attrs.
func SetError(ctx context.Context, err error, attrs ...slog.Attr) {
	setFailure(ctx, err, failure{attrs: attrs})
}

// SetException is [SetError], but the exception line is written whatever the
// status: for the failure of a provider that the client is told of with a 402.
func SetException(ctx context.Context, err error, attrs ...slog.Attr) {
	setFailure(ctx, err, failure{attrs: attrs, always: true})
}

func setFailure(ctx context.Context, err error, f failure) {
	x := exchangeFrom(ctx)
	if x == nil || err == nil {
		return
	}
	// The stack of the handler tells more than that of the middleware, where
	// the line is written.
	f.err = pairlog.WithStack(err)
	x.note(func(s *aside) { s.failure = &f })
}

// appendFailure adds what is known of the error that was handed over for an answer
// that is no failure of the service. An error with a line of its own has only its code.
func (x *exchange) appendFailure(attrs []slog.Attr) []slog.Attr {
	f := x.failure()
	if f == nil {
		return attrs
	}
	if code := pairlog.ErrorCode(f.err); code != "" {
		return append(attrs, slog.String(pairlog.KeyErrorCode, code))
	}
	if f.always {
		return attrs
	}
	return append(attrs,
		slog.String(pairlog.KeyErrorType, pairlog.ErrorType(f.err)),
		slog.String(pairlog.KeyErrorMessage, f.err.Error()))
}

// logFailure writes the exception line of a request that did not panic, where
// one is due: status 500 or more, or SetException. An error that has its line
// already, from [pairlog.Exception], gets no second one.
func (x *exchange) logFailure(o *Outcome) {
	f := x.failure()
	if o.Panicked || o.Status < 500 && (f == nil || !f.always) {
		return
	}
	if f != nil && pairlog.Logged(x.context(), f.err) {
		return
	}
	if f == nil {
		x.logException(o.Route, nil,
			slog.String(pairlog.KeyErrorType, "HTTPStatus"),
			slog.String(pairlog.KeyErrorMessage, http.StatusText(o.Status)),
			slog.String(pairlog.KeyErrorCode, fmt.Sprintf("http_%d", o.Status)),
			slog.Attr{Key: pairlog.KeyStackTrace, Value: nothing})
		return
	}
	x.logException(o.Route, f.attrs, pairlog.Err(f.err))
}

// recovered answers and logs a panic of the handler. It is called in the
// deferred function, on top of the stack that panicked. GoesOn says that the
// panic has its lines already.
func (x *exchange) recovered(err error, goesOn bool) {
	stack := panicStack()
	began := x.resp.status != 0 || x.resp.hijacked
	if !began {
		x.answerPanic()
	}
	x.panicked = true
	route := x.routePattern()
	x.scope.Fail()
	if l := x.m.config.Recover; l != nil && !goesOn {
		pairlog.Log(x.context(), l, pairlog.LevelCritical, "panic_recovered",
			slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)),
			slog.String(pairlog.KeyErrorMessage, err.Error()),
			slog.String(pairlog.KeyEndpoint, x.endpoint(route)),
			slog.String(pairlog.KeyStackTrace, stack))
	}
	if !pairlog.Logged(x.context(), err) {
		var attrs []slog.Attr
		if f := x.failure(); f != nil {
			attrs = f.attrs
		}
		x.logException(route, attrs, pairlog.Err(err))
	}
	x.finish()
	if began && !x.resp.hijacked {
		panic(http.ErrAbortHandler)
	}
}

// goesOn reports whether v, which a handler panicked with, was recovered and logged
// before, as wslog does for the handler of a socket.
func goesOn(v any) bool {
	m, marked := v.(interface{ OfPanic() bool })
	return marked && m.OfPanic()
}

// logException writes the exception line: the error, the user, the endpoint,
// the context.
func (x *exchange) logException(route string, context []slog.Attr, about ...slog.Attr) {
	l := x.m.config.Logger
	if of := x.m.config.Exceptions; of != nil {
		if named := of(route); named != nil {
			l = named
		}
	}
	userID, known := x.scope.Value(pairlog.KeyUserID)
	if !known {
		userID = nothing
	}
	attrs := append(append(foreignIDs(&x.scope, l), about...),
		slog.Attr{Key: pairlog.KeyUserID, Value: userID},
		slog.String(pairlog.KeyEndpoint, x.endpoint(route)),
		slog.Attr{Key: pairlog.KeyContext, Value: object(context)},
	)
	pairlog.Log(x.context(), l, slog.LevelError, "exception", attrs...)
}

// foreignIDs returns the request's id for a logger that is none of a pipeline,
// which would know the scope.
func foreignIDs(s *pairlog.Scope, l *slog.Logger) []slog.Attr {
	if _, ours := l.Handler().(*pairlog.Handler); ours {
		return nil
	}
	return []slog.Attr{slog.String(pairlog.KeyRequestID, s.RequestID())}
}

// endpoint returns the path of the route, or the path that no route matched.
func (x *exchange) endpoint(route string) string {
	if e := endpointOf(route); e != "" {
		return e
	}
	return x.path
}

// answerPanic sends status 500. The headers that described the body which the
// handler was about to send go. A panic while answering leaves the answer to
// net/http.
func (x *exchange) answerPanic() {
	defer func() {
		if recover() != nil && x.resp.status == 0 {
			x.resp.status = http.StatusInternalServerError
			x.resp.under.WriteHeader(http.StatusInternalServerError)
		}
	}()
	for _, name := range []string{"Cache-Control", "Content-Encoding", "Content-Length", "Etag", "Last-Modified"} {
		delete(x.resp.under.Header(), name)
	}
	w := x.writer()
	if f := x.m.config.Panicked; f != nil {
		f(w, &x.req)
		return
	}
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// panicStack returns the stack from the frame that panicked downwards; the
// frames of the recovery above it tell nothing.
func panicStack() string {
	stack := string(debug.Stack())
	head, frames, _ := strings.Cut(stack, "\n")
	_, below, ok := strings.Cut(frames, "\npanic(")
	if !ok {
		return stack
	}
	// The call of panic has a second line with its place. A nil pointer, an index and
	// the like are the runtime's to find: what asked for it comes after its frames.
	for frame := true; frame; frame = strings.HasPrefix(below, "runtime.") || strings.HasPrefix(below, "panic(") {
		for range 2 {
			_, below, _ = strings.Cut(below, "\n")
		}
	}
	return head + "\n" + below
}
