package worker

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/joblog"
	"github.com/pairly/pairlog/pairly"
)

// A Job is something that a worker does.
type Job struct {
	Kind string
	// Do does it once. Its context ends when the worker is stopped. The error
	// is logged as job_failed; see [joblog.Skip] for a job that has nothing
	// to do.
	Do func(ctx context.Context) error
}

// A Worker is a job that runs again and again, one run at a time.
type Worker struct {
	Name  string        // its logger is worker.<name>
	Every time.Duration // from one run to the next, in real time; required
	// Level is that of the lines about jobs that do not fail. The zero value
	// is INFO.
	Level slog.Level
	// First are run once, in order, when the worker starts.
	First []Job
	// Job is run every Every, for the first time after it.
	Job Job
}

// Config is what all workers share.
type Config struct {
	// Logger returns the logger of a name. Required.
	Logger func(name string) *slog.Logger
	// Recover is the logger app.recover, for panics; nil means none.
	Recover *slog.Logger
}

// Start writes worker_started and runs w until stop is called. Stop ends the
// context of the job that runs, waits for the job, and writes worker_stopped;
// when its own context ends first it returns the cause and the worker ends
// without that line. Stop is to be called once.
func Start(c Config, w Worker) (stop func(ctx context.Context) error) {
	log := joblog.New(joblog.Config{
		Logger: c.Logger("worker." + w.Name), Worker: w.Name, Level: w.Level, Recover: c.Recover,
	})
	run, cancel := context.WithCancel(context.Background())
	log.Started(run, w.Every, 1)
	task := pairlog.Go(run, cmp.Or(c.Recover, c.Logger("worker."+w.Name)), func(ctx context.Context) { w.work(ctx, log) })
	return func(ctx context.Context) error {
		cancel()
		select {
		case <-task.Done():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		log.Stopped(ctx, "shutdown")
		return nil
	}
}

// work runs the jobs of w until ctx ends.
func (w Worker) work(ctx context.Context, log *joblog.Worker) {
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	for _, j := range w.First {
		w.once(ctx, log, j)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.once(ctx, log, w.Job)
		}
	}
}

// once runs a job, unless the worker was stopped.
func (w Worker) once(ctx context.Context, log *joblog.Worker, j Job) {
	if ctx.Err() != nil {
		return
	}
	// The error has its line; the next run is the next attempt.
	_ = log.Run(ctx, joblog.Job{ID: pairly.NewUUID(), Kind: j.Kind, Attempt: 1}, func(ctx context.Context) error {
		err := j.Do(ctx)
		if err != nil && ctx.Err() != nil {
			// Whatever it says, it was interrupted: the database driver and the
			// store word that in several ways, and none is a failure.
			return joblog.Skip("stopped")
		}
		return err
	})
}
