// Package joblog logs background jobs: that one started, how it ended and how
// long it took and waited, and it keeps a panic from ending the worker.
//
//	w := joblog.New(joblog.Config{Logger: p.Logger("worker.call_billing"), Worker: "call_billing"})
//	err := w.Run(ctx, joblog.Job{ID: "j1", Kind: "tick", Attempt: 1}, func(ctx context.Context) error {
//		joblog.Metric(ctx, slog.Int("credits_charged", 5))
//		return bill(ctx)
//	})
//
// writes
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.call_billing","event":"job_started","worker":"call_billing","job_id":"j1","kind":"tick","attempt":1}
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.call_billing","event":"job_completed","worker":"call_billing","job_id":"j1","kind":"tick","attempt":1,"duration_ms":12.40,"metrics":{"credits_charged":5}}
//
// A job that fails has job_failed with the error's stack instead, and job_retry
// where it will be tried again; one that has nothing to do returns [Skip] and
// has job_skipped.
//
// A job has a scope of its own: every line that is logged with its context has
// worker and job_id, and the request id of the request that enqueued it, where
// the job remembers it.
package joblog
