package bench

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// BenchmarkFile writes the web record to a rotating file until everything is
// in the file, from one and from four goroutines, and then counts: lost and
// torn are lines.
func BenchmarkFile(b *testing.B) {
	for _, goroutines := range []int{1, 4} {
		for _, r := range fileRivals {
			b.Run(fmt.Sprintf("%d/%s", goroutines, r.name), func(b *testing.B) {
				dir := logDir(b)
				e := r.new(dir, rotateMB)
				b.ReportAllocs()
				b.ResetTimer()
				cpu := cpuTime()
				var wg sync.WaitGroup
				for g := range goroutines {
					n := b.N / goroutines
					if g == 0 {
						n += b.N % goroutines
					}
					wg.Go(func() {
						for range n {
							e.Web()
						}
					})
				}
				wg.Wait()
				e.Close()
				reportCPU(b, cpu)
				b.StopTimer()
				reportLines(b, r.name, dir)
			})
		}
	}
}

// logDir returns a folder for one benchmark. It is removed as far as it goes: a rival
// that is closed may still be making a link to its newest file, which is no failure
// of the benchmark.
func logDir(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("", "pairlog-bench-")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// reportLines reports what is missing of b.N lines in dir, and what is torn. For
// pairlog either is a failure.
func reportLines(b *testing.B, rival, dir string) {
	lines, torn, err := countLines(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N-lines), "lost")
	b.ReportMetric(float64(torn), "torn")
	if rival == "pairlog" && (lines != b.N || torn > 0) {
		b.Errorf("%d of %d lines are in the files, and %d torn ones", lines, b.N, torn)
	}
}
