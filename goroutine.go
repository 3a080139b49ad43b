package pairlog

import (
	"context"
	"log/slog"
)

// A Task is a goroutine that [Go] has started. It is safe for concurrent use.
type Task struct {
	done chan struct{}
	// err is set before done is closed.
	err error
}

// Go calls f in a goroutine of its own that cannot end the process: a panic of f
// is written to logger as one panic_recovered line at CRITICAL, with error_type,
// error_message, error_code, the stack of the place that panicked, and the ids
// and attrs of the scope in ctx, and is the error of the task.
//
// f gets ctx as it is. Work that outlives the request it was started by wants
// context.WithoutCancel(ctx): that keeps the scope, and so the request_id. What
// f starts without Go is not covered. With a nil logger the panic is the error of the
// task, and no more.
//
// Whoever calls Go waits for the task, with [Task.Wait] or [Task.Done]:
//
//	t := pairlog.Go(ctx, log, func(ctx context.Context) { refresh(ctx) })
//	defer t.Wait()
func Go(ctx context.Context, logger *slog.Logger, f func(ctx context.Context)) *Task {
	t := &Task{done: make(chan struct{})}
	go t.run(ctx, logger, f)
	return t
}

func (t *Task) run(ctx context.Context, logger *slog.Logger, f func(ctx context.Context)) {
	defer close(t.done)
	defer func() {
		if v := recover(); v != nil {
			t.err = Recovered(v)
			logPanic(ctx, logger, t.err)
		}
	}()
	f(ctx)
}

// logPanic writes the line of a panic. A handler that is not ours does not know
// the scope and gets its ids as attrs.
func logPanic(ctx context.Context, logger *slog.Logger, err error) {
	if logger == nil {
		return
	}
	attrs := []slog.Attr{Err(err)}
	if _, ours := logger.Handler().(*Handler); !ours {
		s := ScopeFrom(ctx)
		for _, id := range []slog.Attr{
			slog.String(KeyRequestID, s.RequestID()), slog.String(KeyTraceID, s.TraceID()), slog.String(KeySpanID, s.SpanID()),
		} {
			if id.Value.String() != "" {
				attrs = append(attrs, id)
			}
		}
	}
	Log(ctx, logger, LevelCritical, EventPanicRecovered, attrs...)
}

// Wait waits until the function of the task has returned or panicked. It returns
// nil for the one and for the other the panic as an error, what [Recovered] gives.
func (t *Task) Wait() error {
	<-t.done
	return t.err
}

// Done returns a channel that is closed when the function has returned or
// panicked; then Wait does not block.
func (t *Task) Done() <-chan struct{} { return t.done }
