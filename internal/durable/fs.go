package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File is the part of *os.File that writers of logs need. Its methods have
// the contracts of *os.File's.
type File interface {
	io.Writer
	Name() string
	Stat() (fs.FileInfo, error)
	Chmod(mode fs.FileMode) error
	Truncate(size int64) error
	Sync() error
	Close() error
}

// FS is the part of the file system that writers of logs need. Its methods
// have the contracts of the functions of package os with the same names.
type FS interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(dir string) ([]fs.DirEntry, error)
	MkdirAll(dir string, perm fs.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes the entries of dir durable: creations, renames and
	// removals in it. Where the system has no such thing it does nothing.
	SyncDir(dir string) error
	// Free returns the bytes that an unprivileged process may still write to
	// the file system of dir.
	Free(dir string) (uint64, error)
	// Total returns the size of the file system of dir, in bytes.
	Total(dir string) (uint64, error)
}

// OS is the FS of the operating system.
type OS struct{}

var _ FS = OS{}

// OpenFile is os.OpenFile.
func (OS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // not f: a nil *os.File in a File is not nil
	}
	return f, nil
}

// Lstat is os.Lstat.
func (OS) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// ReadDir is os.ReadDir.
func (OS) ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }

// MkdirAll is os.MkdirAll, but what it creates has exactly these permissions,
// whatever the umask.
func (OS) MkdirAll(dir string, perm fs.FileMode) error {
	var created []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		created = append(created, at)
	}
	if err := os.MkdirAll(dir, perm); err != nil {
		return err
	}
	for _, at := range created {
		if err := os.Chmod(at, perm); err != nil && chmodWorks {
			return err
		}
	}
	return nil
}

// Rename is os.Rename.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove is os.Remove.
func (OS) Remove(name string) error { return os.Remove(name) }

// SyncDir implements [FS].
func (OS) SyncDir(dir string) error { return syncDir(dir) }

// Free implements [FS].
func (OS) Free(dir string) (uint64, error) {
	n, _, err := space(dir)
	return n, err
}

// Total implements [FS].
func (OS) Total(dir string) (uint64, error) {
	_, n, err := space(dir)
	return n, err
}
