package sink

import "github.com/pairly/pairlog/internal/durable"

// OpenFileFS is OpenFile on another file system.
func OpenFileFS(c FileConfig, fsys durable.FS) (*File, error) { return openFile(c, fsys) }

// Settle lets the archiver take up everything that has been rotated.
func (f *File) Settle() {
	f.mu.Lock()
	f.settled = f.seq
	f.mu.Unlock()
	f.archiver.rouse()
}

// Closed says whether Close was called.
func (f *File) Closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// CloseFirst makes f rotate as on systems that do not rename open files.
func (f *File) CloseFirst() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closeFirst = true
}
