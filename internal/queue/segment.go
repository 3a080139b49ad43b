package queue

import "slices"

// Sizes of segments, in bytes. A full segment is one batch.
const (
	maxSegmentBytes = 256 << 10
	minSegmentBytes = 4 << 10
	minSegments     = 8
)

// geometry divides a queue of about the given size.
func geometry(bytes int) (segmentBytes, segments int) {
	bytes = min(max(bytes, minSegments*minSegmentBytes), maxQueueBytes)
	segmentBytes = min(max(bytes/32/minSegmentBytes*minSegmentBytes, minSegmentBytes), maxSegmentBytes)
	return segmentBytes, bytes / segmentBytes
}

// segment is a stretch of the data area that is filled, drained and then
// filled again. All fields are guarded by Queue.mu; the bytes below used do
// not change until the segment is empty, so whoever has pinned it may read
// them without the lock.
type segment struct {
	start, size int // in Queue.data
	used, count int // bytes of lines, records
	errors      int // records at ERROR and above among them, drained or not

	next, nextOff int // first record not yet drained, and its offset from start
	seenOff       int // offset of the first line not yet observed

	pinned bool // part of the batch being drained or observed: must not be evicted
}

// none stands for no open segment: nothing fits into it.
var none = &segment{}

// fits says whether a line of n bytes and its entry have room.
func (s *segment) fits(n int) bool {
	return s.used+n+entryBytes*(s.count+1) <= s.size
}

// entryAt is the offset in Queue.data of the entry of record i.
func (s *segment) entryAt(i int) int {
	return s.start + s.size - entryBytes*(i+1)
}

func (q *Queue) entry(s *segment, i int) entry {
	return getEntry(q.data[s.entryAt(i):])
}

// put adds a record to s, which must have room for it. The order of the
// stores is the protocol with recovery: a sequence number that was given out
// and has no intact entry belongs to a record that was never acknowledged.
func (q *Queue) put(s *segment, level int, line []byte, hash uint64) {
	seq := q.nextSeq
	le.PutUint64(q.page[counterSeq:], seq+1)
	q.place(s, seq, level, line, hash)
	q.nextSeq = seq + 1
}

func (q *Queue) place(s *segment, seq uint64, level int, line []byte, hash uint64) {
	off := s.start + s.used
	copy(q.data[off:], line)
	putEntry((*[entryBytes]byte)(q.data[s.entryAt(s.count):]), seq, off, len(line), level, hash)
	s.used += len(line)
	s.count++
	if level >= indexError {
		s.errors++
	}
}

// take removes a run of n neighbouring segments from the free ones, leaving
// at least spare free ones behind. It returns nil when there is none. The
// segment that has been free for longest is used first: its lines have left
// the caches of the processor that drained it, and a store to a line that
// another processor has in its cache costs several times one that does not. A
// quiet service stays within one segment all the same, which is open until it
// is full.
func (q *Queue) take(n, spare int) *segment {
	if len(q.free) < n+spare {
		return nil
	}
	if n == 1 {
		i := q.free[0]
		q.free = slices.Delete(q.free, 0, 1)
		return q.segment(i, 1)
	}
	sorted := slices.Clone(q.free)
	slices.Sort(sorted)
	for at, run := 1, 1; at < len(sorted); at++ {
		if sorted[at] != sorted[at-1]+1 {
			run = 1
			continue
		}
		if run++; run == n {
			first := sorted[at] - n + 1
			q.free = slices.DeleteFunc(q.free, func(i int) bool { return first <= i && i < first+n })
			return q.segment(first, n)
		}
	}
	return nil
}

func (q *Queue) segment(first, n int) *segment {
	q.touched = max(q.touched, first+n)
	s := &q.segments[first]
	*s = segment{start: first * q.segmentBytes, size: n * q.segmentBytes}
	return s
}

// release gives a drained or evicted segment back.
func (q *Queue) release(s *segment) {
	q.clear(s)
	for at := s.start; at < s.start+s.size; at += q.segmentBytes {
		q.free = append(q.free, at/q.segmentBytes)
	}
}

// clear forgets the records of s in the file too, so that recovery does not
// find them.
func (q *Queue) clear(s *segment) {
	clear(q.data[s.entryAt(s.count-1) : s.start+s.size])
	*s = segment{start: s.start, size: s.size, pinned: s.pinned}
}

// sealOpen moves the open segment to the full ones.
func (q *Queue) sealOpen() {
	if q.open.count > 0 {
		q.sealed = append(q.sealed, q.open)
		q.open = none
	}
}

// sealOnly moves the segment for errors alone to the full ones. Its records
// are newer than all of theirs, since nothing else was accepted meanwhile.
func (q *Queue) sealOnly() {
	if q.only.count > 0 {
		q.sealed = append(q.sealed, q.only)
	}
	q.only = none
}
