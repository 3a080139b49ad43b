package sink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pairly/pairlog/internal/durable"
	"github.com/pairly/pairlog/internal/seal"
)

// archiver turns rotated files into archives and deletes old ones, in a
// goroutine of its own. What there is to do it learns from the folder alone,
// so that a crash at any moment leaves nothing to be remembered.
type archiver struct {
	f       *File
	wake    chan struct{} // capacity 1
	stop    chan struct{}
	once    sync.Once
	stopped chan struct{}
}

// Pauses of the archiver.
const (
	// archiveRetry is the time from a failure to the next attempt.
	archiveRetry = time.Minute
	// archiveEvery is how often old archives are looked for when nothing
	// rotates.
	archiveEvery = time.Hour
	// settleAfter is how long files that were there at OpenFile are left
	// alone if no line is written: the queue may ask for them by Written.
	settleAfter = time.Minute
)

func startArchiver(f *File) *archiver {
	a := &archiver{f: f, wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{})}
	go a.run()
	return a
}

// rouse has the folder looked through soon; it never blocks.
func (a *archiver) rouse() {
	if a == nil {
		return // OpenFile is not done
	}
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// close ends the goroutine and waits for it.
func (a *archiver) close() {
	a.once.Do(func() { close(a.stop) })
	<-a.stopped
}

var errStopped = errors.New("stopped")

func (a *archiver) stopping() bool {
	select {
	case <-a.stop:
		return true
	default:
		return false
	}
}

func (a *archiver) run() {
	defer close(a.stopped)
	timer := time.NewTimer(settleAfter)
	defer timer.Stop()
	for {
		select {
		case <-a.stop:
			return
		case <-a.wake:
		case <-timer.C:
			a.f.mu.Lock()
			a.f.settled = a.f.seq
			a.f.mu.Unlock()
		}
		a.f.mu.Lock()
		a.f.retire()
		a.f.unlock()
		timer.Reset(archiveEvery)
		if err := a.pass(); err != nil && !errors.Is(err, errStopped) {
			timer.Reset(archiveRetry)
		}
	}
}

// pass archives what is due and then applies retention.
func (a *archiver) pass() error {
	old, err := a.settledFiles()
	if err != nil {
		a.failed(a.f.set.dir, err)
		return err
	}
	var failure error
	for i, r := range old {
		if r.form != formPlain || a.form() == formPlain {
			continue
		}
		if a.stopping() {
			return errStopped
		}
		if i+1 < len(old) && old[i+1].seq == r.seq && a.whole(old[i+1].path, r.size) {
			// A crash came between the archive and the removal.
			failure = errors.Join(failure, a.remove(r))
			continue
		}
		if err := a.archive(r); err != nil {
			failure = err
			if !errors.Is(err, errStopped) {
				a.failed(r.path, err)
			}
		}
	}
	if a.stopping() {
		return errStopped
	}
	return errors.Join(failure, a.retain())
}

// settledFiles lists the rotated files that may be touched.
func (a *archiver) settledFiles() ([]rotated, error) {
	a.f.mu.Lock()
	settled := a.f.settled
	a.f.mu.Unlock()
	old, err := a.f.set.list(a.f.fs)
	if err != nil {
		return nil, err
	}
	for i, r := range old {
		if r.seq > settled {
			return old[:i], nil
		}
	}
	return old, nil
}

// form is what rotated files are to become.
func (a *archiver) form() string {
	switch {
	case a.f.recipients != nil:
		return formSealed
	case a.f.c.Archive == "zstd":
		return formZstd
	case a.f.c.Archive == "gzip":
		return formGzip
	}
	return formPlain
}

func (a *archiver) failed(path string, err error) {
	a.f.c.Report(Event{Name: EventArchiveFailed, Sink: a.f.String(), Path: path, Err: err})
}

// archive replaces r by its archive. The archive has its name only once it is
// whole and on disk, and only then is r removed.
func (a *archiver) archive(r rotated) error {
	target := r.path + a.form()
	src, err := durable.OpenRegular(r.path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer src.Close()
	err = durable.Create(a.f.fs, target, filePerm, func(w io.Writer) error {
		switch a.form() {
		case formZstd:
			return a.compressZstd(w, src)
		case formGzip:
			return a.compressGzip(w, src)
		default:
			return sealFile(w, src, a.f.recipients, a.stopping)
		}
	})
	var late *durable.SyncError
	if err != nil && !errors.As(err, &late) {
		return err
	}
	if err == nil {
		err = durable.Remove(a.f.fs, r.path)
	}
	a.f.mu.Lock()
	a.f.stats.Archived++
	a.f.mu.Unlock()
	return err
}

// whole says whether an archive that was found beside its source can be read
// and has the source's size. A sealed one nobody here can read; it had its
// name only when it was whole.
func (a *archiver) whole(path string, size int64) bool {
	file, err := durable.OpenRegular(path, os.O_RDONLY)
	if err != nil {
		return false
	}
	defer file.Close()
	var r io.Reader
	switch {
	case strings.HasSuffix(path, formZstd):
		d, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return false
		}
		defer d.Close()
		r = d
	case strings.HasSuffix(path, formGzip):
		if r, err = gzip.NewReader(file); err != nil {
			return false
		}
	default:
		return true
	}
	n, err := io.Copy(io.Discard, r)
	return err == nil && n == size
}

// chunkBytes is the size of the independent parts of an archive, before
// compression: a reader that wants the middle, or finds damage, reads this much
// in vain.
const chunkBytes = 1 << 20

// chunks calls f with parts of src, each whole lines and about chunkBytes.
func chunks(src io.Reader, stopping func() bool, f func(chunk []byte) error) error {
	buf := make([]byte, 0, chunkBytes)
	for {
		n, err := io.ReadFull(src, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		end := bytes.LastIndexByte(buf, '\n') + 1
		if last || end == 0 { // a line longer than a chunk is cut
			end = len(buf)
		}
		if end > 0 {
			if err := f(buf[:end]); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		buf = buf[:copy(buf, buf[end:])]
		if stopping() {
			return errStopped
		}
	}
}

// Numbers of the seekable zstd format
// (facebook/zstd:contrib/seekable_format/zstd_seekable_compression_format.md).
const (
	seekSkippable  = 0x184D2A5E
	seekMagic      = 0x8F92EAB1
	seekEntryBytes = 8
	seekFootBytes  = 9
)

// compressZstd writes independent frames and, for readers that know it, a
// table of where they begin; others take the table for a frame to skip.
func (a *archiver) compressZstd(w io.Writer, src io.Reader) error {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	defer enc.Close()
	var out, table []byte
	err = chunks(src, a.stopping, func(chunk []byte) error {
		out = enc.EncodeAll(chunk, out[:0])
		table = binary.LittleEndian.AppendUint32(table, uint32(len(out)))
		table = binary.LittleEndian.AppendUint32(table, uint32(len(chunk)))
		_, err := w.Write(out)
		return err
	})
	if err != nil {
		return err
	}
	foot := binary.LittleEndian.AppendUint32(nil, seekSkippable)
	foot = binary.LittleEndian.AppendUint32(foot, uint32(len(table)+seekFootBytes))
	foot = append(foot, table...)
	foot = binary.LittleEndian.AppendUint32(foot, uint32(len(table)/seekEntryBytes))
	foot = append(foot, 0) // no checksums: the frames have their own
	foot = binary.LittleEndian.AppendUint32(foot, seekMagic)
	_, err = w.Write(foot)
	return err
}

// compressGzip writes a gzip member for each chunk; gunzip reads them as one.
func (a *archiver) compressGzip(w io.Writer, src io.Reader) error {
	z := gzip.NewWriter(w)
	return chunks(src, a.stopping, func(chunk []byte) error {
		z.Reset(w)
		if _, err := z.Write(chunk); err != nil {
			return err
		}
		return z.Close()
	})
}

// sealFile seals a plain file.
func sealFile(w io.Writer, src io.Reader, recipients []age.Recipient, stopping func() bool) error {
	s, out, err := seal.NewWriter(recipients)
	if err != nil {
		return err
	}
	defer s.Wipe()
	if _, err := w.Write(out); err != nil {
		return err
	}
	err = chunks(src, stopping, func(chunk []byte) error {
		if out, err = s.Frame(out[:0], chunk); err != nil {
			return err
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		return s.Commit()
	})
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	if out, err = s.End(out[:0]); err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}
