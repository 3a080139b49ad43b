package sink

import (
	"errors"
	"io/fs"
	"time"

	"github.com/pairly/pairlog/internal/durable"
	"github.com/pairly/pairlog/internal/seal"
)

// newSuffix is added to the name of the next file until the current one is
// out of its way.
const newSuffix = ".new"

// rotatePause is how long a rotation that failed is not tried again; the file
// grows meanwhile.
const rotatePause = time.Second

// Rotate puts the current file aside under its archive name and begins a new
// one. An empty file stays. After an error the current file is still in use.
func (f *File) Rotate() error {
	f.mu.Lock()
	defer f.unlock()
	if f.closed {
		return errClosed
	}
	if f.f == nil || f.size == f.empty {
		return nil
	}
	if err := f.rotate(f.c.Now()); err != nil {
		return err
	}
	f.settled = f.seq
	f.archiver.rouse()
	return nil
}

// tryRotate rotates, and reports a failure, after which the file grows on.
func (f *File) tryRotate(now time.Time) {
	if err := f.rotate(now); err != nil {
		f.report(EventRotateFailed, f.Path(), 0, err)
		f.patience = time.Now().Add(rotatePause)
		if f.pastBoundary(now) {
			f.boundary = now.Add(rotatePause)
		}
	}
}

// rotate has the next file open before the current one leaves its name, so
// that at no moment there is nothing to write to.
func (f *File) rotate(now time.Time) error {
	if f.closeFirst {
		return f.rotateClosed(now)
	}
	path := f.Path()
	if err := f.fs.Remove(path + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	next, err := f.create(path + newSuffix)
	if err != nil {
		return err
	}
	aside := f.nextAside(now)
	if err = f.fs.Rename(path, aside); err == nil {
		if err = f.fs.Rename(path+newSuffix, path); err != nil {
			err = errors.Join(err, f.fs.Rename(aside, path))
		}
	}
	if err != nil {
		next.f.Close()
		f.fs.Remove(path + newSuffix)
		return err
	}
	f.seq++
	old, sealer, size := f.f, f.sealer, f.size
	f.use(next)
	f.rotated(aside, size)
	if sealer != nil {
		endFrame(old, sealer)
	}
	f.retired = append(f.retired, retired{old, aside})
	if f.c.SyncEachWrite {
		f.retire()
	} else {
		f.archiver.rouse()
	}
	return nil
}

// minTold is the smallest RotateBytes with which rotations are reported. The
// report becomes a line of this very file: where one line fills a file, each
// rotation would cause the next.
const minTold = 1 << 10

// rotated counts and reports that a new file was begun.
func (f *File) rotated(aside string, size int64) {
	f.stats.Rotations++
	if f.c.RotateBytes <= 0 || f.c.RotateBytes >= minTold {
		f.report(EventRotated, aside, uint64(size), nil)
	}
}

// retired is a rotated file that is still open.
type retired struct {
	f    durable.File
	path string
}

// retire makes rotated files and their names durable and closes them. That may
// wait for a disk to take a hundred megabytes, so the archiver does it, with mu
// released, unless every write is synced anyway. It is called with mu held.
func (f *File) retire() {
	all := f.retired
	if f.retired = nil; len(all) == 0 {
		return
	}
	if !f.c.SyncEachWrite {
		f.mu.Unlock()
		defer f.mu.Lock()
	}
	var errs []error
	for _, r := range all {
		errs = append(errs, r.f.Sync(), r.f.Close())
	}
	// The lines are written; an error is for the record.
	if err := errors.Join(append(errs, f.fs.SyncDir(f.set.dir))...); err != nil {
		e := Event{Name: EventFailed, Sink: f.String(), Path: all[len(all)-1].path, Err: err}
		if f.c.SyncEachWrite {
			f.events = append(f.events, e)
		} else {
			f.c.Report(e)
		}
	}
}

// rotateClosed is rotate for systems that do not rename open files.
func (f *File) rotateClosed(now time.Time) error {
	aside, size := f.nextAside(now), f.size
	err := errors.Join(f.endSealed(), f.f.Sync(), f.f.Close())
	f.f = nil
	if err == nil {
		err = f.fs.Rename(f.Path(), aside)
	}
	if err == nil {
		f.seq++
		f.rotated(aside, size)
	}
	return errors.Join(err, f.open())
}

// nextAside returns the name of the next rotated file. It is one that nothing
// has.
func (f *File) nextAside(now time.Time) string {
	for ; ; f.seq++ {
		taken := false
		for _, form := range []string{formPlain, formZstd, formGzip, formSealed} {
			_, err := f.fs.Lstat(f.set.aside(f.seq+1, now, form))
			taken = taken || err == nil
		}
		if !taken {
			return f.set.aside(f.seq+1, now, formOf(f.recipients != nil))
		}
	}
}

// endSealed ends the current file if it is sealed.
func (f *File) endSealed() error {
	if f.sealer == nil {
		return nil
	}
	if err := f.mend(); err != nil {
		return err
	}
	return endFrame(f.f, f.sealer)
}

// endFrame writes the end frame of a sealed file, by which a reader knows that
// nothing was cut off, and wipes the key.
func endFrame(file durable.File, w *seal.Writer) error {
	frame, err := w.End(nil)
	if err == nil {
		_, err = file.Write(frame)
	}
	w.Wipe()
	return err
}

// nextBoundary returns the first multiple of RotateEvery since 1970 UTC that is
// after t.
func (f *File) nextBoundary(t time.Time) time.Time {
	every := f.c.RotateEvery
	if every <= 0 {
		return time.Time{}
	}
	since := t.Sub(time.Unix(0, 0))
	return time.Unix(0, 0).UTC().Add(since - since%every + every)
}

// pastBoundary says whether it is time to rotate. A clock that was set back
// does not lead to a second rotation at the same boundary; only when it was set
// back by more than a period is the boundary forgotten.
func (f *File) pastBoundary(now time.Time) bool {
	if f.boundary.IsZero() {
		return false
	}
	if f.boundary.Sub(now) > 2*f.c.RotateEvery {
		f.boundary = f.nextBoundary(now)
	}
	return !now.Before(f.boundary)
}
