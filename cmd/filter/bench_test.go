package filter_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/cmd/filter"
)

// BenchmarkCopy redacts logs of many kinds with one worker, each line by what it looks
// like, and as plain text where that is another way. It reports the bytes a second of
// one processor, and how often the text could be copied line by line in that time.
func BenchmarkCopy(b *testing.B) {
	for _, kind := range kinds {
		var in string
		var copied time.Duration
		for _, mode := range []filter.Mode{filter.Auto, filter.Text} {
			name := kind.name
			if mode == filter.Text {
				if !strings.HasPrefix(name, "json") {
					continue // it is text in any case
				}
				name += "-as-text"
			}
			b.Run(name, func(b *testing.B) {
				if in == "" {
					in = linesOf(kind.line, 4<<20)
					copied = copyTime(in)
				}
				cfg := filter.Config{Redactor: redactor(b), Mode: mode, Workers: 1}
				b.SetBytes(int64(len(in)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := filter.Copy(io.Discard, strings.NewReader(in), cfg); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/copied.Seconds(), "x-copy")
			})
		}
	}
}

// copyTime returns how long it takes to read in, find its lines and copy them: the
// least that a filter of lines does.
func copyTime(in string) time.Duration {
	least := time.Hour
	block, out := make([]byte, 256<<10), make([]byte, 0, 512<<10)
	for range 5 {
		start := time.Now()
		for src := strings.NewReader(in); ; {
			n, err := src.Read(block)
			if err != nil {
				break
			}
			out = out[:0]
			for rest := block[:n]; len(rest) > 0; {
				end := bytes.IndexByte(rest, '\n') + 1
				if end == 0 {
					end = len(rest)
				}
				out = append(out, rest[:end]...)
				rest = rest[end:]
			}
		}
		least = min(least, time.Since(start))
	}
	return least
}
