package sink

import "github.com/pairly/pairlog/internal/durable"

// writebackBytes is how much, in bytes, is written between two hints to the
// system.
const writebackBytes = 2 << 20

// writeback tells the system in a goroutine of its own to begin to write to the
// disk what was written to a file. Left alone it does so after half a minute,
// or when a tenth of the memory is waiting, and the sync at the end of a file
// would then take the disk for all of it at a time. A loss of power costs less,
// too. It is a hint: a disk that cannot keep up gets fewer.
type writeback struct {
	todo    chan span
	stop    chan struct{}
	stopped chan struct{}
}

// span is a part of a file, in bytes from its start.
type span struct {
	f        durable.File
	from, to int64
}

func startWriteback() *writeback {
	w := &writeback{todo: make(chan span, 1), stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.run()
	return w
}

func (w *writeback) run() {
	defer close(w.stopped)
	for {
		select {
		case s := <-w.todo:
			beginWriteback(s)
		case <-w.stop:
			return
		}
	}
}

// close ends the goroutine and waits for it.
func (w *writeback) close() {
	if w == nil {
		return
	}
	close(w.stop)
	<-w.stopped
}

// hintWriteback hands over what has come to the current file, if it is enough
// and the last hint has been taken. It is called with mu held.
func (f *File) hintWriteback() {
	if f.writeback == nil || f.size-f.started < writebackBytes {
		return
	}
	select {
	case f.writeback.todo <- span{f.f, f.started, f.size}:
		f.started = f.size
	default:
	}
}
