package main

import (
	"bytes"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestGrowPipe gives pipes more room, unless the user has too many already, and
// leaves alone what is no pipe.
func TestGrowPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	size := func() int {
		n, err := unix.FcntlInt(r.Fd(), unix.F_GETPIPE_SZ, 0)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	growPipe(r)
	if got := size(); got < pipeBytes {
		if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, pipeBytes); err == nil {
			t.Errorf("the pipe has %d bytes, want %d", got, pipeBytes)
		}
	}
	growPipe(&bytes.Buffer{})
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	growPipe(f)
}
