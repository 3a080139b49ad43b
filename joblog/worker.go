package joblog

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
)

// Config describes a worker.
type Config struct {
	// Logger writes the lines. Its name should be worker.<worker>. Nil means
	// slog.Default().
	Logger *slog.Logger

	// Worker is the worker's name.
	Worker string

	// Level is that of job_started, job_completed and job_skipped: INFO, or
	// DEBUG for a worker whose jobs run all the time and succeed. Jobs that
	// fail have lines at WARNING and ERROR, whatever it is.
	Level slog.Level

	// Recover writes panic_recovered at CRITICAL before the job_failed of a job
	// that panicked. Nil means no such line.
	Recover *slog.Logger

	// Retry says whether a job that failed will be tried again, and after how
	// long. Nil means that none is.
	Retry func(j Job, err error) (after time.Duration, again bool)
}

// A Worker logs the jobs of one worker. It is safe for concurrent use.
type Worker struct{ config Config }

// New returns a worker.
func New(c Config) *Worker {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Worker{c}
}

// Started writes worker_started. An interval of zero, of a worker that waits for
// jobs, is written as null.
func (w *Worker) Started(ctx context.Context, interval time.Duration, concurrency int) {
	every := slog.AnyValue(nil)
	if interval > 0 {
		every = slog.Float64Value(interval.Seconds())
	}
	w.log(ctx, slog.LevelInfo, "worker_started",
		slog.Attr{Key: "interval_s", Value: every}, slog.Int("concurrency", concurrency))
}

// Stopped writes worker_stopped.
func (w *Worker) Stopped(ctx context.Context, reason string) {
	w.log(ctx, slog.LevelInfo, "worker_stopped", slog.String("reason", reason))
}

// Scheduled writes job_scheduled at DEBUG.
func (w *Worker) Scheduled(ctx context.Context, jobID, kind string, runAt time.Time) {
	w.log(ctx, slog.LevelDebug, "job_scheduled",
		slog.String("job_id", jobID), slog.String("kind", kind), slog.Time("run_at", runAt))
}

// EnqueueFailed writes job_enqueue_failed.
func (w *Worker) EnqueueFailed(ctx context.Context, kind string, err error) {
	w.log(ctx, slog.LevelWarn, "job_enqueue_failed",
		slog.String("kind", kind), slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
}

func (w *Worker) log(ctx context.Context, level slog.Level, event string, attrs ...slog.Attr) {
	pairlog.Log(ctx, w.config.Logger, level, event, append([]slog.Attr{slog.String("worker", w.config.Worker)}, attrs...)...)
}

// A SkipError is what [Skip] returns.
type SkipError struct{ Reason string }

// Error returns the reason.
func (e *SkipError) Error() string { return "skip job: " + e.Reason }

// Skip returns the error of a job that has nothing to do, for a reason such as
// not_active, not_found, duplicate, no_lock. The job is not tried again.
func Skip(reason string) error { return &SkipError{reason} }

func skipped(err error) (reason string, ok bool) {
	var s *SkipError
	if errors.As(err, &s) {
		return s.Reason, true
	}
	return "", false
}
