package sink_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

func TestFault1RotationUnderManyGoroutines(t *testing.T) {
	for _, goroutines := range []int{1, 4, 16} {
		for _, archive := range []string{"none", "zstd"} {
			t.Run(fmt.Sprintf("%d/%s", goroutines, archive), func(t *testing.T) {
				const limit = 20 << 10
				dir := t.TempDir()
				f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: limit, Archive: archive})
				var o sinktest.Oracle
				var wg sync.WaitGroup
				for p := range goroutines {
					wg.Go(func() {
						for n := range 2000 / goroutines {
							writeAll(t, f, sinktest.Line(p, n, 60+n%400))
							o.Ack(p, n)
						}
					})
				}
				wg.Wait()
				f.Settle()
				eventually(t, func() bool { return archivedAll(t, f, dir, sink.FileConfig{Archive: archive}) })
				if v := o.Check(content(t, dir)); !v.Clean() {
					t.Errorf("%+v", v)
				}
				names := logs(t, dir)
				if len(names) < 10 {
					t.Errorf("%d files, want at least 10 of 20 KB", len(names))
				}
				for _, name := range names {
					if n := len(plain(t, filepath.Join(dir, name))); n > limit {
						t.Errorf("%s: %d bytes of lines, want at most %d", name, n, limit)
					}
				}
			})
		}
	}
}

// One line, one Rotate, 3000 times within a few seconds.
func TestFault2RotateBackToBack(t *testing.T) {
	const rotations = 3000
	dir := t.TempDir()
	f, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: "none"}, noSyncFS{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o sinktest.Oracle
	for n := range rotations {
		writeAll(t, f, sinktest.Line(1, n, 60))
		o.Ack(1, n)
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(logs(t, dir)); got != rotations+1 {
		t.Errorf("%d files, want %d", got, rotations+1)
	}
	if v := o.Check(content(t, dir)); !v.Clean() || v.Arrived != rotations {
		t.Errorf("%+v, want %d arrived", v, rotations)
	}
	if err := f.Rotate(); err != nil || len(logs(t, dir)) != rotations+1 {
		t.Errorf("Rotate of an empty file: %v, %d files, want it to stay", err, len(logs(t, dir)))
	}
}

// The clock goes back an hour, again and again, and the process restarts: no
// name is used twice, and names sort in the order of writing.
func TestFault2ClockSetBack(t *testing.T) {
	dir := t.TempDir()
	var back atomic.Int64 // hours; the archiver reads the clock too
	clock := func() time.Time {
		return time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC).Add(-time.Duration(back.Load()) * time.Hour)
	}
	var o sinktest.Oracle
	n := 0
	for range 5 {
		f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: "none", Now: clock})
		for range 5 {
			writeAll(t, f, sinktest.Line(1, n, 100))
			o.Ack(1, n)
			n++
			if err := f.Rotate(); err != nil {
				t.Fatal(err)
			}
			back.Add(1)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if v := o.Check(content(t, dir)); !v.Clean() {
		t.Errorf("%+v", v) // Check demands the order too
	}
	if got := len(logs(t, dir)); got != 26 {
		t.Errorf("%d files, want 25 and the current one", got)
	}
}

// Days of 23 and 25 hours local time are days of 24 in UTC: one rotation at
// each midnight, whatever the clock does around it.
func TestFault2RotateAtMidnightUTC(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, start := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, berlin), time.Date(2026, 10, 24, 12, 0, 0, 0, berlin)} {
		dir := t.TempDir()
		now := start
		var clock atomic.Pointer[time.Time] // the archiver reads it too
		clock.Store(&start)
		f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateEvery: 24 * time.Hour, Archive: "none", Now: func() time.Time { return *clock.Load() }})
		setBack := map[int]bool{}
		for n := 0; now.Before(start.Add(72 * time.Hour)); n++ {
			writeAll(t, f, sinktest.Line(1, n, 100))
			now = now.Add(10 * time.Minute)
			if u := now.UTC(); u.Hour() == 0 && u.Minute() == 30 && !setBack[u.Day()] {
				setBack[u.Day()] = true
				now = now.Add(-time.Hour) // midnight comes a second time
			}
			at := now
			clock.Store(&at)
		}
		if got := f.Stats().Rotations; got != 3 || len(setBack) != 3 {
			t.Errorf("from %v: %d rotations at %d midnights, want 3", start, got, len(setBack))
		}
		f.Close()
	}
}

