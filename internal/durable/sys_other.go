//go:build !unix && !windows

package durable

import "os"

const (
	noFollow   = 0
	nonBlock   = 0
	chmodWorks = false
)

// CanRenameOpen says whether a file may be renamed while it is open.
const CanRenameOpen = false

// TryLock does nothing: the platform has no file locks.
func TryLock(*os.File) error { return nil }

func syncDir(string) error { return nil }
