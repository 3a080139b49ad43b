package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes is the size that a pipe is given: the largest that Linux allows without
// privileges (pipe(7), /proc/sys/fs/pipe-max-size).
const pipeBytes = 1 << 20

// growPipe gives a stream that is a pipe more room, so that the programs at its ends
// wait for each other less often. Where that is not allowed nothing happens.
func growPipe(stream any) {
	f, ok := stream.(*os.File)
	if !ok {
		return
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		if n, err := unix.FcntlInt(fd, unix.F_GETPIPE_SZ, 0); err == nil && n < pipeBytes {
			_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeBytes)
		}
	})
}
