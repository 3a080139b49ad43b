package sink

import (
	"context"
	"net"
	"time"

	"github.com/pairly/pairlog/internal/durable"
)

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

// OpenRemotePause is OpenRemote with another way to wait between attempts.
func OpenRemotePause(c RemoteConfig, pause func(context.Context, <-chan struct{}, time.Duration)) (*Remote, error) {
	return openRemote(c, pause)
}

// Dial replaces the way to connect. It is called before the first Write.
func (r *Remote) Dial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	r.post.transport.DialContext = dial
}

// MaxAnswer is how much of an answer is read, in bytes.
const MaxAnswer = maxAnswer

// WritebackBytes is how much is written between two hints.
const WritebackBytes = writebackBytes

// Hinted returns how far the system was told to write the current file to the
// disk, in bytes from its start.
func (f *File) Hinted() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.started
}
