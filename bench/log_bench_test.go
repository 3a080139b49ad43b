package bench

import (
	"io"
	"slices"
	"testing"
)

// discard is io.Discard behind a type of its own: some loggers notice
// io.Discard and then do nothing at all.
type discard struct{ n int }

func (d *discard) Write(p []byte) (int, error) { d.n += len(p); return len(p), nil }

// scenarios name the calls of [Events]; results are read by these names.
var scenarios = []struct {
	name string
	call func(Events) func()
}{
	{"NoFields", func(e Events) func() { return e.NoFields }},
	{"With10", func(e Events) func() { return e.With10 }},
	{"Zap10", func(e Events) func() { return e.Zap10 }},
	{"Web", func(e Events) func() { return e.Web }},
	{"Fresh", func(e Events) func() { return e.Fresh }},
	{"Scoped", func(e Events) func() { return e.Scoped }},
	{"Disabled", func(e Events) func() { return e.Disabled }},
	{"Off", func(e Events) func() { return e.Off }},
}

// BenchmarkLog writes each event with each logger into a sink that does
// nothing.
func BenchmarkLog(b *testing.B) {
	for _, s := range scenarios {
		for _, r := range append(slices.Clone(rivals), floor) {
			b.Run(s.name+"/"+r.name, func(b *testing.B) {
				run(b, r.new(new(discard)), s.call)
			})
		}
	}
}

// BenchmarkLogParallel is the same from as many goroutines as there are
// processors.
func BenchmarkLogParallel(b *testing.B) {
	for _, s := range scenarios {
		for _, r := range rivals {
			b.Run(s.name+"/"+r.name, func(b *testing.B) {
				e := r.new(io.Writer(lockedDiscard{}))
				defer e.Close()
				call := s.call(e)
				b.ReportAllocs()
				cpu := cpuTime()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						call()
					}
				})
				reportCPU(b, cpu)
			})
		}
	}
}

// lockedDiscard may be written by several goroutines: it keeps no count.
type lockedDiscard struct{}

func (lockedDiscard) Write(p []byte) (int, error) { return len(p), nil }

func run(b *testing.B, e Events, pick func(Events) func()) {
	defer e.Close()
	call := pick(e)
	b.ReportAllocs()
	cpu := cpuTime()
	for b.Loop() {
		call()
	}
	reportCPU(b, cpu)
}

// reportCPU adds the processor time of a call, which includes what other
// goroutines do for it.
func reportCPU(b *testing.B, start interface{ Nanoseconds() int64 }) {
	if used := cpuTime().Nanoseconds() - start.Nanoseconds(); used > 0 && b.N > 0 {
		b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	}
}
