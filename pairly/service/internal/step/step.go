// Package step logs what happens on the way, on paths that every request takes.
//
// A slog.Logger looks up who calls it, for each line and before it knows whether
// anybody wants to see that: most of what a line costs that is only kept for a request
// which may fail. The lines of this package do without:
//
//	step.Log(ctx, s.log, "token_verified", slog.String("user_id", id))
//
// It needs nothing but log/slog, as services do.
package step

import (
	"context"
	"log/slog"
	"time"
)

// Log writes a line at DEBUG to l, without the place of the call. attrs is not kept.
func Log(ctx context.Context, l *slog.Logger, event string, attrs ...slog.Attr) {
	h := l.Handler()
	if !h.Enabled(ctx, slog.LevelDebug) {
		return
	}
	r := slog.NewRecord(time.Now(), slog.LevelDebug, event, 0)
	r.AddAttrs(attrs...)
	_ = h.Handle(ctx, r) // as slog.Logger does: a log that fails says so itself
}
