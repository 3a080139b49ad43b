package sink

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/pairly/pairlog/internal/durable"
)

// Mark is for the queue's Config.Mark: it says where the next bytes, whose
// number is given, will land, so that Written can tell after a crash whether
// they did. The mark of a sealed file is zero: nobody here can read it.
func (f *File) Mark(next int) [32]byte {
	f.mu.Lock()
	defer f.unlock()
	var mark [32]byte
	if f.recipients != nil || f.prepare(next, true) != nil || f.mend() != nil {
		return mark
	}
	device, inode, ok := identity(f.info)
	if !ok {
		return mark
	}
	binary.LittleEndian.PutUint64(mark[0:], device)
	binary.LittleEndian.PutUint64(mark[8:], inode)
	binary.LittleEndian.PutUint64(mark[16:], uint64(f.size))
	mark[24] = 1 // no mark is zero
	f.looked = true
	return mark
}

// Written is for the queue's Config.Written: it returns how many leading bytes
// of pending, whole lines, are in the file at mark. The file is found by its
// identity under whatever name it has now in this folder, and lines that went
// on into the next file after a rotation are found there. It returns 0 when
// the file is gone.
func (f *File) Written(mark [32]byte, pending []byte) int {
	f.mu.Lock()
	defer f.unlock()
	device, inode := binary.LittleEndian.Uint64(mark[0:]), binary.LittleEndian.Uint64(mark[8:])
	offset := int64(binary.LittleEndian.Uint64(mark[16:]))
	path := f.find(device, inode)
	matched := 0
	for path != "" && matched < len(pending) {
		n, ended := common(path, offset, pending[matched:])
		matched += n
		if !ended {
			break
		}
		path, offset = f.after(path), 0
	}
	return bytes.LastIndexByte(pending[:matched], '\n') + 1
}

// find returns the path of the file with an identity, "" if there is none.
func (f *File) find(device, inode uint64) string {
	entries, err := f.fs.ReadDir(f.set.dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if d, i, ok := identity(info); ok && d == device && i == inode {
			return filepath.Join(f.set.dir, e.Name())
		}
	}
	return ""
}

// after returns the path of the file that was begun when path was rotated, ""
// if that is not known.
func (f *File) after(path string) string {
	r, ok := f.set.parse(filepath.Base(path))
	if !ok {
		return ""
	}
	if r.seq == f.seq {
		return f.Path()
	}
	old, err := f.set.list(f.fs)
	if err != nil {
		return ""
	}
	for _, o := range old {
		if o.seq == r.seq+1 && o.form == formPlain {
			return o.path
		}
	}
	return ""
}

// common returns the number of leading bytes that want has in common with the
// file from offset on, and whether they reach the end of the file.
func common(path string, offset int64, want []byte) (n int, ended bool) {
	r, err := durable.OpenRegular(path, os.O_RDONLY)
	if err != nil {
		return 0, false
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil || info.Size() < offset {
		return 0, false
	}
	got := make([]byte, min(int64(len(want)), info.Size()-offset))
	if _, err := r.ReadAt(got, offset); err != nil {
		return 0, false
	}
	for n < len(got) && got[n] == want[n] {
		n++
	}
	return n, offset+int64(n) == info.Size()
}
