package sink_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pairly/pairlog/internal/durable"
	"github.com/pairly/pairlog/sink"
	"github.com/pairly/pairlog/sink/sinktest"
)

// powerFS is the real file system with a memory of what has not reached the
// disk: bytes after the last fsync of their file, and names that were made,
// changed or removed after the last fsync of their folder. It is safe for
// concurrent use.
type powerFS struct {
	durable.OS

	mu      sync.Mutex
	off     bool             // the power is gone: nothing works any more
	synced  map[string]int64 // by path, the size that has reached the disk
	journal []change
}

// change is a change of a folder that is not on disk yet.
type change struct {
	dir  string
	undo func() error
}

var errPower = fmt.Errorf("the power is gone: %w", syscall.EIO)

// change makes a change of a folder, and notes how to take it back. It is called
// with mu held.
func (p *powerFS) change(path string, do func() error, undo func() error) error {
	if p.off {
		return errPower
	}
	if err := do(); err != nil {
		return err
	}
	p.journal = append(p.journal, change{filepath.Dir(path), undo})
	return nil
}

func (p *powerFS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var file *os.File
	open := func() (err error) {
		file, err = os.OpenFile(name, flag, perm)
		return err
	}
	_, err := os.Lstat(name)
	switch {
	case p.off:
		err = errPower
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		delete(p.synced, name)
		err = p.change(name, open, func() error { return os.Remove(name) })
	default:
		err = open()
	}
	if err != nil {
		return nil, err
	}
	return &powerFile{file, p}, nil
}

func (p *powerFS) Rename(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, hadTo := os.ReadFile(to)
	size, hadSize := p.synced[to]
	return p.change(to, func() error {
		err := os.Rename(from, to)
		if err == nil {
			p.move(from, to)
		}
		return err
	}, func() error {
		err := os.Rename(to, from)
		p.move(to, from)
		if hadTo == nil {
			err = errors.Join(err, os.WriteFile(to, before, 0o640))
			if hadSize {
				p.synced[to] = size
			}
		}
		return err
	})
}

func (p *powerFS) move(from, to string) {
	delete(p.synced, to)
	if n, ok := p.synced[from]; ok {
		p.synced[to] = n
		delete(p.synced, from)
	}
}

func (p *powerFS) Remove(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	size := p.synced[name]
	return p.change(name, func() error { return os.Remove(name) }, func() error {
		p.synced[name] = size
		return os.WriteFile(name, before, 0o640)
	})
}

func (p *powerFS) SyncDir(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return errPower
	}
	kept := p.journal[:0]
	for _, c := range p.journal {
		if c.dir != dir {
			kept = append(kept, c)
		}
	}
	p.journal = kept
	return nil
}

// cut takes the power away: from now on nothing works.
func (p *powerFS) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off = true
}

// disk makes the folder what is on the disk after the cut: of the changes that
// were not synced the first few may have got there all the same, since a file
// system keeps their order, and of each file at least what was synced.
func (p *powerFS) disk(t *testing.T, dir string, rnd *rand.Rand) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.journal); n > 0 && rnd.IntN(4) > 0; n-- {
		if err := p.journal[n-1].undo(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := e.Info()
		if err != nil || strings.HasSuffix(path, ".lock") {
			continue
		}
		if lost := info.Size() - p.synced[path]; lost > 0 {
			size := p.synced[path] + rnd.Int64N(lost+1)
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
	}
}

type powerFile struct {
	*os.File
	fs *powerFS
}

func (f *powerFile) Write(b []byte) (int, error) {
	if f.fs.gone() {
		return 0, errPower
	}
	return f.File.Write(b)
}

func (f *powerFile) Truncate(size int64) error {
	if f.fs.gone() {
		return errPower
	}
	return f.File.Truncate(size)
}

func (p *powerFS) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.off
}

func (f *powerFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.off {
		return errPower
	}
	info, err := f.File.Stat()
	if err != nil {
		return err
	}
	// By the name that the file has now; it may have been renamed.
	dir := filepath.Dir(f.Name())
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if named, err := e.Info(); err == nil && os.SameFile(named, info) {
			f.fs.synced[filepath.Join(dir, e.Name())] = info.Size()
		}
	}
	return nil
}

// What was written before an fsync that returned survives a loss of power, with
// the names of the files, whatever the log was about: rotating, compressing,
// deleting what was compressed.
func TestFault7PowerCut(t *testing.T) {
	for _, archive := range []string{"none", "zstd", "gzip"} {
		for seed := range uint64(12) {
			dir := t.TempDir()
			power := &powerFS{synced: map[string]int64{}}
			rnd := rand.New(rand.NewPCG(seed, 3))
			f, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), RotateBytes: 5000, Archive: archive, SyncEachWrite: true}, power)
			if err != nil {
				t.Fatal(err)
			}
			var o sinktest.Oracle
			n := 0
			for range 20 + rnd.IntN(50) {
				var batch []byte
				first := n
				for range 1 + rnd.IntN(20) {
					batch = append(batch, sinktest.Line(1, n, 100+rnd.IntN(200))...)
					n++
				}
				if _, err := f.Write(batch); err != nil {
					t.Fatal(err)
				}
				for i := first; i < n; i++ {
					o.Ack(1, i)
				}
			}
			done := make(chan struct{})
			go func() { // one more batch is on its way when the power goes
				defer close(done)
				f.Write(sinktest.Line(1, n, 4000))
			}()
			power.cut()
			<-done
			f.Close()
			power.disk(t, dir, rnd)
			again, err := sink.OpenFileFS(sink.FileConfig{Path: filepath.Join(dir, "app.log"), Archive: archive}, noSyncFS{})
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, again, sinktest.Line(1, n+1, 100))
			again.Settle()
			eventually(t, func() bool { return archivedAll(t, again, dir, sink.FileConfig{Archive: archive}) })
			if v := o.Check(content(t, dir)); !v.Clean() {
				t.Errorf("%s, seed %d: %+v in %v", archive, seed, v, logs(t, dir))
			}
			again.Close()
		}
	}
}
