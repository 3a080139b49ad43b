//go:build !linux

package queue

import (
	"errors"
	"fmt"
	"runtime"
)

// createMapping is for Linux only: elsewhere blocks cannot be allocated ahead
// in a way that rules out a fault on a full disk.
func createMapping(base string, _ header) (*mapping, error) {
	return nil, fmt.Errorf("map %s: not on %s: %w", base, runtime.GOOS, errors.ErrUnsupported)
}

func (m *mapping) intact() error { return nil }

func (m *mapping) populate(int) {}

func (m *mapping) close(bool) { m.f.Close() }
