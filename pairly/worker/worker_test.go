package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/presence"
	"github.com/pairly/pairlog/pairly/worker"
)

// run starts w and stops it after d of the bubble's clock.
func run(t *testing.T, logs *logtest.Recorder, w worker.Worker, d time.Duration) {
	t.Helper()
	stop := worker.Start(worker.Config{Logger: logs.Logger, Recover: logs.Logger("app.recover")}, w)
	time.Sleep(d)
	synctest.Wait()
	if err := stop(t.Context()); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func events(logs *logtest.Recorder) (names []string) {
	for _, r := range logs.Records() {
		names = append(names, r.Event())
	}
	return names
}

func want(t *testing.T, logs *logtest.Recorder, names ...string) {
	t.Helper()
	if got := events(logs); !slices.Equal(got, names) {
		t.Errorf("events %v\nwant %v", got, names)
	}
}

func TestRunsUntilStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs, runs := logtest.New(t), 0
		run(t, logs, worker.Worker{Name: "test", Every: time.Minute, Job: worker.Job{Kind: "count", Do: func(context.Context) error {
			runs++
			return nil
		}}}, 150*time.Second)
		if runs != 2 {
			t.Errorf("%d runs in 150 s, want 2", runs)
		}
		want(t, logs, "worker_started", "job_started", "job_completed", "job_started", "job_completed", "worker_stopped")
		started, stopped := logs.One("worker_started"), logs.One("worker_stopped")
		if started.Logger() != "worker.test" || started.Float("interval_s") != 60 || started.Int("concurrency") != 1 {
			t.Errorf("line: %s", started.Line)
		}
		if stopped.String("worker") != "test" || stopped.String("reason") != "shutdown" {
			t.Errorf("line: %s", stopped.Line)
		}
		jobs := logs.Event("job_started")
		if a, b := jobs[0].String("job_id"), jobs[1].String("job_id"); a == "" || a == b {
			t.Errorf("job ids %q and %q, want one for each run", a, b)
		}
	})
}

// What fails does not end the worker.
func TestGoesOnAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs, runs := logtest.New(t), 0
		run(t, logs, worker.Worker{Name: "test", Every: time.Minute, Job: worker.Job{Kind: "fail", Do: func(context.Context) error {
			switch runs++; runs {
			case 1:
				return errors.New("disk full")
			case 2:
				panic("a bug")
			case 3:
				return joblog.Skip("no_lock")
			}
			return nil
		}}}, 4*time.Minute)
		want(t, logs, "worker_started", "job_started", "job_failed", "job_started", "panic_recovered", "job_failed",
			"job_started", "job_skipped", "job_started", "job_completed", "worker_stopped")
		if r := logs.One("panic_recovered"); r.Logger() != "app.recover" || r.String("endpoint") != "test.fail" {
			t.Errorf("line: %s", r.Line)
		}
	})
}

// A job is told to stop and waited for; one that does not listen does not
// hold up the shutdown for ever.
func TestStopWhileAJobRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		run(t, logs, worker.Worker{Name: "test", Every: time.Hour, First: []worker.Job{
			{Kind: "wait", Do: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			{Kind: "late", Do: func(context.Context) error { t.Error("a job began after the stop"); return nil }},
		}, Job: worker.Job{Kind: "never", Do: func(context.Context) error { return nil }}}, time.Second)
		want(t, logs, "worker_started", "job_started", "job_skipped", "worker_stopped")
		if got := logs.One("job_skipped").String("reason"); got != "stopped" {
			t.Errorf("job_skipped of a stop says %q, want stopped", got)
		}

		logs.Reset()
		deaf := make(chan struct{})
		stop := worker.Start(worker.Config{Logger: logs.Logger}, worker.Worker{Name: "deaf", Every: time.Hour,
			First: []worker.Job{{Kind: "deaf", Do: func(context.Context) error { <-deaf; return nil }}}})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stop = %v, want context.DeadlineExceeded", err)
		}
		close(deaf)
		synctest.Wait()
	})
}

// people is presence with somebody who went silent.
type people struct {
	calls []string
	fault error
	log   *slog.Logger
}

