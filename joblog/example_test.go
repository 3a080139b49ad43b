package joblog_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/joblog"
)

// example opens a pipeline whose lines are the same at each run: one time, no
// durations, no stacks.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{os.Stdout},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

type steady struct{ io.Writer }

var (
	durations = regexp.MustCompile(`_ms":[0-9.]+`)
	varying   = regexp.MustCompile(`("(?:stack_trace|next_run_at)":)"[^"]*"`)
)

func (s steady) Write(p []byte) (int, error) {
	out := varying.ReplaceAll(durations.ReplaceAll(p, []byte(`_ms":0.00`)), []byte(`$1"…"`))
	if _, err := s.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func ExampleWorker_Run() {
	p := example()
	w := joblog.New(joblog.Config{Logger: p.Logger("worker.call_billing"), Worker: "call_billing"})

	err := w.Run(context.Background(), joblog.Job{ID: "j1", Kind: "tick", Attempt: 1}, func(ctx context.Context) error {
		joblog.Metric(ctx, slog.Int("credits_charged", 5))
		return nil
	})
	if err != nil {
		panic(err)
	}
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.call_billing","event":"job_started","worker":"call_billing","job_id":"j1","kind":"tick","attempt":1}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"worker.call_billing","event":"job_completed","worker":"call_billing","job_id":"j1","kind":"tick","attempt":1,"duration_ms":0.00,"metrics":{"credits_charged":5}}
}

func ExampleNew() {
	p := example()
	w := joblog.New(joblog.Config{
		Logger:  p.Logger("worker.mail"),
		Worker:  "mail",
		Level:   slog.LevelDebug,         // heard of only when it fails
		Recover: p.Logger("app.recover"), // a panic has a line of its own
		Retry: func(j joblog.Job, err error) (after time.Duration, again bool) {
			return time.Minute, j.Attempt < 3
		},
	})

	w.Run(context.Background(), joblog.Job{ID: "j1", Kind: "welcome", Attempt: 1, RequestID: "550e8400"}, func(ctx context.Context) error {
		return errors.New("dial smtp.internal: connection refused")
	})
	w.Run(context.Background(), joblog.Job{ID: "j2", Kind: "welcome", Attempt: 3}, func(ctx context.Context) error {
		return joblog.Skip("not_found")
	})
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"worker.mail","request_id":"550e8400","event":"job_started","worker":"mail","job_id":"j1","kind":"welcome","attempt":1,"recorded":true}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"worker.mail","request_id":"550e8400","event":"job_failed","worker":"mail","job_id":"j1","kind":"welcome","attempt":1,"final":false,"error_type":"error","error_message":"dial smtp.internal: connection refused","error_code":null,"stack_trace":"…","duration_ms":0.00}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"worker.mail","request_id":"550e8400","event":"job_retry","worker":"mail","job_id":"j1","kind":"welcome","attempt":1,"next_run_at":"…","delay_ms":0.00}
}
