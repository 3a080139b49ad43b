package token

import "context"

type quietKey struct{}

// Quiet returns a context in which a refused token leaves no
// token_verify_failed. It is for callers that tell of the refusal in a line
// of their own, as sockets do with ws_auth_failed.
func Quiet(ctx context.Context) context.Context {
	return context.WithValue(ctx, quietKey{}, true)
}

func quiet(ctx context.Context) bool { return ctx.Value(quietKey{}) != nil }
