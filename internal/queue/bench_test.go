package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/pairly/pairlog/internal/queue"
)

// BenchmarkAppend measures one log call's part of the queue, in memory and
// mapped, with a sink that takes everything (drain=none) and with one that
// writes each batch to a file (drain=write).
func BenchmarkAppend(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 399), '\n')
	for _, where := range []string{"memory", "mapped"} {
		for _, drain := range []string{"none", "write"} {
			open := func(b *testing.B) *queue.Queue {
				dir := b.TempDir()
				c := queue.Config{Drain: func([]byte) error { return nil }, BlockFor: 1e12}
				if where == "mapped" {
					c.Path = filepath.Join(dir, "queue")
				}
				if drain == "write" {
					f, err := os.Create(filepath.Join(dir, "log"))
					if err != nil {
						b.Fatal(err)
					}
					b.Cleanup(func() { f.Close() })
					n := 0
					c.Drain = func(batch []byte) error {
						if n += len(batch); n > 64<<20 {
							n = 0
							f.Truncate(0)
							f.Seek(0, 0)
						}
						_, err := f.Write(batch)
						return err
					}
				}
				q, err := queue.Open(c)
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { q.Close(context.Background()) })
				return q
			}
			name := fmt.Sprintf("%s/drain=%s", where, drain)
			b.Run(name+"/serial", func(b *testing.B) {
				q := open(b)
				b.SetBytes(int64(len(line)))
				b.ReportAllocs()
				for b.Loop() {
					q.Append(slog.LevelInfo, line)
				}
			})
			b.Run(name+"/parallel", func(b *testing.B) {
				q := open(b)
				b.SetBytes(int64(len(line)))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						q.Append(slog.LevelInfo, line)
					}
				})
			})
		}
	}
}
