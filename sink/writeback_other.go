//go:build !linux

package sink

// beginWriteback is for Linux only: elsewhere there is no such hint.
func beginWriteback(span) {}
