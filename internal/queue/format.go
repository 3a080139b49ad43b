package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// The layout of a queue file, version 1; docs/format.md has the same in prose.
// All integers are little-endian.
//
//	0     header, and again at 2048
//	512   position slot A      640  position slot B
//	1024  counters: next sequence number, evicted records
//	4096  segments, each of segmentBytes
//
// A segment holds lines from its start upwards, one after the other, and a
// table of entries from its end downwards. A line longer than a segment takes
// several neighbours as if they were one.
const (
	magic = "PLQUEUE\x01" // the last byte is the version

	headerBytes   = 4096
	headerCopy    = 2048
	slotA, slotB  = 512, 640
	counterSeq    = 1024
	counterEvict  = 1032
	entryBytes    = 24
	slotBytes     = 72
	headerUsed    = 48
	maxQueueBytes = 1 << 30 // offsets in entries have 32 bits
)

var le = binary.LittleEndian

// header is the fixed part of a queue file.
type header struct {
	segmentBytes, segments int
	id                     uint64 // random; the seed of every checksum in the file
	created                int64  // Unix nanoseconds; orders the files of several processes
}

// putHeader writes both copies.
func putHeader(page []byte, h header) {
	for _, at := range []int{0, headerCopy} {
		b := page[at:]
		copy(b, magic)
		le.PutUint32(b[8:], uint32(h.segmentBytes))
		le.PutUint32(b[12:], uint32(h.segments))
		le.PutUint64(b[16:], h.id)
		le.PutUint64(b[24:], uint64(h.created))
		le.PutUint64(b[32:], 0)
		le.PutUint64(b[40:], checksum(b[:40], 0))
	}
}

var errNoHeader = errors.New("no intact header")

// parseHeader reads whichever copy is intact. The second result is the offset
// of a damaged copy, -1 when both are intact.
func parseHeader(page []byte) (h header, damaged int, err error) {
	damaged, err = -1, errNoHeader
	for _, at := range []int{headerCopy, 0} {
		if len(page) < at+headerUsed {
			damaged = at
			continue
		}
		b := page[at : at+headerUsed]
		if string(b[:7]) != magic[:7] || le.Uint64(b[40:]) != checksum(b[:40], 0) {
			damaged = at
			continue
		}
		if b[7] != magic[7] {
			return h, at, fmt.Errorf("want format version %d, got %d", magic[7], b[7])
		}
		h = header{
			segmentBytes: int(le.Uint32(b[8:])), segments: int(le.Uint32(b[12:])),
			id: le.Uint64(b[16:]), created: int64(le.Uint64(b[24:])),
		}
		err = nil
	}
	if err == nil && (h.segmentBytes < minSegmentBytes || h.segmentBytes%minSegmentBytes != 0 || h.segments <= 0 || h.segments > maxQueueBytes/h.segmentBytes) {
		return h, 0, fmt.Errorf("want whole segments, got %d of %d bytes", h.segments, h.segmentBytes)
	}
	return h, damaged, err
}

// slot is the consumer's position. Two are written in turn, so that one is
// intact whenever the process dies.
type slot struct {
	gen     uint64 // the higher one of the two counts
	head    uint64 // sequence number of the first record not known to be drained
	evicted uint64 // how many sequence numbers below head were evicted
	marked  bool   // a batch that begins with head was on its way to mark
	mark    [32]byte
}

// putSlot writes s to the place that its generation gives it.
func putSlot(page []byte, s slot, id uint64) {
	encodeSlot(page[slotOffset(s.gen):], s, id)
}

func slotOffset(gen uint64) int {
	if gen%2 == 0 {
		return slotA
	}
	return slotB
}

func encodeSlot(b []byte, s slot, id uint64) {
	le.PutUint64(b, s.gen)
	le.PutUint64(b[8:], s.head)
	le.PutUint64(b[16:], s.evicted)
	var flags uint64
	if s.marked {
		flags = 1
	}
	le.PutUint64(b[24:], flags)
	copy(b[32:64], s.mark[:])
	le.PutUint64(b[64:], checksum(b[:64], id))
}

