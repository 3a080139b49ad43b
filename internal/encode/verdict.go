package encode

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/pairly/pairlog/redact"
)

// verdicts remembers texts in which the redactor found nothing: methods, paths,
// user agents and names come again and again, and recognizing one is cheaper
// than looking for secrets in it. What is kept is not the text but its hash
// under a random seed of this process, so the table neither grows nor holds
// anything. A text that was never looked at is taken for one that was with
// probability 2^-61, which nobody without the seed can raise.
type verdicts struct {
	seed  maphash.Seed
	slots [verdictSlots]atomic.Uint64
}

const (
	verdictSlots = 4096
	// maxVerdict is the longest text, in bytes, that is remembered.
	maxVerdict = 256
	// The low bits of a slot are the finding; one more tells it from an empty one.
	verdictFinding = 3
	verdictUsed    = 4
	verdictBits    = verdictFinding | verdictUsed
	// One miss in so many enters its text: what comes again gets in soon, and
	// what never does (ids) leaves the table, and the other processors' copies of
	// it, mostly alone. A power of two.
	verdictEvery = 4
)

// check is the redactor's Check, remembered.
func (l *Line) check(s string) redact.Finding {
	e := l.e
	if len(s) > maxVerdict {
		return e.red.Check(s)
	}
	h := maphash.String(e.verdicts.seed, s)
	slot := &e.verdicts.slots[h%verdictSlots]
	h = h&^verdictBits | verdictUsed
	if v := slot.Load(); v&^verdictFinding == h {
		return redact.Finding(v & verdictFinding)
	}
	f := e.red.Check(s)
	if f&redact.Suspect == 0 {
		if l.misses++; l.misses%verdictEvery == 0 {
			slot.Store(h | uint64(f))
		}
	}
	return f
}
