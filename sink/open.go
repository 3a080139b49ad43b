package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/pairly/pairlog/internal/durable"
	"github.com/pairly/pairlog/internal/seal"
)

// maxProcesses is how many processes may be given the same path at a time.
const maxProcesses = 64

// claim locks the first free name for FileConfig.Path.
func (f *File) claim() error {
	for nth := 1; nth <= maxProcesses; nth++ {
		f.set = newSet(f.c.Path, nth)
		if err := f.regular(); err != nil {
			return err // before a lock is left beside somebody's device
		}
		lock, err := durable.LockFile(f.set.lockName())
		if errors.Is(err, durable.ErrLocked) {
			continue
		}
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) && nth == 1 && f.exists() {
			// A file system without locks; or a file that an administrator
			// made in a folder of theirs, which cannot rotate either.
			f.report(EventDegraded, f.Path(), 0, fmt.Errorf("go on without a lock: %w", err))
			return nil
		}
		if err != nil {
			return err
		}
		f.lock = lock
		if nth > 1 {
			f.report(EventDegraded, f.Path(), 0, fmt.Errorf("another process writes to %s", f.c.Path))
		}
		return nil
	}
	return fmt.Errorf("open %s: %d processes write to files of this name: %w", f.c.Path, maxProcesses, durable.ErrLocked)
}

// regular says what stands where the file is to be, if it is something else.
func (f *File) regular() error {
	info, err := f.fs.Lstat(f.Path())
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	err = durable.ErrNotRegular
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		err = fmt.Errorf("%w but a symbolic link, which is not followed", err)
	case info.IsDir():
		err = fmt.Errorf("%w but a folder", err)
	}
	return &fs.PathError{Op: "open", Path: f.Path(), Err: err}
}

func (f *File) exists() bool {
	_, err := f.fs.Lstat(f.Path())
	return err == nil
}

// putAsideLeftovers rotates what cannot be appended to: files of processes
// that had to take another name and are gone, and files that are sealed when
// they should not be or the other way round. A failure leaves them where they
// are, for the next OpenFile.
func (f *File) putAsideLeftovers() {
	sealed := f.recipients != nil
	fresh := f.Path() + newSuffix
	if info, err := f.fs.Lstat(fresh); err == nil && (info.Size() == 0 || sealed) {
		f.fs.Remove(fresh) // of a rotation that a crash cut short; it has no lines
	}
	f.putAside(f.set.current(!sealed), formOf(!sealed))
	if f.set != newSet(f.c.Path, 1) {
		return
	}
	for nth := 2; nth <= maxProcesses; nth++ {
		other := newSet(f.c.Path, nth)
		if _, err := f.fs.Lstat(other.lockName()); err != nil {
			continue
		}
		lock, err := durable.LockFile(other.lockName())
		if err != nil {
			continue // alive
		}
		f.adopt(other)
		lock.Unlock()
	}
}

// adopt takes over the files of a process that is gone.
func (f *File) adopt(other set) {
	old, err := other.list(f.fs)
	if err != nil {
		return
	}
	for _, r := range old {
		f.seq++
		if err := f.fs.Rename(r.path, f.set.aside(f.seq, r.at, r.form)); err != nil {
			f.report(EventRotateFailed, r.path, 0, err)
		}
	}
	f.putAside(other.current(false), formPlain)
	f.putAside(other.current(true), formSealed)
	for _, sealed := range []bool{false, true} {
		f.fs.Remove(other.current(sealed) + newSuffix)
	}
}

func formOf(sealed bool) string {
	if sealed {
		return formSealed
	}
	return formPlain
}

// putAside rotates a file that nobody writes to, if there is one.
func (f *File) putAside(path, form string) {
	info, err := f.fs.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if info.Size() == 0 {
		f.fs.Remove(path)
		return
	}
	if form == formPlain {
		f.repairClosed(path)
	}
	f.seq++
	if err := durable.Rename(f.fs, path, f.set.aside(f.seq, info.ModTime(), form)); err != nil {
		f.report(EventRotateFailed, path, 0, err)
	}
}

