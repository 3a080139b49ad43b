package joblog

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/pairly/pairlog"
)

// A Job is one execution of a job.
type Job struct {
	ID      string
	Kind    string
	Attempt int // from 1; 0 means 1

	// RunAt is when the job was due. The lines have queue_wait_ms, from then to
	// its start; the zero time means that it did not wait.
	RunAt time.Time

	// RequestID is that of the request that enqueued the job, or empty.
	RequestID string
}

// A run is a job while it runs.
type run struct {
	w     *Worker
	job   Job
	scope *pairlog.Scope
	start time.Time
	wait  time.Duration // in the queue; -1: unknown

	mu      sync.Mutex
	metrics []slog.Attr // guarded by mu
}

type runKey struct{}

// Metric adds attrs to the metrics of the job that ctx belongs to, which are on
// its job_completed line. Of several with one key the last one wins. Without a
// job it does nothing. It is safe for concurrent use.
func Metric(ctx context.Context, attrs ...slog.Attr) {
	r, _ := ctx.Value(runKey{}).(*run)
	if r == nil {
		return
	}
	r.mu.Lock()
	r.metrics = append(r.metrics, attrs...)
	r.mu.Unlock()
}

// Run executes f as the job and logs how it went. It returns f's error; nil for
// [Skip]; and for a panic an error that tells of it: a panic does not go on.
//
// The error of a job whose context has ended is no failure of the job: its
// job_failed is at WARNING.
func (w *Worker) Run(ctx context.Context, j Job, f func(ctx context.Context) error) (err error) {
	j.Attempt = max(j.Attempt, 1)
	r := &run{w: w, job: j, start: time.Now(), wait: -1}
	if !j.RunAt.IsZero() {
		r.wait = max(r.start.Sub(j.RunAt), 0)
	}
	ctx, r.scope = pairlog.NewScope(context.WithValue(ctx, runKey{}, r), pairlog.ScopeConfig{
		RequestID: j.RequestID,
		Attrs:     []slog.Attr{slog.String("worker", w.config.Worker), slog.String("job_id", j.ID)},
	})
	r.log(ctx, r.w.config.Level, "job_started", r.withWait([]slog.Attr{slog.Int("attempt", j.Attempt)})...)
	returned := false
	defer func() {
		if v := recover(); v != nil {
			err = pairlog.Recovered(v)
			r.panicked(ctx, err)
		} else if !returned {
			// The goroutine ends without a panic: runtime.Goexit, as in a
			// failing test. Nothing can be returned then, but it is said.
			r.failed(ctx, errors.New("job: goroutine ended"), false)
		}
	}()
	err = f(ctx)
	returned = true
	return r.ended(ctx, err)
}

// ended writes the line of a job that returned.
func (r *run) ended(ctx context.Context, err error) error {
	if err == nil {
		r.completed(ctx)
		return nil
	}
	if reason, ok := skipped(err); ok {
		r.log(ctx, r.w.config.Level, "job_skipped", slog.String("reason", reason))
		return nil
	}
	r.failed(ctx, err, false)
	return err
}

func (r *run) completed(ctx context.Context) {
	r.mu.Lock()
	metrics := slog.AnyValue(struct{}{}) // written as {}; an empty group would vanish
	if len(r.metrics) > 0 {
		metrics = slog.GroupValue(append([]slog.Attr(nil), r.metrics...)...)
	}
	r.mu.Unlock()
	attrs := []slog.Attr{
		slog.Int("attempt", r.job.Attempt),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(time.Since(r.start))),
		{Key: "metrics", Value: metrics},
	}
	r.log(ctx, r.w.config.Level, "job_completed", r.scope.Gathered(r.withWait(attrs))...)
}

// panicked writes the lines of a job that panicked.
func (r *run) panicked(ctx context.Context, err error) {
	if l := r.w.config.Recover; l != nil {
		pairlog.Log(ctx, l, pairlog.LevelCritical, "panic_recovered", pairlog.Err(err),
			slog.String(pairlog.KeyEndpoint, r.w.config.Worker+"."+r.job.Kind))
	}
	r.failed(ctx, err, true)
}

// failed writes job_failed, and job_retry where the job is tried again.
func (r *run) failed(ctx context.Context, err error, panicked bool) {
	r.scope.Fail()
	var after time.Duration
	again := false
	if r.w.config.Retry != nil {
		after, again = r.w.config.Retry(r.job, err)
	}
	level := slog.LevelError
	if !panicked && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.Int("attempt", r.job.Attempt),
		slog.Bool("final", !again),
		pairlog.Err(err),
		slog.Float64(pairlog.KeyDurationMS, milliseconds(time.Since(r.start))),
	}
	if panicked {
		attrs = append(attrs, slog.Bool("panicked", true))
	}
	r.log(ctx, level, "job_failed", r.scope.Gathered(r.withWait(attrs))...)
	if again {
		r.log(ctx, slog.LevelWarn, "job_retry",
			slog.Int("attempt", r.job.Attempt),
			slog.Time("next_run_at", time.Now().Add(after)),
			slog.Float64("delay_ms", milliseconds(after)))
	}
}

func (r *run) withWait(attrs []slog.Attr) []slog.Attr {
	if r.wait >= 0 {
		attrs = append(attrs, slog.Float64("queue_wait_ms", milliseconds(r.wait)))
	}
	return attrs
}

func (r *run) log(ctx context.Context, level slog.Level, event string, attrs ...slog.Attr) {
	r.w.log(ctx, level, event, append([]slog.Attr{slog.String("job_id", r.job.ID), slog.String("kind", r.job.Kind)}, attrs...)...)
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}
