package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

func ExampleOpenFile() {
	dir, _ := os.MkdirTemp("", "sink")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "app.log")

	f, err := sink.OpenFile(sink.FileConfig{
		Path:        path,
		RotateBytes: 60, // for the example; 0 means 100 MB
		Archive:     "none",
		Now:         func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC) },
	})
	if err != nil {
		panic(err)
	}
	for n := range 3 {
		if _, err := fmt.Fprintf(f, `{"level":"INFO","event":"order_placed","n":%d}`+"\n", n); err != nil {
			panic(err)
		}
	}
	if err := f.Close(); err != nil {
		panic(err)
	}

	files, _ := sink.Files(path) // the whole log, the oldest first
	for _, file := range files {
		text, _ := os.ReadFile(file.Path)
		fmt.Printf("%s: %s", filepath.Base(file.Path), text)
	}
	// Output:
	// app-00000001-20250115T103045Z.log: {"level":"INFO","event":"order_placed","n":0}
	// app-00000002-20250115T103045Z.log: {"level":"INFO","event":"order_placed","n":1}
	// app.log: {"level":"INFO","event":"order_placed","n":2}
}

// A counter is a sink of one's own: it counts lines.
type counter struct{ lines int }

func (c *counter) Write(batch []byte) (int, error) {
	c.lines += bytes.Count(batch, []byte("\n"))
	return len(batch), nil
}

func (c *counter) Sync() error    { return nil }
func (c *counter) Close() error   { return nil }
func (c *counter) String() string { return "counter" }

func ExampleSink() {
	lines := &counter{}
	p, _ := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{lines}})
	p.Logger("service.orders").Info("order_placed")
	p.Logger("service.orders").Info("order_paid")
	p.Close(context.Background())
	fmt.Println(lines.lines, "lines")
	// Output:
	// 2 lines
}
