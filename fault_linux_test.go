package pairlog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pairly/pairlog"
)

// smallDisk mounts a file system of the given size, in bytes, where the test may
// do that.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// The disk of a service is full before it starts, fills up while it runs, and is
// freed again: it starts, serves, says so, and every line is in the log at the
// end.
func TestFault4DiskFullUnderAService(t *testing.T) {
	dir := smallDisk(t, 2<<20)
	hog := filepath.Join(dir, "hog")
	fill := func() {
		f, err := os.Create(hog)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for page := make([]byte, 4096); err == nil; {
			_, err = f.Write(page)
		}
	}
	path := filepath.Join(dir, "logs", "app.log")
	setenv(t, map[string]string{"LOG_OUTPUT": "file", "LOG_FILE_PATH": path, "LOG_QUEUE_SIZE": "512KB", "LOG_ROTATION_SIZE": "200KB", "LOG_QUEUE_POLICY": "block:10s"})
	c := pairlog.FromEnv()
	errOut := &buffer{}
	c.Err = errOut
	p, err := pairlog.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("x")
	n := 0
	write := func(lines int) {
		for range lines {
			log.Info("line", "n", n, "pad", strings.Repeat("x", n%300))
			n++
		}
	}
	write(500)
	fill()
	for p.Stats().SinkErrors == 0 {
		write(1)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_ = p.Flush(ctx) // or what is written before the disk is found full may fill the queue
		cancel()
	}
	write(500) // the queue's file has its room already
	if err := os.Remove(hog); err != nil {
		t.Fatal(err)
	}
	write(500)
	closePipeline(t, p)
	if s := p.Stats(); s.DroppedTotal() > 0 || s.Pending > 0 || s.QueueFile == "" {
		t.Errorf("stats = %+v, want nothing dropped or left", s)
	}
	acked := make([]int, n)
	for i := range acked {
		acked[i] = i
	}
	text := logOf(t, path)
	check(t, acked, numbers(t, text))
	if count(t, errOut.String(), "log_drain_failed") != 1 || count(t, text, "log_drain_resumed") != 1 {
		t.Errorf("want one report of the failure and one of its end: %s", errOut)
	}

	// And one that finds the disk full.
	fill()
	errOut = &buffer{}
	c.FilePath, c.Err = filepath.Join(dir, "others", "app.log"), errOut
	if p, err = pairlog.Open(c); err != nil {
		t.Fatal(err)
	}
	p.Logger("x").Info("served")
	os.Remove(hog)
	closePipeline(t, p)
	all := errOut.String()
	if b, err := os.ReadFile(c.FilePath); err == nil {
		all += string(b)
	}
	if !strings.Contains(all, "no space left") || !bytes.Contains([]byte(all), []byte(`"served"`)) {
		t.Errorf("want the line and the reason: %s", all)
	}
}

// Whatever is wrong with the place for the log when a service starts, it starts,
// serves, and says once what is wrong.
func TestStartsWithABadPlaceForTheLog(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(at("file"), nil, 0o600))
	must(os.MkdirAll(at("folder/app.log"), 0o700))
	must(os.Mkdir(at("pipe"), 0o700))
	must(syscall.Mkfifo(at("pipe/app.log"), 0o600))
	must(os.Mkdir(at("link"), 0o700))
	must(os.Symlink(at("nothing"), at("link/app.log")))
	must(os.MkdirAll(at("lock/.app.log.lock"), 0o700))
	must(os.Mkdir(at("taken"), 0o700))
	must(os.MkdirAll(at("readonly"), 0o700))
	first, err := pairlog.Open(pairlog.Config{File: true, FilePath: at("taken/app.log"), Err: io.Discard})
	must(err)
	defer closePipeline(t, first)
	readOnly := syscall.Mount("tmpfs", at("readonly"), "tmpfs", syscall.MS_RDONLY, "") == nil
	if readOnly {
		defer syscall.Unmount(at("readonly"), syscall.MNT_DETACH)
	}
	f := func(name, path, reason string) {
		t.Helper()
		errOut := &buffer{}
		p, err := pairlog.Open(pairlog.Config{File: true, FilePath: path, Err: errOut})
		if err != nil {
			t.Fatalf("%s: Open = %v", name, err)
		}
		p.Logger("x").Info("served")
		p.Logger("x").Info("served")
		closePipeline(t, p)
		text := errOut.String()
		for _, file := range []string{path, strings.TrimSuffix(path, ".log") + ".2.log"} {
			if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() {
				text += readFile(t, file)
			}
		}
		if count(t, text, "served") != 2 || count(t, text, "log_sink_degraded") != 1 || !strings.Contains(text, reason) {
			t.Errorf("%s: want two lines and one report with %q: %s", name, reason, text)
		}
	}
	f("a file for the folder", at("file/app.log"), "not a directory")
	f("a folder for the file", at("folder/app.log"), "a folder")
	f("a pipe", at("pipe/app.log"), "not a regular file")
	f("a link to nothing", at("link/app.log"), "a symbolic link")
	f("a device", "/dev/full", "not a regular file")
	f("no such file system", "/proc/app.log", "no such file")
	f("a folder for the lock", at("lock/app.log"), "is a directory")
	f("too long a name", at(strings.Repeat("n", 300)+".log"), "too long")
	f("another process", at("taken/app.log"), "another process")
	if readOnly {
		f("a disk to read from", at("readonly/app.log"), "read-only")
	}
	small := smallDisk(t, 1<<20)
	f("no room for the queue", filepath.Join(small, "app.log"), "no space left")
}
