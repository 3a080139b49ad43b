package joblog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/logtest"
)

var std = []string{"timestamp", "level", "logger", "request_id", "event", "worker", "job_id", "kind"}

func check(t *testing.T, rec logtest.Record, level string, keys ...string) {
	t.Helper()
	if want := append(slices.Clone(std), keys...); !slices.Equal(rec.Keys, want) {
		t.Errorf("%s: keys %v\nwant %v", rec.Event(), rec.Keys, want)
	}
	if rec.Level() != level {
		t.Errorf("%s at %s, want %s", rec.Event(), rec.Level(), level)
	}
}

func events(logs *logtest.Recorder) (names []string) {
	for _, rec := range logs.Records() {
		names = append(names, rec.Event())
	}
	return names
}

func TestCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
		j := joblog.Job{ID: "j1", Kind: "tick", Attempt: 2, RunAt: time.Now().Add(-1500 * time.Millisecond), RequestID: "req-00000001"}
		err := w.Run(t.Context(), j, func(ctx context.Context) error {
			time.Sleep(250 * time.Millisecond)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { joblog.Metric(ctx, slog.Int("charged", 5)) })
			}
			wg.Wait()
			logs.Logger("service.test").InfoContext(ctx, "worked")
			return nil
		})
		if err != nil {
			t.Errorf("Run: %v", err)
		}
		check(t, logs.One("job_started"), "INFO", "attempt", "queue_wait_ms")
		rec := logs.One("job_completed")
		check(t, rec, "INFO", "attempt", "duration_ms", "metrics", "queue_wait_ms")
		for _, part := range []string{`"attempt":2`, `"duration_ms":250.00`, `"metrics":{"charged":5}`, `"queue_wait_ms":1500.00`, `"request_id":"req-00000001"`} {
			if !strings.Contains(rec.Line, part) {
				t.Errorf("no %s: %s", part, rec.Line)
			}
		}
		if rec := logs.One("worked"); rec.String("job_id") != "j1" || rec.String("worker") != "test" || rec.RequestID() != "req-00000001" {
			t.Errorf("a line of the job's context: %s", rec.Line)
		}
		joblog.Metric(t.Context(), slog.Int("of_no_job", 1))
	})
}

var job = joblog.Job{ID: "j1", Kind: "tick", Attempt: 1, RequestID: "req-00000001"}

func fail(context.Context) error { return pairlog.WithStack(errors.New("boom")) }

// The stack of a job's error that carries none begins with whoever ran the job.
func TestStackOfError(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
	w.Run(t.Context(), job, func(context.Context) error { return errors.New("boom") })
	stack := logs.One("job_failed").String("stack_trace")
	if first, _, _ := strings.Cut(stack, "\n"); first != "github.com/pairly/pairlog/joblog_test.TestStackOfError" {
		t.Errorf("the stack begins with %s:\n%s", first, stack)
	}
}

func TestFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test",
			Retry: func(j joblog.Job, err error) (time.Duration, bool) { return 5 * time.Second, j.Attempt < 3 }})
		for attempt := 1; attempt <= 3; attempt++ {
			j := job
			j.Attempt = attempt
			if err := w.Run(t.Context(), j, fail); err == nil || err.Error() != "boom" {
				t.Errorf("Run: %v, want the job's error", err)
			}
		}
		want := []string{"job_started", "job_failed", "job_retry", "job_started", "job_failed", "job_retry", "job_started", "job_failed"}
		if got := events(logs); !slices.Equal(got, want) {
			t.Errorf("events %v\nwant %v", got, want)
		}
		failed := logs.Event("job_failed")
		check(t, failed[0], "ERROR", "attempt", "final", "error_type", "error_message", "error_code", "stack_trace", "duration_ms")
		if failed[0].Bool("final") || !failed[2].Bool("final") || !strings.Contains(failed[0].String("stack_trace"), "joblog_test.fail") {
			t.Errorf("line: %s", failed[0].Line)
		}
		retry := logs.Event("job_retry")[0]
		check(t, retry, "WARNING", "attempt", "next_run_at", "delay_ms")
		if got := retry.Float("delay_ms"); got != 5000 {
			t.Errorf("delay_ms = %v, want 5000", got)
		}
		if got, want := retry.String("next_run_at"), time.Now().Add(5*time.Second).UTC().Format("2006-01-02T15:04:05.000Z"); got != want {
			t.Errorf("next_run_at = %s, want %s", got, want)
		}
	})
}

func TestSkipped(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
	err := w.Run(t.Context(), job, func(context.Context) error { return fmt.Errorf("tick: %w", joblog.Skip("no_lock")) })
	if err != nil {
		t.Errorf("Run: %v, want nil", err)
	}
	check(t, logs.One("job_skipped"), "INFO", "reason")
	if got := logs.One("job_skipped").String("reason"); got != "no_lock" {
		t.Errorf("reason = %q, want no_lock", got)
	}
}

// The jobs of a busy worker are quiet unless they fail.
func TestLevel(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test", Level: slog.LevelDebug})
	w.Started(t.Context(), time.Second, 1)
	w.Run(t.Context(), job, func(context.Context) error { return nil })
	w.Run(t.Context(), job, func(context.Context) error { return joblog.Skip("not_active") })
	w.Run(t.Context(), job, fail)
	var got []string
	for _, rec := range logs.Records() {
		got = append(got, rec.Event()+" "+rec.Level())
	}
	want := []string{"worker_started INFO", "job_started DEBUG", "job_completed DEBUG",
		"job_started DEBUG", "job_skipped DEBUG", "job_started DEBUG", "job_failed ERROR"}
	if !slices.Equal(got, want) {
		t.Errorf("lines %v\nwant %v", got, want)
	}
}

