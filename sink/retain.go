package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pairly/pairlog/internal/durable"
)

// retain deletes archives by age, by total size and for free space, the oldest
// first. The newest is deleted by age alone.
func (a *archiver) retain() error {
	old, err := a.settledFiles()
	if err != nil {
		a.failed(a.f.set.dir, err)
		return err
	}
	c := &a.f.c
	if c.RetainDays > 0 && c.RetainDays <= MaxRetainDays {
		limit := c.Now().Add(-time.Duration(c.RetainDays) * 24 * time.Hour)
		kept := old[:0]
		for _, r := range old {
			if r.at.Before(limit) {
				err = errors.Join(err, a.remove(r))
			} else {
				kept = append(kept, r)
			}
		}
		old = kept
	}
	if c.RetainBytes > 0 {
		var total int64
		for _, r := range old {
			total += r.size
		}
		for len(old) > 1 && total > c.RetainBytes {
			err = errors.Join(err, a.remove(old[0]))
			total -= old[0].size
			old = old[1:]
		}
	}
	if c.MinFreeBytes > 0 {
		err = errors.Join(err, a.makeRoom(old))
	}
	return err
}

// makeRoom deletes archives until MinFreeBytes are free. That is not by age or
// plan, so each deletion is reported.
func (a *archiver) makeRoom(old []rotated) error {
	for {
		free, err := a.f.fs.Free(a.f.set.dir)
		if err != nil {
			if errors.Is(err, errors.ErrUnsupported) {
				return nil
			}
			a.failed(a.f.set.dir, err)
			return err
		}
		if free >= uint64(a.f.c.MinFreeBytes) {
			return nil
		}
		if total, err := a.f.fs.Total(a.f.set.dir); err == nil && total < uint64(a.f.c.MinFreeBytes) {
			// A slip of the pen must not cost every archive.
			a.f.c.Report(Event{Name: EventSpaceLow, Sink: a.f.String(), Path: a.f.set.dir, Count: free,
				Err: fmt.Errorf("%d bytes are to be free on a file system of %d: nothing is deleted", a.f.c.MinFreeBytes, total)})
			return nil
		}
		if len(old) <= 1 {
			a.f.c.Report(Event{Name: EventSpaceLow, Sink: a.f.String(), Path: a.f.set.dir, Count: free})
			return nil
		}
		if err := a.remove(old[0]); err != nil {
			return err
		}
		a.f.c.Report(Event{Name: EventDeleted, Sink: a.f.String(), Path: old[0].path, Count: uint64(old[0].size)})
		old = old[1:]
	}
}

func (a *archiver) remove(r rotated) error {
	err := durable.Remove(a.f.fs, r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		a.failed(r.path, err)
		return err
	}
	a.f.mu.Lock()
	a.f.stats.Deleted++
	a.f.mu.Unlock()
	return nil
}
