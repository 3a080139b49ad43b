//go:build !unix

package pairlog

import "os"

// terminalWidth returns 0: the width of a terminal is not known here.
func terminalWidth(*os.File) int { return 0 }