func explode(context.Context) error {
	var p *joblog.Job
	_ = p.ID
	return nil
}

func TestPanicked(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test", Recover: logs.Logger("app.recover")})
	if err := w.Run(t.Context(), job, explode); err == nil {
		t.Error("Run: nil, want an error that tells of the panic")
	}
	if rec := logs.One("panic_recovered"); rec.Level() != "CRITICAL" || rec.String("endpoint") != "test.tick" || rec.Logger() != "app.recover" {
		t.Errorf("line: %s", rec.Line)
	}
	rec := logs.One("job_failed")
	if !rec.Bool("panicked") || !rec.Bool("final") || !strings.Contains(rec.String("stack_trace"), "joblog_test.explode") {
		t.Errorf("line: %s", rec.Line)
	}
}

// A job whose goroutine ends without a panic, as in a failing test, has failed.
func TestGoexit(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.Run(t.Context(), job, func(context.Context) error { runtime.Goexit(); return nil })
	}()
	<-done
	if rec := logs.One("job_failed"); rec.Level() != "ERROR" || rec.String("error_message") != "job: goroutine ended" || rec.Has("panicked") {
		t.Errorf("line: %s", rec.Line)
	}
	logs.None("job_completed")
}

// Jobs have scopes of their own: none has what another one added.
func TestScopes(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
	for _, id := range []string{"j1", "j2"} {
		w.Run(t.Context(), joblog.Job{ID: id, Kind: "tick"}, func(ctx context.Context) error {
			if id == "j1" {
				pairlog.Add(ctx, slog.String("added", "by j1"))
			}
			logs.Logger("service.test").InfoContext(ctx, "worked")
			return nil
		})
	}
	recs := logs.Event("worked")
	if len(recs) != 2 || recs[0].String("job_id") != "j1" || !recs[0].Has("added") || recs[1].String("job_id") != "j2" || recs[1].Has("added") {
		t.Errorf("lines: %s", logs.Text())
	}
}

// A job that is stopped from outside has not failed.
func TestCanceled(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test"})
	ctx, cancel := context.WithCancel(t.Context())
	err := w.Run(ctx, job, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v, want context.Canceled", err)
	}
	if got := logs.One("job_failed").Level(); got != "WARNING" {
		t.Errorf("level %s, want WARNING", got)
	}
}

func TestWorkerLines(t *testing.T) {
	logs := logtest.New(t)
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.fraud"), Worker: "fraud"})
	w.Started(t.Context(), time.Hour, 1)
	w.Scheduled(t.Context(), "j1", "scan", time.Unix(0, 0))
	w.EnqueueFailed(t.Context(), "scan", io.ErrClosedPipe)
	w.Stopped(t.Context(), "shutdown")
	for event, part := range map[string]string{
		"worker_started":     `"level":"INFO","logger":"worker.fraud","event":"worker_started","worker":"fraud","interval_s":3600,"concurrency":1}`,
		"job_scheduled":      `"level":"DEBUG","logger":"worker.fraud","event":"job_scheduled","worker":"fraud","job_id":"j1","kind":"scan","run_at":"1970-01-01T00:00:00.000Z"}`,
		"job_enqueue_failed": `"level":"WARNING","logger":"worker.fraud","event":"job_enqueue_failed","worker":"fraud","kind":"scan","error_type":`,
		"worker_stopped":     `"event":"worker_stopped","worker":"fraud","reason":"shutdown"}`,
	} {
		if rec := logs.One(event); !strings.Contains(rec.Line, part) {
			t.Errorf("line %s\nhas no %s", rec.Line, part)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	p, err := pairlog.Open(pairlog.Config{Format: pairlog.FormatJSON, Out: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close(context.Background())
	w := joblog.New(joblog.Config{Logger: p.Logger("worker.test"), Worker: "test"})
	b.ReportAllocs()
	for b.Loop() {
		w.Run(b.Context(), job, func(context.Context) error { return nil })
	}
}

// A job that says nothing of its attempt is at its first, also for Retry; and one that
// runs within a request has its id.
func TestZeroJob(t *testing.T) {
	logs := logtest.New(t)
	var asked int
	w := joblog.New(joblog.Config{Logger: logs.Logger("worker.test"), Worker: "test",
		Retry: func(j joblog.Job, _ error) (time.Duration, bool) { asked = j.Attempt; return time.Second, true }})
	request, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
	if err := w.Run(request, joblog.Job{}, func(context.Context) error { return errors.New("x") }); err == nil {
		t.Error("Run returned no error")
	}
	if asked != 1 {
		t.Errorf("Retry was asked for attempt %d, want 1", asked)
	}
	for _, event := range []string{"job_started", "job_failed", "job_retry"} {
		if rec := logs.One(event); rec.Int("attempt") != 1 || rec.RequestID() != "req-00000001" {
			t.Errorf("line: %s\nwant attempt 1 and the request's id", rec.Line)
		}
	}
}
