package queue_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/pairly/pairlog/internal/queue"
	"github.com/pairly/pairlog/sink/sinktest"
	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of the given size, in bytes, where the test
// may do that.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// No room for the queue file: the queue is in memory and says so, the disk is
// left as it was.
func TestFault4DiskFullAtOpen(t *testing.T) {
	dir := smallDisk(t, 256<<10)
	var v valve
	var reports []queue.Event
	q := open(t, queue.Config{
		Path: filepath.Join(dir, "app.log.queue"), Bytes: 1 << 20, Drain: v.drain,
		Report: func(e queue.Event) { reports = append(reports, e) },
	})
	if len(reports) != 1 || reports[0].Name != queue.EventDegraded || !errors.Is(reports[0].Err, unix.ENOSPC) {
		t.Errorf("reports = %+v, want one %s for ENOSPC", reports, queue.EventDegraded)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	q.Append(slog.LevelInfo, []byte("a\n"))
	closeQueue(t, q)
	if got := string(v.content()); got != "a\n" {
		t.Errorf("drained %q, want the line", got)
	}
}

// Where there is no fallocate the blocks are allocated by writing them.
func TestFillAllocates(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const size = 600 << 10
	if err := queue.Fill(f, size); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	if st.Size != size || st.Blocks*512 < size {
		t.Errorf("%d bytes in %d blocks of 512, want %d, all allocated", st.Size, st.Blocks, size)
	}
	small, err := os.Create(filepath.Join(smallDisk(t, 64<<10), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	if err := queue.Fill(small, size); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Fill on a small disk = %v, want ENOSPC", err)
	}
}

// The disk fills up after the queue was opened: its blocks are its own, a store
// to them is not a SIGBUS.
func TestFault4DiskFullLater(t *testing.T) {
	dir := smallDisk(t, 1<<20)
	var v valve
	v.set(errShut)
	q := open(t, queue.Config{Path: filepath.Join(dir, "app.log.queue"), Bytes: 512 << 10, Drain: v.drain, Policy: queue.DropNewest})
	if q.Stats().Path == "" {
		t.Fatal("the queue is not mapped")
	}
	hog, err := os.Create(filepath.Join(dir, "hog"))
	if err != nil {
		t.Fatal(err)
	}
	defer hog.Close()
	for err == nil {
		_, err = hog.Write(make([]byte, 4096))
	}
	var o sinktest.Oracle
	for n := range 5000 {
		if q.Append(slog.LevelInfo, sinktest.Line(1, n, 300)) {
			o.Ack(1, n)
		}
	}
	v.set(nil)
	closeQueue(t, q)
	if verdict := o.Check(v.content()); !verdict.Clean() || verdict.Arrived < 1000 {
		t.Errorf("%+v", verdict)
	}
}
