package queue

import (
	"fmt"
	"os"
)

// mapping is a queue file of this process: created, locked and mapped. A nil
// *mapping stands for none.
type mapping struct {
	f         *os.File // holds the lock
	name      string
	mem       []byte
	populated int // owned by the draining goroutine: the pages below this offset are there
}

func (m *mapping) bytes() []byte {
	if m == nil {
		return nil
	}
	return m.mem
}

func (m *mapping) path() string {
	if m == nil {
		return ""
	}
	return m.name
}

// fileName is the name of a queue file; the identity makes it one of its kind.
func fileName(base string, id uint64) string { return fmt.Sprintf("%s.%016x", base, id) }
