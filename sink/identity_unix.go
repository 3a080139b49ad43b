//go:build unix

package sink

import (
	"io/fs"
	"syscall"
)

// identity returns the numbers by which a file is known under any name.
func identity(info fs.FileInfo) (device, inode uint64, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return uint64(st.Dev), uint64(st.Ino), true
}
