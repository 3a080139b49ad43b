package pairlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

// TestRotationIsTold rotates by size and expects, for each file put aside, one
// line with its name and size.
func TestRotationIsTold(t *testing.T) {
	dir := t.TempDir()
	p, err := pairlog.Open(pairlog.Config{
		File: true, FilePath: filepath.Join(dir, "app.log"), RotateBytes: 2 << 10, Archive: "none",
		Out: io.Discard, Err: io.Discard,
	})
	if err != nil {
		t.Fatal(err)
	}
	l := p.Logger("test")
	for range 40 {
		l.Info("line", "padding", strings.Repeat("x", 200))
	}
	if err := p.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "app*.log"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int64{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var r struct {
				Event, Logger, Level, File string
				Size                       int64 `json:"size_bytes"`
			}
			if err := json.Unmarshal(line, &r); err != nil {
				t.Fatalf("%s holds %q: %v", name, line, err)
			}
			if r.Event == "log_rotated" {
				if r.Logger != pairlog.InternalLogger || r.Level != slog.LevelInfo.String() {
					t.Errorf("log_rotated on %s at %s, want %s at INFO", r.Logger, r.Level, pairlog.InternalLogger)
				}
				told[r.File] = r.Size
			}
		}
	}
	if len(told) < 3 {
		t.Errorf("log_rotated for %d files, want at least 3", len(told))
	}
	for name, size := range told {
		if fi, err := os.Stat(name); err != nil || fi.Size() != size {
			t.Errorf("log_rotated says %s has %d bytes: %v, %v", name, size, fi, err)
		}
	}
}
