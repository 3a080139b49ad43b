package sink_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// BenchmarkPipeline appends lines to a queue over a file that rotates every
// 10 MB, as fast as it takes them, and reports beside the throughput what one
// append takes in the 99.9th percentile and at most, in nanoseconds.
func BenchmarkPipeline(b *testing.B) {
	line := sinktest.Line(1, 1, 400)
	for _, c := range []sink.FileConfig{{Archive: "none"}, {Archive: "zstd"}} {
		for _, goroutines := range []int{1, 4} {
			b.Run(fmt.Sprintf("archive=%s/goroutines=%d", c.Archive, goroutines), func(b *testing.B) {
				c.Path = filepath.Join(b.TempDir(), "app.log")
				c.RotateBytes, c.RetainBytes = 10<<20, 100<<20
				f, q := pipelineOf(b, c, queue.Config{BlockFor: time.Minute})
				took := make([][]time.Duration, goroutines)
				var wg sync.WaitGroup
				b.SetBytes(int64(len(line)))
				b.ResetTimer()
				for g := range goroutines {
					took[g] = make([]time.Duration, 0, b.N/goroutines+1)
					wg.Go(func() {
						for range b.N / goroutines {
							begin := time.Now()
							q.Append(slog.LevelInfo, line)
							took[g] = append(took[g], time.Since(begin))
						}
					})
				}
				wg.Wait()
				if err := q.Close(context.Background()); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				f.Close()
				all := slices.Concat(took...)
				slices.Sort(all)
				if len(all) > 0 {
					b.ReportMetric(float64(all[len(all)*999/1000].Nanoseconds()), "p99.9-ns")
					b.ReportMetric(float64(all[len(all)-1].Nanoseconds()), "max-ns")
				}
				if s := q.Stats(); s.Dropped.Total() > 0 {
					b.Errorf("%d lines dropped", s.Dropped.Total())
				}
			})
		}
	}
}
