package sink_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"github.com/pairly/pairlog/internal/seal"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// events collects reports.
type events struct {
	mu  sync.Mutex
	all []sink.Event
}

func (e *events) report(ev sink.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, ev)
}

func (e *events) count(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, ev := range e.all {
		if ev.Name == name {
			n++
		}
	}
	return n
}

func (e *events) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return fmt.Sprintf("%+v", e.all)
}

func openFile(t testing.TB, c sink.FileConfig) *sink.File {
	t.Helper()
	f, err := sink.OpenFile(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func writeAll(t testing.TB, f *sink.File, batch []byte) {
	t.Helper()
	if n, err := f.Write(batch); err != nil || n != len(batch) {
		t.Fatalf("Write = %d, %v, want %d", n, err, len(batch))
	}
}

// logs lists the files of a folder, without locks, in the order of their
// names with the current file of each set last.
func logs(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		current := func(s string) int { return strings.Count(s, "-") }
		if c := current(b) - current(a); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return names
}

// content reads all files of a folder as one.
func content(t testing.TB, dir string, identities ...age.Identity) []byte {
	t.Helper()
	var all []byte
	for _, name := range logs(t, dir) {
		if strings.HasSuffix(name, ".new") { // a rotation that a kill cut short; it has no lines
			continue
		}
		if strings.HasSuffix(name, ".tmp") { // an archive in the making; its lines are still where they were
			continue
		}
		all = append(all, plain(t, filepath.Join(dir, name), identities...)...)
	}
	return all
}

// plain reads a file of any form.
func plain(t testing.TB, path string, identities ...age.Identity) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var r io.Reader = file
	switch filepath.Ext(path) {
	case ".zst":
		d, err := zstd.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		r = d
	case ".gz":
		if r, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	case ".sealed":
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if r, err = seal.NewReader(file, info.Size(), identities...); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return b
}

func TestFileConforms(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]sink.FileConfig{
		"plain":        {},
		"rotating":     {RotateBytes: 20 << 10, Archive: "none"},
		"zstd":         {RotateBytes: 50 << 10},
		"gzip":         {RotateBytes: 50 << 10, Archive: "gzip"},
		"sync":         {SyncEachWrite: true, RotateBytes: 100 << 10},
		"sealed":       {Recipients: []string{id.Recipient().String()}, RotateBytes: 20 << 10},
		"every minute": {RotateEvery: time.Minute},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) (sink.Sink, func() []byte) {
				dir := t.TempDir()
				c.Path = filepath.Join(dir, "app.log")
				f := openFile(t, c)
				return f, func() []byte {
					f.Settle()
					eventually(t, func() bool { return archivedAll(t, f, dir, c) })
					return content(t, dir, id)
				}
			})
		})
	}
}

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

// archivedAll says whether nothing is left for the archiver to do.
func archivedAll(t testing.TB, f *sink.File, dir string, c sink.FileConfig) bool {
	if f.Closed() {
		atRest(t, dir)
		return true
	}
	for _, name := range logs(t, dir) {
		plain := strings.Contains(name, "-") && strings.HasSuffix(name, ".log")
		if strings.HasSuffix(name, ".tmp") || plain && c.Archive != "none" && c.Recipients == nil {
			return false
		}
	}
	return true
}

// atRest waits until no file of a folder is on its way to its archive.
func atRest(t testing.TB, dir string) {
	t.Helper()
	eventually(t, func() bool {
		seen := map[string]bool{}
		for _, name := range logs(t, dir) {
			base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".tmp"), ".zst"), ".gz")
			if seen[base] || strings.HasSuffix(name, ".tmp") {
				return false
			}
			seen[base] = true
		}
		return true
	})
}

func TestFault1FileMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	for _, mask := range []int{0o077, 0o000} {
		t.Run(fmt.Sprintf("umask_%03o", mask), func(t *testing.T) {
			defer setUmask(setUmask(mask))
			dir := filepath.Join(t.TempDir(), "new", "folder")
			f := openFile(t, sink.FileConfig{Path: filepath.Join(dir, "app.log")})
			for n := range 3 {
				writeAll(t, f, sinktest.Line(1, n, 100))
				if err := f.Rotate(); err != nil {
					t.Fatal(err)
				}
			}
			f.Settle()
			eventually(t, func() bool { return f.Stats().Archived == 3 })
			for _, name := range logs(t, dir) {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != 0o640 {
					t.Errorf("%s: mode = %v, want 0640", name, got)
				}
			}
		})
	}
}

func TestPlantedSymlinkIsNotFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs symbolic links")
	}
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "app.log")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	if f, err := sink.OpenFile(sink.FileConfig{Path: link}); err == nil {
		f.Close()
		t.Error("OpenFile followed a symbolic link")
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	// One that is planted under the name of the next file.
	f := openFile(t, sink.FileConfig{Path: link, Archive: "none"})
	writeAll(t, f, sinktest.Line(1, 0, 100))
	if err := os.Symlink(victim, link+".new"); err != nil {
		t.Fatal(err)
	}
	if err := f.Rotate(); err != nil {
		t.Errorf("Rotate: %v", err)
	}
	writeAll(t, f, sinktest.Line(1, 1, 100))
	if got, err := os.ReadFile(victim); err != nil || string(got) != "mine" {
		t.Errorf("the link's target = %q, %v, want it untouched", got, err)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if f, err := sink.OpenFile(sink.FileConfig{Path: dir}); err == nil {
		f.Close()
		t.Error("OpenFile of a folder succeeded")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := sink.OpenFile(sink.FileConfig{Path: filepath.Join(file, "app.log")}); err == nil {
		f.Close()
		t.Error("OpenFile below a file succeeded")
	}
	for _, c := range []sink.FileConfig{{}, {Path: file, Archive: "rar"}, {Path: file, Recipients: []string{"age1nonsense"}}} {
		if f, err := sink.OpenFile(c); err == nil {
			f.Close()
			t.Errorf("OpenFile(%+v) succeeded", c)
		}
	}
}

func TestFault3SecondProcess(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	var ev events
	first := openFile(t, sink.FileConfig{Path: path})
	second := openFile(t, sink.FileConfig{Path: path, Report: ev.report, Archive: "none"})
	if got, want := second.Path(), filepath.Join(dir, "app.2.log"); got != want {
		t.Errorf("second path = %q, want %q", got, want)
	}
	if ev.count(sink.EventDegraded) != 1 {
		t.Errorf("events = %v, want one %s", &ev, sink.EventDegraded)
	}
	var o sinktest.Oracle
	var wg sync.WaitGroup
	for p, f := range []*sink.File{first, second} {
		wg.Go(func() {
			for n := range 500 {
				writeAll(t, f, sinktest.Line(p, n, 200))
				o.Ack(p, n)
				if n%100 == 99 {
					f.Rotate()
				}
			}
		})
	}
	wg.Wait()
	for _, f := range []*sink.File{first, second} {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if v := o.Check(content(t, dir)); !v.Clean() || v.Arrived != 1000 {
		t.Errorf("%+v, want 1000 arrived", v)
	}
	// The next process to start takes over what the second left.
	third := openFile(t, sink.FileConfig{Path: path, Archive: "none"})
	if third.Path() != path {
		t.Errorf("third path = %q, want %q", third.Path(), path)
	}
	for _, name := range logs(t, dir) {
		if strings.HasPrefix(name, "app.2") {
			t.Errorf("%s was not taken over", name)
		}
	}
	if v := o.Check(content(t, dir)); !v.Clean() || v.Arrived != 1000 {
		t.Errorf("after the takeover: %+v, want 1000 arrived", v)
	}
}

func TestFault5TornTailAtOpen(t *testing.T) {
	whole := string(sinktest.Line(1, 0, 100))
	torn := string(sinktest.Line(1, 1, 100)[:50])
	long := strings.Repeat("x", 70<<10)
	f := func(name, before, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "app.log")
			if err := os.WriteFile(path, []byte(before), 0o640); err != nil {
				t.Fatal(err)
			}
			var ev events
			file := openFile(t, sink.FileConfig{Path: path, Report: ev.report})
			writeAll(t, file, []byte("next\n"))
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want+"next\n" {
				t.Errorf("content = %.200q, want %.200q", got, want+"next\n")
			}
			if repaired := ev.count(sink.EventRepaired) == 1; repaired != (before != want) {
				t.Errorf("events = %v", &ev)
			}
		})
	}
	f("none", whole, whole)
	f("empty", "", "")
	f("torn", whole+torn, whole)
	f("torn_alone", torn, "")
	f("torn_and_long", whole+`{"pad":"`+long, whole)
	f("zeros", whole+strings.Repeat("\x00", 4096), whole)
	f("not_ours", "a text that somebody wrote", "a text that somebody wrote\n")
}

func TestErrors(t *testing.T) {
	f := openFile(t, sink.FileConfig{Path: filepath.Join(t.TempDir(), "app.log")})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"Sync": f.Sync(), "Rotate": f.Rotate(), "Reopen": f.Reopen()} {
		if err == nil {
			t.Errorf("%s after Close succeeded", name)
		}
	}
	if _, err := os.Stat(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

func BenchmarkFileWrite(b *testing.B) {
	f := openFile(b, sink.FileConfig{Path: filepath.Join(b.TempDir(), "app.log"), RotateBytes: 64 << 20, Archive: "none", RetainBytes: 1})
	batch := bytes.Repeat(sinktest.Line(1, 1, 400), 160)
	b.SetBytes(int64(len(batch)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Write(batch); err != nil {
			b.Fatal(err)
		}
	}
}
