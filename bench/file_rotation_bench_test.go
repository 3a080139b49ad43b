package bench

import (
	"slices"
	"testing"
	"time"
)

// paces are how the calls of BenchmarkRotation follow each other: as fast as
// they can, where a logger that is behind must make its callers wait, and at a
// rate that every logger keeps up with.
var paces = []struct {
	name  string
	every time.Duration
}{
	{"flood", 0},
	{"100k-a-second", 10 * time.Microsecond},
}

// BenchmarkRotation writes the web record to a file that rotates at every
// megabyte, which is some two thousand lines, from one goroutine, and reports
// how long one call takes: the median, the 99.9th percentile and the longest,
// in nanoseconds, with what it costs to read the clock. Lost and torn are lines.
func BenchmarkRotation(b *testing.B) {
	for _, pace := range paces {
		for _, r := range fileRivals {
			b.Run(pace.name+"/"+r.name, func(b *testing.B) {
				dir := logDir(b)
				e := r.new(dir, 1)
				took := make([]time.Duration, b.N)
				b.ResetTimer()
				next := time.Now()
				for i := range took {
					begin := time.Now()
					e.Web()
					end := time.Now()
					took[i] = end.Sub(begin)
					for next = next.Add(pace.every); end.Before(next); {
						end = time.Now()
					}
				}
				e.Close()
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
				b.ReportMetric(float64(took[len(took)*999/1000]), "p99.9-ns")
				b.ReportMetric(float64(took[len(took)-1]), "max-ns")
				reportLines(b, r.name, dir)
			})
		}
	}
}
