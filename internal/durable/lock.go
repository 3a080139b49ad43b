package durable

import (
	"errors"
	"io/fs"
	"os"
)

// ErrLocked is returned by LockFile when another holder, in this process or
// another, has the lock.
var ErrLocked = errors.New("locked by another process")

// Lock is an exclusive claim on a file that ends with Unlock or with the
// process, however that dies.
type Lock struct{ f *os.File }

// LockFile takes the lock named path without waiting, creating the file with
// mode 0600 when it does not exist. The file stays after Unlock: removing it
// could split the lock between two processes.
func LockFile(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow|nonBlock, 0o600)
	if err != nil {
		return nil, err
	}
	if err := TryLock(f); err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	return &Lock{f: f}, nil
}

// Unlock ends the claim.
func (l *Lock) Unlock() error { return l.f.Close() }
