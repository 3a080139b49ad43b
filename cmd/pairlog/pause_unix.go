//go:build linux || darwin

package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pauseMillis is how long a stream must have been silent to be pausing: longer than
// most networks falter, and hardly noticed by who watches.
const pauseMillis = 200

// pausing is a stream that can tell whether it pauses, so that lines of a program
// that goes on running are shown when they come.
type pausing struct {
	*os.File
	fd int
}

// withPauses returns a stream that can tell whether it pauses, where in is a pipe, a
// socket or a terminal, and in otherwise.
func withPauses(in io.Reader) io.Reader {
	f, ok := in.(*os.File)
	if !ok {
		return in
	}
	if info, err := f.Stat(); err != nil || info.Mode().IsRegular() {
		return in
	}
	return pausing{f, int(f.Fd())}
}

// Paused reports whether there was nothing to read for a moment.
func (p pausing) Paused() bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, pauseMillis)
	return n == 0 && err == nil
}
