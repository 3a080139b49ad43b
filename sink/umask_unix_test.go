//go:build unix

package sink_test

import "syscall"

func setUmask(mask int) int { return syscall.Umask(mask) }
