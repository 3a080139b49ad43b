package sink_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// A file is on its way to the disk while it is written, not all of it when it
// is closed; one that syncs each write has no use for that.
func TestWriteBackBegins(t *testing.T) {
	for _, sync := range []bool{false, true} {
		f, err := sink.OpenFile(sink.FileConfig{Path: filepath.Join(t.TempDir(), "app.log"), SyncEachWrite: sync})
		if err != nil {
			t.Fatal(err)
		}
		line := sinktest.Line(1, 0, 1000)
		batch := bytes.Repeat(line, sink.WritebackBytes/len(line)) // a little less
		var hints []int64
		for range 2 {
			if _, err := f.Write(batch); err != nil {
				t.Fatal(err)
			}
			hints = append(hints, f.Hinted())
		}
		want := int64(2 * len(batch))
		if sync {
			want = 0
		}
		if hints[0] != 0 || hints[1] != want {
			t.Errorf("sync %v: hints up to %v, want 0 and %d", sync, hints, want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The hints go on through rotations, and nothing is lost by them.
func TestWriteBackOfFilesThatRotate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	f, err := sink.OpenFile(sink.FileConfig{Path: path, Archive: "none", RotateBytes: sink.WritebackBytes * 3 / 2})
	if err != nil {
		t.Fatal(err)
	}
	var o sinktest.Oracle
	n := 0
	for range 40 {
		var batch []byte
		for len(batch) < 256<<10 {
			batch = append(batch, sinktest.Line(1, n, 1000)...)
			o.Ack(1, n)
			n++
		}
		if _, err := f.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	files, err := sink.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		content, err := os.ReadFile(file.Path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	if len(files) < 3 {
		t.Errorf("%d files, want some rotations", len(files))
	}
	if v := o.Check(all); !v.Clean() || v.Arrived != n {
		t.Errorf("%+v, want %d arrived", v, n)
	}
}
