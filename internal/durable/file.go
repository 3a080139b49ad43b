package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNotRegular is wrapped by the error of OpenAppend for a path that is a
// folder, a device, a pipe or a socket. A symbolic link fails with the
// system's own error instead.
var ErrNotRegular = errors.New("not a regular file")

// OpenAppend opens path for appending, creating it when it does not exist,
// and returns its size in bytes. The file has exactly the permissions perm,
// whatever the umask and whatever it had before. A symbolic link at path is
// not followed, and a pipe is not waited for.
func OpenAppend(fsys FS, path string, perm fs.FileMode) (File, int64, error) {
	f, err := fsys.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|noFollow|nonBlock, perm)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	if err == nil && info.Mode().Perm() != perm {
		err = chmod(f, perm, info)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// OpenRegular opens an existing file with the given flags of os.OpenFile,
// neither following a symbolic link nor waiting for a pipe.
func OpenRegular(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|noFollow|nonBlock, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// chmod sets permissions that umask or a former owner changed. Where that is
// not ours to do, a file that is at least not open to more people than wanted
// is good enough.
func chmod(f File, perm fs.FileMode, info fs.FileInfo) error {
	err := f.Chmod(perm)
	if err != nil && info.Mode().Perm()&^perm == 0 {
		return nil
	}
	if err != nil && !chmodWorks {
		return nil
	}
	return err
}

// Rename renames from to to in the same folder and makes that durable. An
// error of the sync comes after the rename has taken place; errors.As finds a
// [*SyncError] then.
func Rename(fsys FS, from, to string) error {
	if err := fsys.Rename(from, to); err != nil {
		return err
	}
	return syncParent(fsys, to)
}

// Remove removes path and makes that durable.
func Remove(fsys FS, path string) error {
	if err := fsys.Remove(path); err != nil {
		return err
	}
	return syncParent(fsys, path)
}

// SyncError says that an operation took place but may not survive a loss of
// power.
type SyncError struct {
	Dir string
	Err error
}

// Error returns "sync <dir>: <cause>".
func (e *SyncError) Error() string { return fmt.Sprintf("sync %s: %v", e.Dir, e.Err) }

// Unwrap returns the cause.
func (e *SyncError) Unwrap() error { return e.Err }

func syncParent(fsys FS, path string) error {
	dir := filepath.Dir(path)
	if err := fsys.SyncDir(dir); err != nil {
		return &SyncError{Dir: dir, Err: err}
	}
	return nil
}

// Create writes a file that is either whole or absent: write fills path.tmp,
// which is synced and then renamed to path, replacing what was there. After an
// error nothing but the former path is left, unless the error is a
// [*SyncError].
func Create(fsys FS, path string, perm fs.FileMode, write func(io.Writer) error) (err error) {
	tmp := path + ".tmp"
	// A leftover of a crash, or a link that someone planted.
	if err := fsys.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := fsys.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && f != nil {
			f.Close()
		}
		var late *SyncError
		if err != nil && !errors.As(err, &late) {
			fsys.Remove(tmp)
		}
	}()
	if err := f.Chmod(perm); err != nil && chmodWorks {
		return err
	}
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	err = f.Close()
	f = nil
	if err != nil {
		return err
	}
	return Rename(fsys, tmp, path)
}
