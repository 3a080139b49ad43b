package pairly

import "context"

// A Request is what services need to know of the request that they serve.
type Request struct {
	ID             string // request_id
	ClientIP       string
	UserAgent      string
	AcceptLanguage string
	Endpoint       string // route pattern, such as "/api/auth/login"
}

// An Actor is who acts, as far as it is known.
type Actor struct {
	UserID      string // empty: anonymous or system
	Role        Role
	IP          string
	SessionID   string
	Fingerprint string
}

type requestKey struct{}
type actorKey struct{}

// WithRequest returns ctx with r.
func WithRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom returns the request in ctx, the zero Request where there is
// none.
func RequestFrom(ctx context.Context) Request {
	r, _ := ctx.Value(requestKey{}).(Request)
	return r
}

// WithActor returns ctx with a.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor in ctx. Where there is none it is anonymous,
// with the address of the request in ctx.
func ActorFrom(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{IP: RequestFrom(ctx).ClientIP}
}
