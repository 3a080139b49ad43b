package sink

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// beginWriteback has the system write a part of a file to the disk. It does not
// wait for the disk, only for room in its queue. Errors are those of a later
// sync.
func beginWriteback(s span) {
	file, ok := s.f.(syscall.Conn)
	if !ok {
		return
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return
	}
	// A file that was closed meanwhile is left alone.
	_ = conn.Control(func(fd uintptr) {
		_ = unix.SyncFileRange(int(fd), s.from, s.to-s.from, unix.SYNC_FILE_RANGE_WRITE)
	})
}
