package sink

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Defaults of FileConfig.
const (
	DefaultRotateBytes = 100 << 20
	DefaultRetainDays  = 30
)

// FileConfig describes a log file and what becomes of it. Only Path is
// required.
type FileConfig struct {
	// Path is the file that lines are appended to. It is created with its
	// folder and has mode 0640 whatever the umask.
	Path string
	// RotateBytes is the size at which the file is put aside and a new one
	// begun, in bytes. 0 means DefaultRotateBytes (100 MB), -1 never.
	RotateBytes int64
	// RotateEvery also rotates by time, at the multiples of it since
	// 1970-01-01 UTC; 24h is midnight UTC. 0 means off.
	RotateEvery time.Duration
	// RetainDays deletes archives that were rotated more than this many days
	// ago. 0 means DefaultRetainDays (30), -1 never.
	RetainDays int
	// RetainBytes deletes the oldest archives while all of them together are
	// larger than this, in bytes on disk. 0 means off.
	RetainBytes int64
	// MinFreeBytes deletes the oldest archives, never the newest one, while
	// the file system has less than this free, in bytes. 0 means off.
	MinFreeBytes int64
	// Archive is what rotated files become: "zstd" (also ""), "gzip" or
	// "none".
	Archive string
	// Recipients are age recipients. When there is at least one, lines are
	// encrypted to them before they reach the disk.
	Recipients []string
	// SyncEachWrite makes every Write durable before it returns, at the
	// price of an fsync each.
	SyncEachWrite bool
	// Now is the clock. nil means time.Now.
	Now func() time.Time
	// Report, when set, receives what the file has to say about itself. It
	// is called with no lock held that File's methods need.
	Report func(Event)
}

// FileStats counts what a File has done since OpenFile.
type FileStats struct {
	// Bytes counts accepted line bytes.
	Bytes uint64
	// Rotations, Archived and Deleted count files.
	Rotations, Archived, Deleted uint64
	// WriteErrors counts failed writes; nothing is lost by one alone, since
	// the caller still has the lines.
	WriteErrors uint64
	// RepairedBytes counts the bytes of torn lines that were cut off.
	RepairedBytes uint64
}

// File appends lines to a file that rotates. All methods are safe for
// concurrent use.
type File struct {
	c FileConfig

	mu    sync.Mutex
	f     *os.File  // guarded by mu; nil after Close
	size  int64     // guarded by mu
	seq   int       // guarded by mu: number of the last rotated file
	stats FileStats // guarded by mu
}

var _ Sink = (*File)(nil)

func (c FileConfig) withDefaults() (FileConfig, error) {
	if c.Path == "" {
		return c, errors.New("sink: open file: FileConfig.Path is empty")
	}
	if c.RotateBytes == 0 {
		c.RotateBytes = DefaultRotateBytes
	}
	if c.RetainDays == 0 {
		c.RetainDays = DefaultRetainDays
	}
	switch c.Archive {
	case "":
		c.Archive = "zstd"
	case "zstd", "gzip", "none":
	default:
		return c, fmt.Errorf("sink: open file: want Archive zstd, gzip or none, got %q", c.Archive)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	return c, nil
}

// OpenFile opens or creates the log file. An error means that nothing can be
// written there; it wraps the cause, so errors.Is(err, fs.ErrPermission) and
// the like work.
func OpenFile(c FileConfig) (*File, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o750); err != nil {
		return nil, fmt.Errorf("sink: open file: %w", err)
	}
	f := &File{c: c}
	if f.f, f.size, err = openAppend(c.Path); err != nil {
		return nil, fmt.Errorf("sink: open file: %w", err)
	}
	return f, nil
}

func openAppend(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Chmod(0o640)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Write implements [Sink]. It rotates first when batch would make the file
// too large.
func (f *File) Write(batch []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return 0, errClosed
	}
	if f.c.RotateBytes > 0 && f.size > 0 && f.size+int64(len(batch)) > f.c.RotateBytes {
		if err := f.rotate(); err != nil {
			f.c.Report(Event{Name: EventRotateFailed, Sink: f.String(), Path: f.c.Path, Err: err})
		}
	}
	n, err := f.f.Write(batch)
	if err != nil {
		f.stats.WriteErrors++
		whole := bytes.LastIndexByte(batch[:n], '\n') + 1
		if terr := f.f.Truncate(f.size + int64(whole)); terr != nil {
			err = errors.Join(err, terr)
		}
		n = whole
	}
	f.size += int64(n)
	f.stats.Bytes += uint64(n)
	return n, err
}

// Rotate puts the current file aside under its archive name and begins a new
// one.
func (f *File) Rotate() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return errClosed
	}
	return f.rotate()
}

func (f *File) rotate() error {
	f.seq++
	ext := filepath.Ext(f.c.Path)
	stem := f.c.Path[:len(f.c.Path)-len(ext)]
	aside := fmt.Sprintf("%s-%08d-%s%s", stem, f.seq, f.c.Now().UTC().Format("20060102T150405Z"), ext)
	if err := os.Rename(f.c.Path, aside); err != nil {
		return err
	}
	next, size, err := openAppend(f.c.Path)
	if err != nil {
		return err
	}
	f.f.Close()
	f.f, f.size = next, size
	f.stats.Rotations++
	return nil
}

// Reopen opens the path anew, for use after an external program has renamed
// the file.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return errClosed
	}
	next, size, err := openAppend(f.c.Path)
	if err != nil {
		return err
	}
	f.f.Close()
	f.f, f.size = next, size
	return nil
}

// Path returns the file that is written to, which differs from
// FileConfig.Path when another process holds that one.
func (f *File) Path() string { return f.c.Path }

// Mark implements the Mark function of the queue: it says where the next
// bytes will land.
func (f *File) Mark(next int) [32]byte { return [32]byte{} }

// Written implements the Written function of the queue: it says how many
// leading bytes of pending are already in the file at mark.
func (f *File) Written(mark [32]byte, pending []byte) int { return 0 }

// Stats returns a snapshot of the counters.
func (f *File) Stats() FileStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Sync implements [Sink] with an fsync.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return errClosed
	}
	return f.f.Sync()
}

// Close implements [Sink]. It syncs the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return nil
	}
	err := errors.Join(f.f.Sync(), f.f.Close())
	f.f = nil
	return err
}

// String returns "file:" and the path.
func (f *File) String() string { return "file:" + f.c.Path }
