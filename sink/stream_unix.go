//go:build unix

package sink

import (
	"os"

	"golang.org/x/sys/unix"
)

// duplicate returns standard output or standard error under a number above 2,
// nil for all else and where that is not possible.
func duplicate(f *os.File) *os.File {
	c, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	own := -1
	_ = c.Control(func(fd uintptr) { // not f.Fd, which makes the file a blocking one
		if fd == 1 || fd == 2 {
			own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 3)
		}
	})
	if err != nil || own < 3 {
		return nil
	}
	return os.NewFile(uintptr(own), f.Name())
}
