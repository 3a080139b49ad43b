package sink_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

func openFaulty(t testing.TB, c sink.FileConfig, fsys *faultFS) *sink.File {
	t.Helper()
	f, err := sink.OpenFileFS(c, fsys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// The disk is full in the middle of a line, and then it is not any more.
func TestFault4DiskFull(t *testing.T) {
	for _, batchLines := range []int{1, 50} {
		dir := t.TempDir()
		fsys := newFaultFS()
		f := openFaulty(t, sink.FileConfig{Path: filepath.Join(dir, "app.log")}, fsys)
		var o sinktest.Oracle
		fsys.setSpace(10_050)
		refused := 0
		for n := 0; n < 200; n += batchLines {
			if n == 150 {
				fsys.setSpace(-1)
			}
			var batch []byte
			for i := range batchLines {
				batch = append(batch, sinktest.Line(1, n+i, 100)...)
			}
			taken, err := f.Write(batch)
			if (err == nil) != (taken == len(batch)) {
				t.Fatalf("Write = %d, %v for %d bytes", taken, err, len(batch))
			}
			if err != nil {
				refused++
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("error = %v, want ENOSPC", err)
				}
			}
			for i := range batchLines {
				if line := sinktest.Line(1, n+i, 100); taken >= len(line) {
					taken -= len(line)
					o.Ack(1, n+i)
				}
			}
		}
		if v := o.Check(content(t, dir)); !v.Clean() || v.Arrived != o.Acked() {
			t.Errorf("%+v, want exactly the %d that were taken", v, o.Acked())
		}
		if s := f.Stats(); refused == 0 || s.WriteErrors != uint64(refused) {
			t.Errorf("%d write errors counted, want %d", s.WriteErrors, refused)
		}
	}
}

// Behind a queue nothing is lost while the disk is full, nothing merges, every
// failure is counted, and the log goes on within a second: of a clock that does
// not count what a slow machine takes.
func TestFault4DiskFullBehindTheQueue(t *testing.T) {
	for _, name := range []string{"plain", "sealed"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				id, err := age.GenerateX25519Identity()
				if err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				c := sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: 50 << 10, Archive: "none"}
				space := 20_000
				if name == "sealed" { // the lines of this test shrink well
					space = 500
					c.Recipients = []string{id.Recipient().String()}
				}
				fsys := newFaultFS()
				f := openFaulty(t, c, fsys)
				q, err := queueOver(f, c, queue.Config{Bytes: 1 << 20, BlockFor: time.Minute, FlushEvery: time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				var o sinktest.Oracle
				rnd := rand.New(rand.NewPCG(1, 2))
				n := 0
				write := func(lines int) {
					for range lines {
						if q.Append(slog.LevelInfo, sinktest.Line(1, n, 100+rnd.IntN(300))) {
							o.Ack(1, n)
						}
						n++
					}
				}
				for range 5 {
					write(200)
					fsys.setSpace(rnd.IntN(space))
					before := f.Stats().WriteErrors
					write(200)
					eventually(t, func() bool { return f.Stats().WriteErrors > before })
					fsys.setSpace(-1)
					freed := time.Now()
					ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
					if err := q.Flush(ctx); err != nil {
						t.Fatal(err)
					}
					cancel()
					if took := time.Since(freed); took > time.Second {
						t.Errorf("the log went on after %v, want at most a second", took)
					}
				}
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				defer cancel()
				if err := q.Close(ctx); err != nil {
					t.Fatal(err)
				}
				f.Close()
				if v := o.Check(content(t, dir, id)); !v.Clean() || v.Arrived != 2000 {
					t.Errorf("%+v, want 2000 arrived", v)
				}
				if s := q.Stats(); s.DrainErrors == 0 || s.DrainErrors != f.Stats().WriteErrors || s.Dropped.Total() != 0 {
					t.Errorf("stats = %+v and %+v, want equally many failures and no drops", s, f.Stats())
				}
			})
		})
	}
}

// No space for an archive: the file stays as it is, and is archived later.
func TestFault4DiskFullInCompression(t *testing.T) {
	dir := t.TempDir()
	fsys := newFaultFS()
	var ev events
	f := openFaulty(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), Report: ev.report}, fsys)
	fsys.set("write:.tmp", syscall.ENOSPC)
	var o sinktest.Oracle
	for n := range 10 {
		writeAll(t, f, sinktest.Line(1, n, 300))
		o.Ack(1, n)
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	f.Settle()
	eventually(t, func() bool { return ev.count(sink.EventArchiveFailed) >= 10 })
	if v := o.Check(content(t, dir)); !v.Clean() {
		t.Errorf("while there is no space: %+v", v)
	}
	fsys.set("write:.tmp", nil)
	f.Settle()
	eventually(t, func() bool { return f.Stats().Archived == 10 })
	if v := o.Check(content(t, dir)); !v.Clean() {
		t.Errorf("afterwards: %+v", v)
	}
}

