package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/joblog"
)

// PurgeEvery is the time between two runs of the purge.
const PurgeEvery = time.Hour

// A Purger deletes what is past its use at now and returns how many rows it
// were.
type Purger interface {
	Purge(ctx context.Context, now time.Time) (int64, error)
}

// Purge returns the worker that has what ran out deleted, when the service
// starts and every hour: a service that is deployed often is purged too. Now
// is the service's clock. Instances that purge at the same time do no harm.
func Purge(p Purger, now func() time.Time) Worker {
	job := Job{"purge", func(ctx context.Context) error {
		n, err := p.Purge(ctx, now())
		joblog.Metric(ctx, slog.Int64("rows_deleted", n))
		return err
	}}
	return Worker{Name: "purge", Every: PurgeEvery, First: []Job{job}, Job: job}
}
