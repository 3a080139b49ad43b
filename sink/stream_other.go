//go:build !unix

package sink

import "os"

func duplicate(*os.File) *os.File { return nil }
