//go:build unix

package durable

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const (
	noFollow   = unix.O_NOFOLLOW
	nonBlock   = unix.O_NONBLOCK // regular files ignore it; a pipe then fails instead of waiting for a reader
	chmodWorks = true
)

// CanRenameOpen says whether a file may be renamed while it is open.
const CanRenameOpen = true

// TryLock takes an exclusive lock on an open file without waiting. It returns
// ErrLocked when somebody else has it, and an error that is
// errors.ErrUnsupported on file systems without locks. Closing the file ends
// the lock.
func TryLock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrLocked
		case errors.Is(err, unix.ENOLCK):
			return fmt.Errorf("%w: %w", errors.ErrUnsupported, os.NewSyscallError("flock", err))
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	d.Close()
	// Some network and user-space file systems do not sync folders; they have
	// no call that would.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}
