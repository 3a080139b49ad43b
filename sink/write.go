package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Write implements [Sink]: one write to the file, unless the file rotates
// between two lines of the batch. After an error the file ends with the last
// whole line that was written.
func (f *File) Write(batch []byte) (int, error) {
	f.mu.Lock()
	defer f.unlock()
	written := 0
	for first := true; written < len(batch); first = false {
		rest := batch[written:]
		if err := f.prepare(len(rest), first); err != nil {
			return written, f.failed(err)
		}
		n, err := f.writeLines(f.fitting(rest))
		written += n
		f.stats.Bytes += uint64(n)
		if err != nil {
			return written, f.failed(err)
		}
	}
	if f.closed {
		return 0, errClosed
	}
	if f.c.SyncEachWrite && written > 0 {
		// The lines are written: to offer them again would double them. So
		// the caller has nothing to do about the error, and it is reported.
		if err := f.f.Sync(); err != nil {
			f.report(EventFailed, f.Path(), 0, err)
			return written, f.failed(err)
		}
	}
	return written, nil
}

func (f *File) failed(err error) error {
	f.stats.WriteErrors++
	if errors.Is(err, syscall.ENOSPC) {
		f.archiver.rouse() // it may be allowed to make room
	}
	return err
}

// prepare makes f.f the file that the next lines belong to: it opens one where
// there is none, notices what others have done to it, and rotates. First says
// that a batch begins, so that what was rotated during the last one may be
// archived.
func (f *File) prepare(next int, first bool) error {
	if f.closed {
		return errClosed
	}
	if f.f == nil {
		if err := f.open(); err != nil {
			return err
		}
	}
	if !f.looked {
		f.lookOutside()
	}
	f.looked = false
	if err := f.missing(); err != nil {
		return err
	}
	now := f.c.Now()
	switch {
	case f.pastBoundary(now) && f.size > f.empty:
		f.tryRotate(now)
	case f.pastBoundary(now):
		f.boundary = f.nextBoundary(now)
	case f.sealer == nil && f.tooLarge(int64(next)):
		f.tryRotate(now)
	}
	if first && f.settled < f.seq {
		f.settled = f.seq
		f.archiver.rouse()
	}
	return f.missing()
}

// missing is an error when a rotation that failed has left no file to write
// to, which is possible only where an open file cannot be renamed.
func (f *File) missing() error {
	if f.f == nil {
		return fmt.Errorf("write %s: it could not be opened again after a rotation", f.Path())
	}
	return nil
}

// tooLarge says whether the file must rotate before n more bytes.
func (f *File) tooLarge(n int64) bool {
	return f.c.RotateBytes > 0 && f.size > f.empty && f.size+n > f.c.RotateBytes && !time.Now().Before(f.patience)
}

// fitting returns the leading lines of batch that the file has room for, and
// at least one.
func (f *File) fitting(batch []byte) []byte {
	room := f.c.RotateBytes - f.size
	if f.sealer != nil || f.c.RotateBytes < 0 || int64(len(batch)) <= room || f.size > f.empty {
		return batch // in a file that would not rotate all of it fits
	}
	end := bytes.LastIndexByte(batch[:max(room, 0)], '\n') + 1
	if end == 0 {
		end = bytes.IndexByte(batch, '\n') + 1
	}
	if end == 0 {
		return batch
	}
	return batch[:end]
}

// writeLines writes lines to the current file and returns how many bytes of
// them, whole lines, are in it.
func (f *File) writeLines(lines []byte) (int, error) {
	if err := f.mend(); err != nil {
		return 0, err
	}
	if f.sealer != nil {
		return f.writeFrame(lines)
	}
	n, err := f.write(lines)
	f.size += int64(n)
	if err == nil {
		f.hintWriteback()
		return n, nil
	}
	whole := bytes.LastIndexByte(lines[:n], '\n') + 1
	if f.torn = int64(n - whole); f.torn > 0 {
		// Now, while the place is certain; if it fails, before the next write.
		err = errors.Join(err, f.cutTorn())
	}
	return whole, err
}