// Writes that a signal cuts in half, and disks that answer with EIO.
func TestFault5ShortAndFailingWrites(t *testing.T) {
	f := func(name string, fault func(*faultFS), wantErrors bool) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fsys := newFaultFS()
			file := openFaulty(t, sink.FileConfig{Path: filepath.Join(dir, "app.log")}, fsys)
			var o sinktest.Oracle
			for n := range 300 {
				fsys.mu.Lock()
				delete(fsys.fail, "write")
				fsys.space = -1
				fsys.mu.Unlock()
				if n%3 == 1 {
					fault(fsys)
				}
				taken, err := file.Write(sinktest.Line(1, n, 100))
				if err == nil {
					o.Ack(1, n)
				} else if taken != 0 {
					t.Errorf("Write = %d, %v", taken, err)
				}
			}
			v := o.Check(content(t, dir))
			if v.Lost+v.Duplicate+v.Disordered+v.Torn > 0 || v.Arrived != o.Acked() {
				t.Errorf("%+v, want exactly the %d that were taken", v, o.Acked())
			}
			if (name == "torn_and_not_cut") != (v.Corrupt > 0) {
				t.Errorf("%d corrupt lines", v.Corrupt)
			}
			if got := file.Stats().WriteErrors > 0; got != wantErrors {
				t.Errorf("write errors = %d", file.Stats().WriteErrors)
			}
		})
	}
	f("interrupted", func(fsys *faultFS) {
		fsys.mu.Lock()
		fsys.interrupts = 3
		fsys.mu.Unlock()
	}, false)
	f("eio", func(fsys *faultFS) { fsys.set("write", syscall.EIO) }, true)
	f("torn", func(fsys *faultFS) { fsys.setSpace(37) }, true)
	// A file that cannot be cut: the torn line gets an end of its own and does
	// not merge with the next.
	f("torn_and_not_cut", func(fsys *faultFS) {
		fsys.setSpace(37)
		fsys.set("truncate", syscall.EPERM)
	}, true)
}

// An fsync that fails does not make lines arrive twice, and is reported.
func TestFault5SyncThatFails(t *testing.T) {
	dir := t.TempDir()
	fsys := newFaultFS()
	var ev events
	f := openFaulty(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), SyncEachWrite: true, Report: ev.report}, fsys)
	fsys.set("sync", syscall.EIO)
	line := sinktest.Line(1, 0, 100)
	if n, err := f.Write(line); n != len(line) || !errors.Is(err, syscall.EIO) {
		t.Errorf("Write = %d, %v, want all of it taken and EIO", n, err)
	}
	if ev.count(sink.EventFailed) != 1 {
		t.Errorf("events = %v, want one %s", &ev, sink.EventFailed)
	}
}

// A crash between the archive and the removal of its source leaves both: the
// source goes when the archive is whole, and the archive is made again when it
// is not.
func TestFault6ArchiveBesideItsSource(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		for _, archive := range []string{"zstd", "gzip"} {
			dir := t.TempDir()
			c := sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: archive}
			f := openFile(t, c)
			var o sinktest.Oracle
			writeAll(t, f, sinktest.Line(1, 0, 5000))
			o.Ack(1, 0)
			if err := f.Rotate(); err != nil {
				t.Fatal(err)
			}
			source := filepath.Join(dir, logs(t, dir)[0])
			f.Settle()
			eventually(t, func() bool { return f.Stats().Archived == 1 })
			f.Close()
			name := logs(t, dir)[0]
			if damaged {
				if err := os.Truncate(filepath.Join(dir, name), 30); err != nil {
					t.Fatal(err)
				}
			}
			source, _ = strings.CutSuffix(strings.TrimSuffix(source, ".zst"), ".gz")
			if err := os.WriteFile(source, sinktest.Line(1, 0, 5000), 0o640); err != nil {
				t.Fatal(err)
			}
			f = openFile(t, c)
			f.Settle()
			eventually(t, func() bool { return archivedAll(t, f, dir, c) })
			if v := o.Check(content(t, dir)); !v.Clean() {
				t.Errorf("%s, damaged %v: %+v", archive, damaged, v)
			}
		}
	}
}

// With sealing no plain line is on disk at any time: not in the log, not in an
// archive, not in a queue.
func TestFault24SealedLeavesNoPlainText(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: 8 << 10, Recipients: []string{id.Recipient().String()}}
	f, q := pipelineOf(t, c, queue.Config{FlushEvery: time.Millisecond})
	var o sinktest.Oracle
	for n := range 2000 {
		q.Append(slog.LevelInfo, sinktest.Line(1, n, 200))
		o.Ack(1, n)
		if n%100 == 0 {
			for _, name := range logs(t, dir) {
				if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(b, []byte(`"producer"`)) {
					t.Fatalf("%s holds plain text", name)
				}
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Close(ctx); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if v := o.Check(content(t, dir, id)); !v.Clean() {
		t.Errorf("%+v", v)
	}
	if runtime.GOOS != "windows" {
		for _, name := range logs(t, dir) {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("%s: %v, %v, want mode 0640", name, info.Mode(), err)
			}
		}
	}
}

// A sealed file that was cut or renamed from outside: the lines go on in one
// that can be read.
func TestSealedAndExternalRotation(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), Recipients: []string{id.Recipient().String()}})
	var o sinktest.Oracle
	for n := range 40 {
		writeAll(t, f, sinktest.Line(1, n, 200))
		if n >= 20 {
			o.Ack(1, n)
		}
		switch n {
		case 9:
			if err := os.Rename(f.Path(), filepath.Join(dir, "app-moved.sealed")); err != nil {
				t.Fatal(err)
			}
		case 19:
			if err := os.Truncate(f.Path(), 0); err != nil {
				t.Fatal(err)
			}
		case 29:
			if err := f.Reopen(); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.Close()
	for _, name := range logs(t, dir) { // what is left of the one that was cut
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Size() < 200 {
			os.Remove(filepath.Join(dir, name))
		}
	}
	if v := o.Check(content(t, dir, id)); v.Lost+v.Corrupt+v.Duplicate > 0 {
		t.Errorf("%+v", v)
	}
}
