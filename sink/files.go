package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pairly/pairlog/internal/durable"
)

// LogFile is one of the files that a log consists of.
type LogFile struct {
	// Path is where it is. Its form is told by how it begins: plain lines, zstd,
	// gzip or sealed.
	Path string
	// Rotated is when it was put aside, in UTC and seconds. It is zero for a
	// file that is written to.
	Rotated time.Time
	// Bytes is its size on disk.
	Bytes int64
}

// Files lists the files of the log at path, a FileConfig.Path: the rotated
// ones in the order of their writing, then the current one, which may be
// absent, and may be two when sealing was turned on or off and the service has
// not started since. The error of a folder that does not exist wraps
// fs.ErrNotExist. A service that is running may rotate or delete a file before
// the caller opens it.
func Files(path string) ([]LogFile, error) {
	s := newSet(path, 1)
	old, err := s.list(durable.OS{})
	if err != nil {
		return nil, fmt.Errorf("sink: list files of %s: %w", path, err)
	}
	var all []LogFile
	for i, r := range old {
		if i+1 < len(old) && old[i+1].seq == r.seq {
			continue // its archive follows, and it is about to be removed
		}
		all = append(all, LogFile{Path: r.path, Rotated: r.at, Bytes: r.size})
	}
	for _, sealed := range []bool{false, true} {
		name := s.current(sealed)
		info, err := durable.OS{}.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("sink: list files of %s: %w", path, err)
		}
		all = append(all, LogFile{Path: name, Bytes: info.Size()})
	}
	return all, nil
}
