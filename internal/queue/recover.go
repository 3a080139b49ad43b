package queue

import (
	"cmp"
	"fmt"
	"slices"
)

// record is a line found in the file of an earlier process.
type record struct {
	seq  uint64
	line []byte
}

// recovery is what such a file yields.
type recovery struct {
	id      uint64
	pos     slot
	records []record // not drained as far as the file knows, in order
	lost    uint64   // acknowledged or half written, and not to be had any more
	damage  error    // the first damage that a mere crash does not explain, nil if none
}

// recoverRecords reads a queue file. Nothing in it is trusted: every record
// is found by its own entry and checked by its own sum, so that damage costs
// what it touches and no more. The error says that nothing could be read.
func recoverRecords(file []byte) (recovery, error) {
	h, damaged, err := parseHeader(file)
	if err != nil {
		return recovery{}, err
	}
	r := recovery{id: h.id}
	if damaged >= 0 {
		r.harm(damaged, "a copy of the header is damaged")
	}
	if len(file) < headerBytes {
		r.harm(len(file), "the file ends in its header")
		return r, nil
	}
	pos, ok := parseSlots(file, h.id)
	if !ok {
		r.harm(slotA, "both positions are damaged")
	}
	r.pos = pos
	if want := headerBytes + h.segments*h.segmentBytes; len(file) < want {
		r.harm(len(file), fmt.Sprintf("the file ends, %d bytes short", want-len(file)))
	}
	next := le.Uint64(file[counterSeq:])
	r.scan(file[headerBytes:], h, next)
	r.count(next, le.Uint64(file[counterEvict:])-pos.evicted, len(file), ok)
	return r, nil
}

// harm notes damage at an offset of the file; the first one stays.
func (r *recovery) harm(offset int, what string) {
	if r.damage == nil {
		r.damage = fmt.Errorf("offset %d: %s", offset, what)
	}
}

// scan finds the intact records at or after the position. The place of every
// entry of every segment is looked at, used or not: where the table ends is
// not written anywhere that could not be damaged too.
func (r *recovery) scan(data []byte, h header, next uint64) {
	for end := h.segmentBytes; end <= len(data); end += h.segmentBytes {
		for at := end - entryBytes; at >= end-h.segmentBytes; at -= entryBytes {
			// Mostly lines and zeros are looked at: as a number, eight
			// characters of text are larger than any sequence number.
			if seq := le.Uint64(data[at:]); seq == 0 || seq >= 1<<56 {
				continue
			}
			e := getEntry(data[at:])
			if e.seq < r.pos.head || e.len == 0 || e.off < 0 || e.off > at-e.len {
				continue
			}
			line := data[e.off : e.off+e.len]
			switch {
			case e.intact(line, h.id):
				r.records = append(r.records, record{seq: e.seq, line: line})
			case e.seq < next:
				r.harm(headerBytes+e.off, fmt.Sprintf("record %d does not match its checksum", e.seq))
			}
		}
	}
	slices.SortFunc(r.records, func(a, b record) int { return cmp.Compare(a.seq, b.seq) })
	// Eviction copies a record before it forgets the original.
	r.records = slices.CompactFunc(r.records, func(a, b record) bool { return a.seq == b.seq })
}

// count works out how many records are missing: every sequence number from
// the position to next was given to one, and was drained, evicted or found.
func (r *recovery) count(next, evicted uint64, size int, positioned bool) {
	found := uint64(len(r.records))
	if evicted > next {
		r.harm(counterEvict, "the counter of evicted records is damaged")
		evicted = 0
	}
	low, high := r.pos.head, r.pos.head
	if found > 0 {
		high = r.records[found-1].seq + 1
		if !positioned {
			low = r.records[0].seq
		}
	} else if !positioned {
		low, high = next, next
	}
	// More records than fit a file of this size, or fewer than there are: the
	// counter itself is damaged.
	most := high + uint64(size)/entryBytes + evicted
	if next < high || next > most {
		r.harm(counterSeq, "the counter of records is damaged")
		next = high
	}
	if missing := next - low; missing > found+evicted {
		r.lost = missing - found - evicted
	}
	// One mutex guards all appending, so a crash tears one record at most.
	if r.lost > 1 {
		r.harm(headerBytes, fmt.Sprintf("%d records are missing", r.lost))
	}
}

// drained says whether the header page alone proves that a file of this size
// is undamaged and has nothing to recover.
func drained(page []byte, size int64) bool {
	h, damaged, err := parseHeader(page)
	if err != nil || damaged >= 0 || size != int64(headerBytes+h.segments*h.segmentBytes) {
		return false
	}
	pos, ok := parseSlots(page, h.id)
	return ok && !pos.marked && pos.head == le.Uint64(page[counterSeq:])
}