// write is f.f.Write, with a short write made an error and an interrupted one
// continued.
func (f *File) write(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := f.f.Write(p[n:])
		n += max(m, 0)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return n, err
		case m == 0:
			return n, &fs.PathError{Op: "write", Path: f.Path(), Err: io.ErrShortWrite}
		}
	}
	return n, nil
}

// writeFrame writes lines as one sealed frame, or nothing.
func (f *File) writeFrame(lines []byte) (int, error) {
	frame, err := f.sealer.Frame(f.frame[:0], lines)
	if err != nil {
		return 0, err
	}
	if f.tooLarge(int64(len(frame))) {
		f.tryRotate(f.c.Now())
		if err := f.missing(); err != nil {
			return 0, err
		}
		if frame, err = f.sealer.Frame(frame[:0], lines); err != nil {
			return 0, err
		}
	}
	if cap(frame) <= keepBuffer {
		f.frame = frame
	}
	n, err := f.write(frame)
	f.size += int64(n)
	if err != nil {
		if f.torn = int64(n); f.torn > 0 {
			err = errors.Join(err, f.cutTorn())
		}
		return 0, err
	}
	return len(lines), f.sealer.Commit()
}

// mend gets rid of a torn line that is still at the end of the file.
func (f *File) mend() error {
	if f.torn == 0 || f.cutTorn() == nil {
		return nil
	}
	if f.sealer != nil {
		f.torn = 0 // readers of sealed files skip it
		return nil
	}
	// A file that cannot be cut, as an append-only one: the torn line must at
	// least not merge with the next.
	n, err := f.write([]byte("\n"))
	f.size += int64(n)
	if err == nil {
		f.torn = 0
	}
	return err
}

// cutTorn cuts the last f.torn bytes off. Their place is counted from the end
// that the file has now: somebody else may have truncated it before they were
// written.
func (f *File) cutTorn() error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	size := max(info.Size()-f.torn, 0)
	if err := f.f.Truncate(size); err != nil {
		return err
	}
	f.stats.RepairedBytes += uint64(f.torn)
	f.size, f.torn = size, 0
	return nil
}

// lookOutside notices what others did to the file. Renamed or removed, as by
// logrotate: the path is opened anew. Truncated, as by its copytruncate: the
// size is taken over. What fails is reported, and the lines go on to the file
// that is open.
func (f *File) lookOutside() {
	named, err := f.fs.Lstat(f.Path())
	gone := errors.Is(err, fs.ErrNotExist)
	if err != nil && !gone {
		return
	}
	if gone || !os.SameFile(named, f.info) {
		if err := f.reopen(); err != nil {
			f.report(EventDegraded, f.Path(), 0, fmt.Errorf("open again: %w", err))
		}
		return
	}
	size := named.Size()
	if _, _, ok := identity(named); !ok {
		// Here the size that goes with the name may be an old one.
		mine, err := f.f.Stat()
		if err != nil {
			return
		}
		size = mine.Size()
	}
	if f.sealer != nil && size < f.size {
		f.tryRotate(f.c.Now()) // its header may be gone
		return
	}
	if size < f.size {
		f.started = 0
	}
	f.size = size
}

// Reopen opens the path anew, for use after an external program has renamed
// the file. Without it that is noticed at the next Write.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.unlock()
	if f.closed {
		return errClosed
	}
	if err := f.reopen(); err != nil {
		return fmt.Errorf("sink: reopen: %w", err)
	}
	return nil
}

func (f *File) reopen() error {
	if err := f.fs.MkdirAll(filepath.Dir(f.c.Path), folderPerm); err != nil {
		return err
	}
	old, sealer := f.f, f.sealer
	if err := f.open(); err != nil {
		return err
	}
	if old != nil {
		if sealer != nil {
			endFrame(old, sealer)
		}
		old.Close()
	}
	return f.fs.SyncDir(f.set.dir)
}
