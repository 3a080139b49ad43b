//go:build unix

package pairlog

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth returns the width of the terminal that f is, in columns, or 0 if
// it is none.
func terminalWidth(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
