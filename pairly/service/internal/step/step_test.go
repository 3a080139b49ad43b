package step_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// What Log writes is what a slog.Logger does, but for the place of the call.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attrs := []slog.Attr{slog.String("user_id", "507f"), slog.Int("b", 2), slog.Int("c", 3), slog.Int("d", 4), slog.Int("e", 5), slog.Group("f", "g", 6)}
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
			var got, want bytes.Buffer
			logger := func(w io.Writer) *slog.Logger {
				return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})).With("with", 1).WithGroup("group")
			}
			step.Log(t.Context(), logger(&got), "token_verified", attrs...)
			logger(&want).LogAttrs(t.Context(), slog.LevelDebug, "token_verified", attrs...)
			if got.String() != want.String() || (want.Len() > 0) != (level == slog.LevelDebug) {
				t.Errorf("at %v:\ngot  %swant %s", level, &got, &want)
			}
		}
	})
}

// discarding is a handler that wants every line and writes none.
type discarding struct{ slog.Handler }

func (discarding) Enabled(context.Context, slog.Level) bool  { return true }
func (discarding) Handle(context.Context, slog.Record) error { return nil }

func TestLogAllocatesNothing(t *testing.T) {
	l := slog.New(discarding{})
	ctx := context.Background()
	if got := testing.AllocsPerRun(100, func() {
		step.Log(ctx, l, "token_verified", slog.String("user_id", "507f"), slog.String("token_type", "access"), slog.Int("n", 1))
	}); got > 0 {
		t.Errorf("a line: %v allocations, want 0", got)
	}
}
