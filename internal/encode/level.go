package encode

// seenBits is the size of the set that tells a new key from one that may have
// been there: with 20 keys in 512 bits a second look is rare, and cheap.
const seenBits = 512

// seen is a set of keys by hash. It has false positives and no false negatives.
type seen [seenBits / 64]uint64

func (s *seen) has(k *key) bool {
	b := k.bit()
	return s[b>>6]&(1<<(b&63)) != 0
}

func (s *seen) add(k *key) {
	b := k.bit()
	s[b>>6] |= 1 << (b & 63)
}

// join adds everything in o.
func (s *seen) join(o *seen) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s *seen) meets(o *seen) bool {
	var m uint64
	for i := range s {
		m |= s[i] & o[i]
	}
	return m != 0
}

// level is an object that is being written.
type level struct {
	seen seen
	// base is the index in Line.segs of the first member written by the call.
	base int
	// brought is set when members that came with the logger are in this object
	// too.
	brought bool
	// trust is set while the members are those of the shape, in its order, and
	// others of other names behind all of them. Those of the shape are then in
	// Line.at, and not yet in seen and Line.segs.
	trust bool
}

// seg is one member: its key and where it begins in the buffer. It ends where
// the next one of its level begins.
type seg struct {
	key *key
	at  int
}

// written enters the member that has just been written from at on, and takes an
// earlier one of the same name out: the last one wins, at its own place.
func (l *Line) written(lv *level, k *key, at int) {
	if lv.trust {
		if n := l.members; n < len(l.shape.out) && l.shape.out[n] == k {
			l.at[n] = at
			l.members++
			return
		} else if n == len(l.shape.out) && !l.shape.seen.has(k) && !lv.seen.has(k) {
			// One more behind all that were expected.
			lv.seen.add(k)
			l.segs = append(l.segs, seg{k, at})
			return
		}
		l.distrust()
	}
	if lv.seen.has(k) {
		at -= l.dropEarlier(lv, k, at)
	}
	lv.seen.add(k)
	l.segs = append(l.segs, seg{k, at})
}

// dropEarlier removes the member named like k that ends at or before at, and
// returns how many bytes went.
func (l *Line) dropEarlier(lv *level, k *key, at int) int {
	own := l.segs[lv.base:]
	for i := range own {
		if !own[i].key.same(k) {
			continue
		}
		end := at
		if i+1 < len(own) {
			end = own[i+1].at
		}
		n := l.cut(own[i].at, end)
		shift(own[i+1:], n)
		l.segs = append(l.segs[:lv.base+i], l.segs[lv.base+i+1:]...)
		return n
	}
	if !lv.brought {
		return 0
	}
	if len(own) > 0 {
		at = own[0].at
	}
	n := l.dropBrought(k, at)
	shift(own, n)
	return n
}

// dropBrought removes the member named like k from those that the logger brought
// into its innermost object, which end at end.
func (l *Line) dropBrought(k *key, end int) int {
	segs := l.brought()
	for i := range segs {
		if !segs[i].key.same(k) {
			continue
		}
		if i+1 < len(segs) {
			end = segs[i+1].at
		}
		n := l.cut(segs[i].at, end)
		shift(segs[i+1:], n)
		l.preSegs = append(segs[:i], segs[i+1:]...)
		return n
	}
	return 0
}

// brought returns the members of the logger's innermost object, with their
// places in this line. They are worked out only when one of them is looked for.
func (l *Line) brought() []seg {
	if !l.preReady && l.pre != nil {
		l.preReady = true
		l.preSegs = l.preSegs[:0]
		for _, s := range l.pre.segs {
			l.preSegs = append(l.preSegs, seg{s.key, s.at + l.preAt})
		}
	}
	return l.preSegs
}

// cut removes the bytes from start to end and returns their number.
func (l *Line) cut(start, end int) int {
	l.buf = append(l.buf[:start], l.buf[end:]...)
	return end - start
}

func shift(segs []seg, n int) {
	for i := range segs {
		segs[i].at -= n
	}
}