// parseSlots returns the newer intact slot; ok is false when neither is.
func parseSlots(page []byte, id uint64) (s slot, ok bool) {
	for _, at := range []int{slotA, slotB} {
		b := page[at : at+slotBytes]
		if le.Uint64(b[64:]) != checksum(b[:64], id) {
			continue
		}
		got := slot{gen: le.Uint64(b), head: le.Uint64(b[8:]), evicted: le.Uint64(b[16:]), marked: le.Uint64(b[24:])&1 != 0}
		copy(got.mark[:], b[32:64])
		if !ok || got.gen > s.gen {
			s, ok = got, true
		}
	}
	return s, ok
}

// entry describes one record of a segment.
type entry struct {
	seq   uint64
	off   int // of the line, from the first byte of the first segment
	len   int
	level int // index into LevelCount
	sum   uint64
}

const lenBits = 29

// putEntry writes e; sum covers the line through its hash, and everything
// else in the entry.
func putEntry(b *[entryBytes]byte, seq uint64, off, n, level int, hash uint64) {
	place := uint64(uint32(off)) | uint64(uint32(n)|uint32(level)<<lenBits)<<32
	le.PutUint64(b[8:], place)
	le.PutUint64(b[16:], entrySum(seq, place, hash))
	le.PutUint64(b[:], seq)
}

func getEntry(b []byte) entry {
	n := le.Uint32(b[12:])
	return entry{
		seq: le.Uint64(b), off: int(le.Uint32(b[8:])),
		len: int(n & (1<<lenBits - 1)), level: int(n >> lenBits), sum: le.Uint64(b[16:]),
	}
}

// intact says whether the entry and its line are what Append wrote.
func (e entry) intact(line []byte, id uint64) bool {
	place := uint64(uint32(e.off)) | uint64(uint32(e.len)|uint32(e.level)<<lenBits)<<32
	return e.level < len(LevelCount{}) && e.sum == entrySum(e.seq, place, checksum(line, id))
}

// Odd constants with evenly spread bits, from wyhash
// (https://github.com/wangyi-fudan/wyhash, public domain).
const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
	mixC = 0x8ebc6af09c88c6e3
	mixD = 0x589965cc75374cc3
)

func entrySum(seq, place, hash uint64) uint64 {
	hi, lo := bits.Mul64(hash^seq^mixA, place^mixB)
	return hi ^ lo ^ hash
}

// checksum finds damage, not malice: it runs on every log call, where CRC-32
// or a hash of cryptographic strength would cost more than the copy of the
// line. Four lanes of sums, rotated block by block, show for certain any
// change confined to one word, and are mixed at the end with the length.
func checksum(p []byte, seed uint64) uint64 {
	n := len(p)
	a, b, c, d := seed^mixA, seed^mixB, seed^mixC, seed^mixD
	if n >= 64 {
		// The last block overlaps the one before it: cheaper than a loop over
		// what is left.
		last := (*[64]byte)(p[n-64:])
		for ; len(p) > 64; p = p[64:] {
			w := (*[64]byte)(p)
			a = bits.RotateLeft64(a, 9) + (le.Uint64(w[0:]) + le.Uint64(w[32:]))
			b = bits.RotateLeft64(b, 9) + (le.Uint64(w[8:]) + le.Uint64(w[40:]))
			c = bits.RotateLeft64(c, 9) + (le.Uint64(w[16:]) + le.Uint64(w[48:]))
			d = bits.RotateLeft64(d, 9) + (le.Uint64(w[24:]) + le.Uint64(w[56:]))
		}
		a = bits.RotateLeft64(a, 9) + (le.Uint64(last[0:]) + le.Uint64(last[32:]))
		b = bits.RotateLeft64(b, 9) + (le.Uint64(last[8:]) + le.Uint64(last[40:]))
		c = bits.RotateLeft64(c, 9) + (le.Uint64(last[16:]) + le.Uint64(last[48:]))
		d = bits.RotateLeft64(d, 9) + (le.Uint64(last[24:]) + le.Uint64(last[56:]))
	} else {
		for ; len(p) >= 8; p = p[8:] {
			a = bits.RotateLeft64(a, 9) + le.Uint64(p)
		}
		var tail uint64
		for _, x := range p {
			tail = tail<<8 | uint64(x)
		}
		b += tail
	}
	hi, lo := bits.Mul64(a^mixD, b^mixC)
	c ^= hi ^ lo
	hi, lo = bits.Mul64(c^mixB, d^uint64(n)^mixA)
	return hi ^ lo
}
