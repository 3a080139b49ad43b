package queue

import (
	"errors"
	"fmt"
	"os"

	"github.com/pairly/pairlog/internal/durable"
	"golang.org/x/sys/unix"
)

// createMapping makes the queue file of this process and maps it. The file
// comes to its name only when it is locked and has its header, so that other
// processes never see it otherwise.
func createMapping(base string, h header) (m *mapping, err error) {
	name := fileName(base, h.id)
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	m = &mapping{f: f, name: name}
	defer func() {
		if err != nil {
			m.unmap()
			os.Remove(tmp)
			f.Close()
			m = nil
		}
	}()
	if err := durable.TryLock(f); err != nil {
		return m, fmt.Errorf("lock %s: %w", tmp, err)
	}
	if err := f.Chmod(0o600); err != nil {
		return m, err
	}
	if err := mappable(f); err != nil {
		return m, err
	}
	size := headerBytes + h.segments*h.segmentBytes
	if err := allocate(f, size); err != nil {
		return m, err
	}
	m.mem, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return m, os.NewSyscallError("mmap", err)
	}
	putHeader(m.mem, h)
	if err := os.Rename(tmp, name); err != nil {
		return m, err
	}
	return m, nil
}

// File systems on which a store to a mapped page can fail after all: those
// that copy on write need new space for it, and network and user-space ones
// can lose their other side. A failed store is a SIGBUS, which no handler
// could turn into a dropped line.
var unmappable = map[int64]string{
	unix.BTRFS_SUPER_MAGIC: "btrfs",
	0x2fc12fc1:             "zfs",
	0xca451a4e:             "bcachefs",
	unix.NFS_SUPER_MAGIC:   "nfs",
	unix.SMB_SUPER_MAGIC:   "smb",
	unix.CIFS_SUPER_MAGIC:  "cifs",
	unix.SMB2_SUPER_MAGIC:  "smb2",
	unix.V9FS_MAGIC:        "9p",
	unix.FUSE_SUPER_MAGIC:  "fuse",
	unix.CEPH_SUPER_MAGIC:  "ceph",
}

func mappable(f *os.File) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return os.NewSyscallError("fstatfs", err)
	}
	if name, bad := unmappable[int64(st.Type)]; bad {
		return fmt.Errorf("map %s: a file system of type %s does not promise room for stores: %w", f.Name(), name, errors.ErrUnsupported)
	}
	return nil
}

// allocate gives the file all its blocks: a store to a hole of a mapped file
// on a full disk is a SIGBUS.
func allocate(f *os.File, size int) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size))
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP):
			return fill(f, size)
		}
		return os.NewSyscallError("fallocate", err)
	}
}

// fill allocates by writing, for file systems without fallocate.
func fill(f *os.File, size int) error {
	zeros := make([]byte, 256<<10)
	for off := 0; off < size; off += len(zeros) {
		if _, err := f.WriteAt(zeros[:min(len(zeros), size-off)], int64(off)); err != nil {
			return err
		}
	}
	return f.Sync() // delayed allocation would put the failure off
}

// intact returns what somebody has done to the file, nil for nothing. One that
// cannot be asked is taken for intact.
func (m *mapping) intact() error {
	var st unix.Stat_t
	switch err := unix.Fstat(int(m.f.Fd()), &st); {
	case err != nil:
		return nil
	case st.Size < int64(len(m.mem)):
		return errCut
	case st.Nlink == 0:
		return errDeleted
	}
	return nil
}

func (m *mapping) unmap() {
	if m.mem != nil {
		unix.Munmap(m.mem)
		m.mem = nil
	}
}

// populate has the pages up to an offset in memory, and writable, before they
// are needed. Kernels before 5.14 cannot; there the first store to a page waits
// for it.
func (m *mapping) populate(end int) {
	_ = unix.Madvise(m.mem[m.populated:end], unix.MADV_POPULATE_WRITE)
	m.populated = end
}

// close unmaps and unlocks the file, and removes it first when it is empty.
func (m *mapping) close(empty bool) {
	if !empty {
		m.unmap()
		m.f.Close()
		return
	}
	os.Remove(m.name)
	// With the last reference the blocks are freed, and where the disk is told
	// of that (the mount option discard) it takes a hundred times as long as
	// all the rest of Close. The name is gone and nobody needs the result, so
	// nobody waits; a process that ends meanwhile leaves it to the system.
	go func() {
		m.unmap()
		m.f.Close()
	}()
}