// A file that was last written to on another day rotates when the service
// starts again.
func TestRotateAtStartOfANewPeriod(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, sinktest.Line(1, 0, 100), 0o640); err != nil {
		t.Fatal(err)
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(path, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	f := openFile(t, sink.FileConfig{Path: path, RotateEvery: 24 * time.Hour, Archive: "none"})
	writeAll(t, f, sinktest.Line(1, 1, 100))
	if got, err := os.ReadFile(path); err != nil || string(got) != string(sinktest.Line(1, 1, 100)) {
		t.Errorf("the current file = %q, %v, want today's line alone", got, err)
	}
}

// logrotate renames the file and sends SIGHUP, or does not.
func TestExternalRename(t *testing.T) {
	for _, signal := range []bool{true, false} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		f := openFile(t, sink.FileConfig{Path: path})
		var o sinktest.Oracle
		for n := range 100 {
			writeAll(t, f, sinktest.Line(1, n, 100))
			o.Ack(1, n)
			if n%10 == 9 {
				if err := os.Rename(path, filepath.Join(dir, fmt.Sprintf("app-logrotate.%02d", n))); err != nil {
					t.Fatal(err)
				}
				if signal {
					if err := f.Reopen(); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if v := o.Check(content(t, dir)); !v.Clean() {
			t.Errorf("signal %v: %+v", signal, v)
		}
		if got := len(logs(t, dir)); got < 10 {
			t.Errorf("signal %v: %d files, want one for each rename", signal, got)
		}
	}
}

func TestExternalCopyTruncate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	f := openFile(t, sink.FileConfig{Path: path, RotateBytes: 5000, Archive: "none"})
	var o sinktest.Oracle
	for n := range 100 {
		writeAll(t, f, sinktest.Line(1, n, 100))
		o.Ack(1, n)
		if n%10 == 9 {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("app-copy.%02d", n)), b, 0o640); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := content(t, dir)
	if strings.Contains(string(all), "\x00") {
		t.Error("a file has a hole")
	}
	if v := o.Check(all); !v.Clean() {
		t.Errorf("%+v", v)
	}
	if got := f.Stats().Rotations; got != 0 {
		t.Errorf("%d rotations of a file that is cut every 1000 bytes, want none at 5000", got)
	}
}

// Somebody removes the folder.
func TestFolderRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log")})
	writeAll(t, f, sinktest.Line(1, 0, 100))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	writeAll(t, f, sinktest.Line(1, 1, 100))
	var o sinktest.Oracle
	o.Ack(1, 1)
	if v := o.Check(content(t, dir)); !v.Clean() {
		t.Errorf("%+v", v)
	}
}

// Whatever step of a rotation fails, the lines go on to a file that keeps them.
func TestFault5RotationThatFails(t *testing.T) {
	for _, op := range []string{"open:.new", "rename:app.log", "rename:.new", "sync", "syncdir", "remove:.new"} {
		t.Run(op, func(t *testing.T) {
			dir := t.TempDir()
			fsys := newFaultFS()
			var ev events
			f, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: 1000, Archive: "none", Report: ev.report}, fsys)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var o sinktest.Oracle
			for n := range 60 {
				switch n {
				case 20:
					fsys.set(op, syscall.EIO)
				case 40:
					eventually(t, func() bool { return ev.count(sink.EventRotateFailed)+ev.count(sink.EventFailed) > 0 })
					fsys.set(op, nil)
				}
				writeAll(t, f, sinktest.Line(1, n, 200))
				o.Ack(1, n)
			}
			eventually(t, func() bool { return ev.count(sink.EventRotateFailed)+ev.count(sink.EventFailed) > 0 })
			if err := f.Rotate(); err != nil {
				t.Errorf("Rotate once the fault is gone: %v", err)
			}
			if v := o.Check(content(t, dir)); !v.Clean() {
				t.Errorf("%+v", v)
			}
		})
	}
}

// Rotation where an open file cannot be renamed: in order, and when it fails.
func TestRotationOfClosedFiles(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, recipients := range [][]string{nil, {id.Recipient().String()}} {
		dir := t.TempDir()
		fsys := newFaultFS()
		var ev events
		f, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: 1500, Archive: "none", Recipients: recipients, Report: ev.report}, fsys)
		if err != nil {
			t.Fatal(err)
		}
		f.CloseFirst()
		var o sinktest.Oracle
		for n := range 100 {
			switch n {
			case 40:
				fsys.set("rename:app.log", syscall.EACCES)
			case 60:
				fsys.set("rename:app.log", nil)
			}
			line := sinktest.Line(1, n, 200)
			if taken, err := f.Write(line); err == nil && taken == len(line) {
				o.Ack(1, n)
			} else if n < 40 || n >= 60 {
				t.Fatalf("line %d: Write = %d, %v", n, taken, err)
			}
		}
		f.Close()
		if v := o.Check(content(t, dir, id)); !v.Clean() || v.Arrived < 80 {
			t.Errorf("%+v, want at least 80 arrived", v)
		}
		if got := len(logs(t, dir)); got < 3 {
			t.Errorf("%d files, want rotations", got)
		}
	}
}

