package queue

import "slices"

// evict drops records to make room for one at the given level and reports
// whether any were dropped. Records below ERROR go first, the oldest segment of
// them first. Only DropOldest goes on to drop ERROR and above, and only for its
// like; under the other policies what eviction frees is for ERROR and above
// until something is drained.
func (q *Queue) evict(level int) bool {
	low := func(s *segment) bool { return !s.pinned && s.errors < s.count }
	if i := slices.IndexFunc(q.sealed, low); i >= 0 {
		s := q.sealed[i]
		q.rescue(s)
		q.sealed = slices.Delete(q.sealed, i, i+1)
		q.drop(s, func(level int) bool { return level < indexError })
		if q.tight = q.c.Policy != DropOldest; q.tight && q.open != none {
			q.release(q.open) // empty, too small for a line of several segments
			q.open = none
		}
		return true
	}
	if q.c.Policy != DropOldest || level < indexError {
		return false
	}
	free := func(s *segment) bool { return !s.pinned }
	list := &q.rescued
	i := slices.IndexFunc(q.rescued, free)
	if j := slices.IndexFunc(q.sealed, free); j >= 0 && (i < 0 || q.firstSeq(q.sealed[j]) < q.firstSeq(q.rescued[i])) {
		list, i = &q.sealed, j
	}
	if i < 0 {
		return false
	}
	s := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	q.drop(s, func(int) bool { return true })
	return true
}

func (q *Queue) firstSeq(s *segment) uint64 { return q.entry(s, s.next).seq }

// rescue copies the records at ERROR and above of s, which is about to be
// evicted, to a segment kept for such. One segment is always left free for
// this. Until s is cleared both copies exist; recovery takes one of them.
func (q *Queue) rescue(s *segment) {
	if s.errors == 0 {
		return
	}
	for i := s.next; i < s.count; i++ {
		e := q.entry(s, i)
		if e.level < indexError {
			continue
		}
		to := none
		if n := len(q.rescued); n > 0 {
			to = q.rescued[n-1]
		}
		// Within a segment the order is that of the sequence numbers.
		if !to.fits(e.len) || to.count > 0 && q.entry(to, to.count-1).seq > e.seq {
			to = q.take(1, 0)
			q.rescued = append(q.rescued, to)
		}
		line := q.data[e.off : e.off+e.len]
		q.place(to, e.seq, e.level, line, checksum(line, q.id))
		if e.off-s.start < s.seenOff {
			to.seenOff = to.used // observed where it came from
		}
	}
}

// drop releases s and counts its records of the levels that are lost.
func (q *Queue) drop(s *segment, lost func(level int) bool) {
	for i := s.next; i < s.count; i++ {
		if level := q.entry(s, i).level; lost(level) {
			q.stats.Dropped[level]++
			q.evicted++
		}
	}
	le.PutUint64(q.page[counterEvict:], q.evicted)
	q.release(s)
}
