package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/pairly/pairlog/internal/durable"
	"github.com/pairly/pairlog/internal/seal"
)

// Defaults of FileConfig.
const (
	DefaultRotateBytes = 100 << 20
	DefaultRetainDays  = 30
	// MaxRetainDays is a hundred years; beyond that archives are kept for ever.
	MaxRetainDays = 36500
)

// filePerm and folderPerm are the permissions of everything a File makes,
// whatever the umask: the group of a log shipper may read, nobody else.
const (
	filePerm   = 0o640
	folderPerm = 0o750
)

// FileConfig describes a log file and what becomes of it. Only Path is
// required.
type FileConfig struct {
	// Path is the file that lines are appended to. It is created with its
	// folder and has mode 0640 whatever the umask. A symbolic link is not
	// followed.
	Path string
	// RotateBytes is the size at which the file is put aside and a new one
	// begun, in bytes. 0 means DefaultRotateBytes (100 MB), -1 never. A file
	// is larger only when a single line is.
	RotateBytes int64
	// RotateEvery also rotates by time, at the multiples of it since
	// 1970-01-01 UTC; 24h is midnight UTC. It takes place with the first
	// line after that moment. 0 means off.
	RotateEvery time.Duration
	// RetainDays deletes archives that were rotated more than this many days
	// ago. 0 means DefaultRetainDays (30); -1 means never, and so does more
	// than MaxRetainDays.
	RetainDays int
	// RetainBytes deletes the oldest archives, never the newest one, while
	// all of them together are larger than this, in bytes on disk. 0 means
	// off.
	RetainBytes int64
	// MinFreeBytes deletes the oldest archives, never the newest one, while
	// the file system has less than this free, in bytes, and reports each
	// as EventDeleted. 0 means off.
	MinFreeBytes int64
	// Archive is what rotated files become: "zstd" (also ""), "gzip" or
	// "none".
	Archive string
	// Recipients are age recipients ("age1..."). When there is at least one,
	// lines are encrypted to them before they reach the disk, in a file
	// named Path with ".sealed" added; plain files that an earlier
	// configuration left are sealed and removed.
	Recipients []string
	// SyncEachWrite makes every Write durable before it returns, at the
	// price of an fsync each.
	SyncEachWrite bool
	// Now is the clock. nil means time.Now.
	Now func() time.Time
	// Report, when set, receives what the file has to say about itself. It
	// may call File's methods.
	Report func(Event)
}

// FileStats counts what a File has done since OpenFile.
type FileStats struct {
	// Bytes counts accepted line bytes, before encryption.
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
//
// A File has its file for itself: it holds a lock in the folder, and a second
// process that is given the same path writes to one beside it, named app.2.log
// for app.log, and reports that.
type File struct {
	c          FileConfig
	fs         durable.FS
	recipients []age.Recipient // nil when lines are written in the clear
	set        set             // the names of this file and its archives
	closeFirst bool            // the system does not rename open files
	lock       *durable.Lock   // nil in a folder that is not ours to create files in

	mu       sync.Mutex
	f        durable.File // guarded by mu; nil when there is none to write to
	info     fs.FileInfo  // guarded by mu: of f when it was opened, for its identity
	closed   bool         // guarded by mu
	size     int64        // guarded by mu: of f
	empty    int64        // guarded by mu: the size of f without any lines
	torn     int64        // guarded by mu: bytes of a torn line at the end of f
	started  int64        // guarded by mu: how far the system was told to write f to the disk
	looked   bool         // guarded by mu: Mark has just looked after f for the next Write
	sealer   *seal.Writer // guarded by mu: of f, nil when it is plain
	frame    []byte       // guarded by mu: reused
	seq      int          // guarded by mu: of the newest rotated file
	settled  int          // guarded by mu: archives up to this one may be touched
	boundary time.Time    // guarded by mu: when to rotate next by time; zero is never
	patience time.Time    // guarded by mu: no rotation by size before this, after one failed
	stats    FileStats    // guarded by mu
	retired  []retired    // guarded by mu: rotated files to be synced and closed
	events   []Event      // guarded by mu: to be reported once it is released

	archiver  *archiver
	writeback *writeback // nil when every write is synced
}

var _ Sink = (*File)(nil)

func (c FileConfig) withDefaults() (FileConfig, error) {
	if c.Path == "" {
		return c, errors.New("FileConfig.Path is empty")
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
		return c, fmt.Errorf("want Archive zstd, gzip or none, got %q", c.Archive)
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
// the like work. A torn last line that a crash has left is repaired.
func OpenFile(c FileConfig) (*File, error) { return openFile(c, durable.OS{}) }

func openFile(c FileConfig, fsys durable.FS) (*File, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("sink: open file: %w", err)
	}
	f := &File{c: c, fs: fsys, closeFirst: !durable.CanRenameOpen}
	if len(c.Recipients) > 0 {
		if f.recipients, err = seal.ParseRecipients(c.Recipients); err != nil {
			return nil, fmt.Errorf("sink: open file: %w", err)
		}
	}
	f.mu.Lock()
	defer f.unlock()
	if err := f.begin(); err != nil {
		return nil, fmt.Errorf("sink: open file: %w", err)
	}
	f.archiver = startArchiver(f)
	if !c.SyncEachWrite {
		f.writeback = startWriteback()
	}
	return f, nil
}

// begin takes the lock, sees what is there and opens the file to write to.
func (f *File) begin() (err error) {
	if err := f.fs.MkdirAll(filepath.Dir(f.c.Path), folderPerm); err != nil {
		return err
	}
	if err := f.claim(); err != nil {
		return err
	}
	defer func() {
		if err != nil && f.lock != nil {
			f.lock.Unlock()
		}
	}()
	old, err := f.set.list(f.fs)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		f.seq = old[len(old)-1].seq
	}
	f.putAsideLeftovers()
	return f.open()
}

// unlock releases mu and then reports what happened under it.
func (f *File) unlock() {
	events := f.events
	f.events = nil
	f.mu.Unlock()
	for _, e := range events {
		f.c.Report(e)
	}
}

// report keeps an event until mu is released.
func (f *File) report(name, path string, count uint64, err error) {
	f.events = append(f.events, Event{Name: name, Sink: f.String(), Path: path, Count: count, Err: err})
}

// Path returns the file that is written to. It differs from FileConfig.Path
// when another process holds that one and when lines are sealed.
func (f *File) Path() string { return f.set.current(f.recipients != nil) }

// String returns "file:" and the path.
func (f *File) String() string { return "file:" + f.Path() }

// Stats returns a snapshot of the counters.
func (f *File) Stats() FileStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// Sync implements [Sink] with an fsync.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.unlock()
	if f.closed {
		return errClosed
	}
	if f.f == nil {
		return nil
	}
	return f.f.Sync()
}

// Close implements [Sink]. It syncs the file, ends the archive goroutine, which
// leaves unfinished work to the next OpenFile, and gives up the lock.
func (f *File) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	var errs []error
	if f.f != nil {
		errs = append(errs, f.endSealed(), f.f.Sync(), f.f.Close())
		f.f = nil
	}
	f.unlock()
	f.archiver.close()
	f.writeback.close()
	f.mu.Lock()
	f.retire()
	f.unlock()
	if f.lock != nil {
		errs = append(errs, f.lock.Unlock())
	}
	return errors.Join(errs...)
}
