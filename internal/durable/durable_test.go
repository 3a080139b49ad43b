package durable_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pairly/pairlog/internal/durable"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOpenAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("one\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, size, err := durable.OpenAppend(durable.OS{}, path, 0o640)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size != 4 {
		t.Errorf("size = %d, want 4", size)
	}
	if _, err := f.Write([]byte("two\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), "one\ntwo\n"; got != want {
		t.Errorf("content = %q, want %q", got, want)
	}
	if runtime.GOOS == "windows" {
		return
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), fs.FileMode(0o640); got != want {
		t.Errorf("mode = %v, want %v", got, want)
	}
}

func TestOpenAppendRefusesWhatIsNoFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs symbolic links")
	}
	dir := t.TempDir()
	victim, link := filepath.Join(dir, "victim"), filepath.Join(dir, "link.log")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	if f, _, err := durable.OpenAppend(durable.OS{}, link, 0o640); err == nil {
		f.Close()
		t.Error("OpenAppend followed a planted symbolic link")
	}
	if got := read(t, victim); got != "mine" {
		t.Errorf("the link's target = %q, want it untouched", got)
	}
	if f, _, err := durable.OpenAppend(durable.OS{}, dir, 0o640); err == nil {
		f.Close()
		t.Error("OpenAppend opened a folder")
	}
}

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, text)
			return err
		}
	}
	if err := durable.Create(durable.OS{}, path, 0o600, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("no more")
	if err := durable.Create(durable.OS{}, path, 0o600, write("sec", cause)); !errors.Is(err, cause) {
		t.Errorf("error = %v, want %v", err, cause)
	}
	if got, want := read(t, path), "first"; got != want {
		t.Errorf("content after a failed Create = %q, want %q", got, want)
	}
	if _, err := os.Lstat(path + ".tmp"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed Create left its temporary file: %v", err)
	}
	if err := os.WriteFile(path+".tmp", []byte("leftover of a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.Create(durable.OS{}, path, 0o600, write("second", nil)); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), "second"; got != want {
		t.Errorf("content = %q, want %q", got, want)
	}
}

// failingDir is a file system whose folders do not sync.
type failingDir struct{ durable.OS }

func (failingDir) SyncDir(string) error { return errors.New("input/output error") }

func TestRenameReportsAFailedSync(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(from, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := durable.Rename(failingDir{}, from, to)
	var late *durable.SyncError
	if !errors.As(err, &late) {
		t.Fatalf("error = %v, want a *SyncError", err)
	}
	if got := read(t, to); got != "x" {
		t.Errorf("content = %q, want %q: the rename itself took place", got, "x")
	}
}

func TestLockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	first, err := durable.LockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := durable.LockFile(path); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("second lock: error = %v, want ErrLocked", err)
	}
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
	second, err := durable.LockFile(path)
	if err != nil {
		t.Fatalf("lock after unlock: %v", err)
	}
	second.Unlock()
}

func TestFree(t *testing.T) {
	n, err := durable.OS{}.Free(t.TempDir())
	if err != nil || n == 0 {
		t.Errorf("Free = %d, %v, want some bytes", n, err)
	}
}
