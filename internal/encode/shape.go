package encode

import (
	"slices"

	"github.com/pairly/pairlog/redact"
)

// shape is what the calls with one event look like. A call site writes the same
// keys each time, so that comparing with what is expected nearly always saves the
// look-up of a key and the search for duplicates. A call of another shape is
// written all the same, only slower. A shape is immutable.
type shape struct {
	// in are the keys of the attrs, in order.
	in []expectedKey
	// out are the members that they become, no two alike.
	out []*key
	// seen holds out.
	seen seen
}

// expectedKey is a key of a shape with what is needed to recognize and write it,
// side by side in memory.
type expectedKey struct {
	// head and tail are the first and the last eight bytes of a name of eight to
	// sixteen; size is -1 for others.
	head, tail uint64
	size       int
	// words and length are the key's block.
	words  [keyWords]uint64
	length int
	// quick is set when the key is quick and also the member of the same index.
	quick bool
	ms    bool
	class redact.Class
	key   *key
}

func expectedFrom(k *key) expectedKey {
	x := expectedKey{key: k, size: -1, words: k.words, length: len(k.block), ms: k.ms, class: k.class}
	if n := len(k.name); n >= 8 && n <= 16 {
		x.head, x.tail, x.size = load8(k.name), load8(k.name[n-8:]), n
	}
	return x
}

// noShape expects nothing.
var noShape shape

const (
	// maxShape is how many attrs and members a shape holds.
	maxShape = 32
	// maxLearned is how often the shape of an event is learned anew; an event
	// with ever other keys must not cost an allocation each time.
	maxLearned = 16
)

// expect prepares for the attrs of a call that logs ev.
func (l *Line) expect(ev *event) {
	l.event = ev
	sh := ev.shape.Load()
	if (sh == nil || ev.stale.Load()) && ev.learned.Load() < maxLearned {
		l.learning = ev
		l.keys = l.keys[:0]
		return
	}
	if sh != nil {
		l.shape = sh
		l.cur.trust = true
	}
}

// key returns what is known about the key of the next attr of the call.
func (l *Line) key(name string) *key {
	if l.next < len(l.shape.in) {
		if k := l.shape.in[l.next].key; k.name == name {
			l.next++
			return k
		}
	}
	return l.keyUnexpected(name)
}

// keyUnexpected is key for an attr that is not the next one: one was left out,
// or this one has been added.
func (l *Line) keyUnexpected(name string) *key {
	if l.next+1 < len(l.shape.in) {
		if k := l.shape.in[l.next+1].key; k.name == name {
			l.next += 2
			return k
		}
	}
	k := l.e.key(name)
	switch {
	case l.learning != nil:
		if len(l.keys) < maxShape {
			l.keys = append(l.keys, k)
		}
	case l.event != nil && l.next < maxShape:
		l.event.stale.Store(true)
	}
	return k
}

// learn keeps the shape of this call for the next ones.
func (l *Line) learn() {
	ev := l.learning
	l.learning = nil
	sh := &shape{in: make([]expectedKey, len(l.keys))}
	for _, s := range l.segs[:min(len(l.segs), maxShape)] {
		sh.out = append(sh.out, s.key)
		sh.seen.add(s.key)
	}
	named := false // a member before it may say more of a value than its key does
	for i, k := range l.keys {
		sh.in[i] = expectedFrom(k)
		sh.in[i].quick = k.quick && i < len(sh.out) && sh.out[i] == k && !(named && k.pair == redact.PairValue)
		named = named || i < len(sh.out) && sh.out[i].pair == redact.PairName
	}
	ev.learned.Add(1)
	ev.shape.Store(sh)
	ev.stale.Store(false)
}

// distrust enters the members written so far where those of calls without a
// shape are.
func (l *Line) distrust() {
	if !l.cur.trust {
		return
	}
	l.cur.trust = false
	more := len(l.segs) // behind those of the shape
	for i, k := range l.shape.out[:l.members] {
		if l.missing&(1<<i) == 0 {
			l.cur.seen.add(k)
			l.segs = append(l.segs, seg{k, l.at[i]})
		}
	}
	if more > 0 {
		l.segs = append(l.segs, l.segs[:more]...)
		l.segs = slices.Delete(l.segs, 0, more)
	}
}
