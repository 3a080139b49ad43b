package pairly

import "context"

type hooksKey struct{}

// commitHooks are owned by the goroutine that runs the transaction.
type commitHooks struct{ fns []func() }

// WithCommitHooks returns a context in which [AfterCommit] collects, and the
// function that runs what was collected, in order. The store calls it when it
// opens a transaction, and the function when the commit is done; after a
// rollback it does not.
func WithCommitHooks(ctx context.Context) (context.Context, func()) {
	h := new(commitHooks)
	return context.WithValue(ctx, hooksKey{}, h), func() {
		for _, fn := range h.fns {
			fn()
		}
		h.fns = nil
	}
}

// AfterCommit runs fn when the transaction in ctx has committed, and at once
// where ctx carries none. Log and audit lines that tell of a change go
// through it, so that a change that was rolled back leaves no line.
// Not safe for concurrent use within one transaction.
func AfterCommit(ctx context.Context, fn func()) {
	if h, ok := ctx.Value(hooksKey{}).(*commitHooks); ok {
		h.fns = append(h.fns, fn)
		return
	}
	fn()
}

// InTransaction reports whether ctx is inside a transaction of the store, as
// [WithCommitHooks] marks it.
func InTransaction(ctx context.Context) bool {
	_, ok := ctx.Value(hooksKey{}).(*commitHooks)
	return ok
}
