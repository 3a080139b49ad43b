package queue

import "os"

// Fill allocates a file by writing it.
func Fill(f *os.File, size int) error { return fill(f, size) }
