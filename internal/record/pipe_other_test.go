//go:build !unix

package record_test

func makePipe(string) bool { return false }
