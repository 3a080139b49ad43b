package sink_test

import (
	"io/fs"
	"strings"
	"sync"
	"syscall"

	"github.com/pairly/pairlog/internal/durable"
)

// faultFS is the real file system with faults that a test turns on. It is safe
// for concurrent use.
type faultFS struct {
	durable.OS

	mu sync.Mutex
	// space is how many more bytes may be written; -1 is no limit.
	space int
	// fail makes the operations named here fail: "write", "sync", "truncate",
	// "open", "rename", "remove", "syncdir". The value may hold a part of the
	// path that the fault is limited to, after a colon: "rename:.new".
	fail map[string]error
	// interrupts is how many writes are cut in half by a signal.
	interrupts int
	// free and total are what Free and Total answer; -1 is the truth.
	free, total int64
}

func newFaultFS() *faultFS {
	return &faultFS{space: -1, free: -1, total: -1, fail: map[string]error{}}
}

func (f *faultFS) set(op string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.fail, op)
	} else {
		f.fail[op] = err
	}
}

func (f *faultFS) setSpace(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.space = n
}

func (f *faultFS) check(op, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, err := range f.fail {
		name, part, _ := strings.Cut(name, ":")
		if name == op && strings.Contains(path, part) {
			return &fs.PathError{Op: op, Path: path, Err: err}
		}
	}
	return nil
}

func (f *faultFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if err := f.check("open", name); err != nil {
		return nil, err
	}
	file, err := f.OS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: file, fs: f}, nil
}

func (f *faultFS) Rename(from, to string) error {
	if err := f.check("rename", from); err != nil {
		return err
	}
	return f.OS.Rename(from, to)
}

func (f *faultFS) Remove(name string) error {
	if err := f.check("remove", name); err != nil {
		return err
	}
	return f.OS.Remove(name)
}

func (f *faultFS) SyncDir(dir string) error {
	if err := f.check("syncdir", dir); err != nil {
		return err
	}
	return f.OS.SyncDir(dir)
}

func (f *faultFS) Free(dir string) (uint64, error) {
	f.mu.Lock()
	free := f.free
	f.mu.Unlock()
	if free >= 0 {
		return uint64(free), nil
	}
	return f.OS.Free(dir)
}

func (f *faultFS) Total(dir string) (uint64, error) {
	if f.total >= 0 {
		return uint64(f.total), nil
	}
	return f.OS.Total(dir)
}

type faultFile struct {
	durable.File
	fs *faultFS
}

func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fs.check("write", f.Name()); err != nil {
		return 0, err
	}
	f.fs.mu.Lock()
	n, err := len(p), error(nil)
	if f.fs.interrupts > 0 && n > 1 {
		f.fs.interrupts--
		n, err = n/2, syscall.EINTR
	}
	if f.fs.space >= 0 {
		if n > f.fs.space {
			n, err = f.fs.space, syscall.ENOSPC
		}
		f.fs.space -= n
	}
	f.fs.mu.Unlock()
	m, werr := f.File.Write(p[:n])
	if werr != nil {
		err = werr
	}
	if err != nil {
		err = &fs.PathError{Op: "write", Path: f.Name(), Err: err}
	}
	return m, err
}

func (f *faultFile) Truncate(size int64) error {
	if err := f.fs.check("truncate", f.Name()); err != nil {
		return err
	}
	info, err := f.File.Stat()
	if err != nil {
		return err
	}
	f.fs.mu.Lock()
	if f.fs.space >= 0 && size < info.Size() {
		f.fs.space += int(info.Size() - size)
	}
	f.fs.mu.Unlock()
	return f.File.Truncate(size)
}

// Sync does not wait for the disk.
func (f *faultFile) Sync() error { return f.fs.check("sync", f.Name()) }

// noSyncFS is the real file system without the waiting for disks.
type noSyncFS struct{ durable.OS }

func (n noSyncFS) SyncDir(string) error { return nil }

func (n noSyncFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := n.OS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return noSyncFile{f}, nil
}

type noSyncFile struct{ durable.File }

func (noSyncFile) Sync() error { return nil }
