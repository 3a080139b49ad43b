package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const (
	noFollow   = 0
	nonBlock   = 0
	chmodWorks = false
)

// CanRenameOpen says whether a file may be renamed while it is open.
const CanRenameOpen = false

// TryLock takes an exclusive lock on an open file without waiting. It returns
// ErrLocked when somebody else has it. Closing the file ends the lock.
func TryLock(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	return err
}

func syncDir(string) error { return nil }

func space(dir string) (free, total uint64, err error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	err = windows.GetDiskFreeSpaceEx(p, &free, &total, nil)
	return free, total, err
}