func (p *people) Reset(context.Context) (int64, error) {
	p.calls = append(p.calls, "reset")
	return 3, nil
}

func (p *people) Sweep(ctx context.Context) error {
	p.calls = append(p.calls, "sweep")
	p.log.InfoContext(ctx, "presence_offline", slog.String("user_id", "u1"))
	return p.fault
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		p := &people{log: logs.Logger("service.presence")}
		run(t, logs, worker.Presence(p), 2*presence.SweepEvery+time.Second)
		if got, want := p.calls, []string{"reset", "sweep", "sweep"}; !slices.Equal(got, want) {
			t.Errorf("calls %v, want %v", got, want)
		}
		for _, r := range logs.Event("job_completed") {
			if r.Level() != "DEBUG" || r.Logger() != "worker.presence" {
				t.Errorf("job_completed, want it at DEBUG: %s", r.Line)
			}
		}
		if r := logs.Event("job_completed")[0]; !strings.Contains(r.Line, `"metrics":{"profiles":3}`) {
			t.Errorf("line of the reset: %s", r.Line)
		}
		// What the service logs on the way belongs to the job.
		job, line := logs.Event("job_started")[1], logs.Event("presence_offline")[0]
		if line.String("worker") != "presence" || line.String("job_id") != job.String("job_id") {
			t.Errorf("line of a sweep: %s\nof the job: %s", line.Line, job.Line)
		}

		logs.Reset()
		p.fault = errors.New("connection refused")
		run(t, logs, worker.Presence(p), presence.SweepEvery)
		if r := logs.One("job_failed"); r.Level() != "ERROR" || r.String("kind") != "sweep" || r.String("error_message") != "connection refused" {
			t.Errorf("line: %s", r.Line)
		}
	})
}

// shelf is a store with old rows.
type shelf struct {
	at  []time.Time
	err error
}

func (s *shelf) Purge(_ context.Context, now time.Time) (int64, error) {
	s.at = append(s.at, now)
	return 7, s.err
}

func TestPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs, s := logtest.New(t), &shelf{}
		clock := time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC)
		run(t, logs, worker.Purge(s, func() time.Time { return clock }), worker.PurgeEvery+time.Minute)
		if want := []time.Time{clock, clock}; !slices.Equal(s.at, want) {
			t.Errorf("purged at %v, want %v: at the start and after an hour", s.at, want)
		}
		want(t, logs, "worker_started", "job_started", "job_completed", "job_started", "job_completed", "worker_stopped")
		if r := logs.Event("job_completed")[0]; r.Level() != "INFO" || r.Logger() != "worker.purge" || !strings.Contains(r.Line, `"metrics":{"rows_deleted":7}`) {
			t.Errorf("line: %s", r.Line)
		}

		logs.Reset()
		s.err = errors.New("disk I/O error")
		run(t, logs, worker.Purge(s, time.Now), time.Second)
		if r := logs.One("job_failed"); r.String("kind") != "purge" || r.String("error_message") != "disk I/O error" {
			t.Errorf("line: %s", r.Line)
		}
	})
}

// ledger has these mismatches.
type ledger []pairly.LedgerMismatch

func (l ledger) LedgerMismatches(_ context.Context, after string, limit int) ([]pairly.LedgerMismatch, error) {
	if after != "" || limit < len(l) {
		return nil, errors.New("asked for less than the test has")
	}
	return l, nil
}

// A balance that is not what its ledger says needs a person now.
func TestReconcile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		w := worker.Reconcile(ledger{{UserID: "u1", Balance: 7, LedgerBalance: 5}}, logs.Logger("worker.reconcile"))
		run(t, logs, w, 25*time.Hour)
		want(t, logs, "worker_started", "job_started", "ledger_mismatch", "job_completed",
			"job_started", "ledger_mismatch", "job_completed", "worker_stopped")
		r := logs.Event("ledger_mismatch")[0]
		if r.Logger() != "worker.reconcile" || r.Level() != "CRITICAL" || r.String("user_id") != "u1" ||
			r.Int("balance") != 7 || r.Int("ledger_balance") != 5 {
			t.Errorf("line: %s", r.Line)
		}
	})
}