func TestRetention(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	var offset atomic.Int64
	clock := func() time.Time { return now.Add(time.Duration(offset.Load())) }
	f := func(name string, c sink.FileConfig, want int) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.Path, c.Now, c.Archive = filepath.Join(dir, "app.log"), clock, "none"
			offset.Store(0)
			file := openFile(t, c)
			for n := range 10 { // ten files of 500 bytes, a day apart
				writeAll(t, file, sinktest.Line(1, n, 500))
				if err := file.Rotate(); err != nil {
					t.Fatal(err)
				}
				offset.Add(int64(24 * time.Hour))
			}
			writeAll(t, file, sinktest.Line(1, 10, 500))
			file.Settle()
			eventually(t, func() bool { return len(logs(t, dir)) <= want+1 })
			names := logs(t, dir)
			if len(names) != want+1 {
				t.Errorf("%d archives, want %d: %v", len(names)-1, want, names)
			}
			if !slices.Contains(names, "app.log") {
				t.Error("the current file is gone")
			}
			for i, name := range names[:len(names)-1] { // the newest ones stay
				if prefix := fmt.Sprintf("app-%08d-", 10-want+i+1); !strings.HasPrefix(name, prefix) {
					t.Errorf("archive %d = %s, want %s…", i, name, prefix)
				}
			}
			eventually(t, func() bool { return file.Stats().Deleted == uint64(10-want) })
		})
	}
	f("days", sink.FileConfig{RetainDays: 4}, 4)
	f("never", sink.FileConfig{RetainDays: -1}, 10)
	f("bytes", sink.FileConfig{RetainBytes: 1700}, 3)
	f("bytes_below_one_file", sink.FileConfig{RetainBytes: 10}, 1)
	f("days_and_bytes", sink.FileConfig{RetainDays: 5, RetainBytes: 1200}, 2)
}

// Deleting for space is said out loud and stops at the newest archive.
func TestFault4RetentionForFreeSpace(t *testing.T) {
	dir := t.TempDir()
	fsys := newFaultFS()
	fsys.free = 1000
	var ev events
	f, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: "none", MinFreeBytes: 5000, Report: ev.report}, fsys)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for n := range 5 {
		writeAll(t, f, sinktest.Line(1, n, 500))
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	f.Settle()
	eventually(t, func() bool { return ev.count(sink.EventSpaceLow) > 0 && f.Stats().Deleted == 4 })
	names := logs(t, dir)
	if len(names) != 2 || !strings.HasPrefix(names[0], "app-00000005-") {
		t.Errorf("left = %v, want the newest archive and the current file", names)
	}
	if got := ev.count(sink.EventDeleted); got != 4 {
		t.Errorf("%d deletions reported, want 4", got)
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	others := []string{
		"app-00000001.log", "app-1-20200101T000000Z.log", "app-00000001-20200101T000000Z.txt", "app-00000001-20200101T000000Z.log.bz2",
		"other-00000001-20200101T000000Z.log", "app-xxxxxxxx-20200101T000000Z.log", "app.log.1", "application-00000001-20200101T000000Z.log",
	}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), RetainDays: 1, RetainBytes: 1})
	for n := range 3 {
		writeAll(t, f, sinktest.Line(1, n, 100))
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	f.Settle()
	eventually(t, func() bool { return f.Stats().Deleted == 2 })
	f.Close()
	for _, name := range others {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != "mine\n" {
			t.Errorf("%s = %q, %v, want it untouched", name, got, err)
		}
	}
}

// Settings that are a slip of the pen cost no archive: more free space than
// there could be, more days than a time.Duration has.
func TestFault4RetentionBeyondReason(t *testing.T) {
	dir := t.TempDir()
	fsys := newFaultFS()
	fsys.free, fsys.total = 1000, 4000
	var ev events
	f := openFaulty(t, sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: "none", MinFreeBytes: 5000, RetainDays: 200_000, Report: ev.report}, fsys)
	for n := range 5 {
		writeAll(t, f, sinktest.Line(1, n, 500))
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	f.Settle()
	eventually(t, func() bool { return ev.count(sink.EventSpaceLow) > 0 }) // at the end of a pass
	if got := f.Stats().Deleted; got != 0 || len(logs(t, dir)) != 6 {
		t.Errorf("%d archives deleted: %v", got, &ev)
	}
}