func (f *File) repairClosed(path string) {
	file, size, err := durable.OpenAppend(f.fs, path, filePerm)
	if err != nil {
		return
	}
	f.repair(file, path, size)
	file.Close()
}

// open opens the current file and repairs its end.
func (f *File) open() error {
	if f.recipients != nil {
		// The keys of a sealed file went with the process that began it, or
		// when this one ended it.
		f.putAside(f.Path(), formSealed)
	}
	next, err := f.create(f.Path())
	if err != nil {
		return err
	}
	if next.sealer == nil && next.size > 0 {
		next.size = f.repair(next.f, f.Path(), next.size)
	}
	f.use(next)
	return nil
}

// opened is a file that is ready to be written to.
type opened struct {
	f      durable.File
	size   int64
	empty  int64
	sealer *seal.Writer
	info   fs.FileInfo // from before the first write
}

// create opens path for appending. A sealed file must be new; it gets its
// header.
func (f *File) create(path string) (o opened, err error) {
	if o.f, o.size, err = durable.OpenAppend(f.fs, path, filePerm); err != nil {
		return o, err
	}
	defer func() {
		if err != nil {
			o.f.Close()
		}
	}()
	if o.info, err = o.f.Stat(); err != nil || f.recipients == nil {
		return o, err
	}
	if o.size > 0 {
		return o, fmt.Errorf("open %s: a sealed file cannot be appended to", path)
	}
	var header []byte
	if o.sealer, header, err = seal.NewWriter(f.recipients); err != nil {
		return o, err
	}
	n, err := o.f.Write(header)
	if err != nil || n < len(header) {
		return o, errors.Join(err, o.f.Truncate(0), io.ErrShortWrite)
	}
	o.size, o.empty = int64(n), int64(n)
	return o, nil
}

// use makes o the current file.
func (f *File) use(o opened) {
	f.f, f.info, f.size, f.empty, f.sealer, f.torn = o.f, o.info, o.size, o.empty, o.sealer, 0
	f.started = o.size
	last := f.c.Now()
	if o.size > o.empty { // lines of an earlier run belong to their own period
		last = o.info.ModTime()
	}
	f.boundary = f.nextBoundary(last)
}

// maxTail is how far from the end of a file, in bytes, a torn line is looked
// for.
const maxTail = 1 << 20

// repair deals with a last line that has no end: the rest of a record that a
// crash tore is cut off, since the queue still has the whole of it; anything
// else is not ours to delete and gets an end. It returns the size of the file.
func (f *File) repair(file durable.File, path string, size int64) int64 {
	tail, err := lastLine(path, size)
	if err != nil || len(tail) == 0 {
		return size
	}
	if ours := tail[0] == '{' || len(bytes.Trim(tail, "\x00")) == 0; ours && len(tail) < maxTail {
		if err := file.Truncate(size - int64(len(tail))); err == nil {
			f.stats.RepairedBytes += uint64(len(tail))
			f.report(EventRepaired, path, uint64(len(tail)), nil)
			return size - int64(len(tail))
		}
	}
	if n, err := file.Write([]byte("\n")); err == nil {
		size += int64(n)
		f.report(EventRepaired, path, 0, nil)
	}
	return size
}

// lastLine returns what follows the last newline, or the last maxTail bytes.
func lastLine(path string, size int64) ([]byte, error) {
	r, err := durable.OpenRegular(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	tail := make([]byte, min(size, 4<<10))
	for {
		if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil {
			return nil, err
		}
		if i := bytes.LastIndexByte(tail, '\n'); i >= 0 {
			return tail[i+1:], nil
		}
		if len(tail) == maxTail || int64(len(tail)) == size {
			return tail, nil
		}
		tail = make([]byte, min(size, int64(16*len(tail)), maxTail))
	}
}
