package sink_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	if _, err := sink.Files(filepath.Join(dir, "none", "app.log")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error = %v, want not exist", err)
	}
	f := openFile(t, sink.FileConfig{Path: path})
	other := openFile(t, sink.FileConfig{Path: path}) // app.2.log, a log of its own
	writeAll(t, other, sinktest.Line(2, 0, 100))
	var o sinktest.Oracle
	for n := range 20 {
		if n%3 == 2 {
			if err := f.Rotate(); err != nil {
				t.Fatal(err)
			}
		}
		writeAll(t, f, sinktest.Line(1, n, 100))
		o.Ack(1, n)
	}
	eventually(t, func() bool { return f.Stats().Archived >= 5 })
	f.Close()
	files, err := sink.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for i, file := range files {
		all = append(all, plain(t, file.Path)...)
		if last := i == len(files)-1; file.Rotated.IsZero() != last || file.Bytes == 0 {
			t.Errorf("file %d = %+v", i, file)
		}
	}
	if v := o.Check(all); !v.Clean() || v.Arrived != 20 || len(files) != 7 {
		t.Errorf("%d files: %+v, want 20 lines in 7", len(files), v)
	}
}
