package encode

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"

	"github.com/pairly/pairlog/redact"
)

// verdicts remembers texts in which the redactor found nothing: methods, paths,
// user agents and names come again and again, and recognizing one is cheaper
// than looking for secrets in it. What is kept is not the text but its hash
// under random keys of this process, so the table neither grows nor holds
// anything that could be read. A text that was never looked at is taken for one
// that was with a probability below 2^-58, whoever has chosen it.
type verdicts struct {
	keys  [maxVerdict/8 + 4]uint64
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

func (v *verdicts) init() {
	for i := range v.keys {
		v.keys[i] = rand.Uint64() // from the runtime's ChaCha8, seeded by the system
	}
}

// check is the redactor's Check, remembered.
func (l *Line) check(s string) redact.Finding {
	e := l.e
	switch n := len(s); {
	case n == 24, n == 32, n == 36:
		if e.red.Identifies(s) {
			return 0
		}
	case n > maxVerdict:
		return e.red.Check(s)
	}
	h := e.verdicts.hash(s)
	slot := &e.verdicts.slots[h>>52]
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

// hash is NH, the universal hash of UMAC (Black, Halevi, Krawczyk, Krovetz and
// Rogaway, CRYPTO 1999, section 4) on words of 64 bits: the sum of products of
// pairs of words, each with a key added. Two texts of one length have the same
// sum with probability 2^-64 over the keys. Sum and length are folded to 64 bits
// by one more product with keys, as wyhash does. len(s) is at most maxVerdict.
func (v *verdicts) hash(s string) uint64 {
	k := &v.keys
	n := len(s)
	var hi, lo, carry uint64
	i := 0
	for ; n-i > 16; i += 16 {
		w := i >> 3 & (maxVerdict/8 - 2)
		a, b := bits.Mul64(load8(s[i:])+k[w], load8(s[i+8:])+k[w+1])
		lo, carry = bits.Add64(lo, b, 0)
		hi, _ = bits.Add64(hi, a, carry)
	}
	// The rest is at most sixteen bytes; where it is shorter, and the text is not,
	// the last sixteen overlap with what has been read, which does no harm.
	var x, y uint64
	switch {
	case n >= 16:
		x, y = load8(s[n-16:]), load8(s[n-8:])
	case n >= 8:
		x, y = load8(s), load8(s[n-8:])
	case n >= 4:
		x, y = load4(s), load4(s[n-4:])
	case n > 0:
		x, y = uint64(s[0])|uint64(s[n>>1])<<8, uint64(s[n-1])
	}
	a, b := bits.Mul64(x+k[maxVerdict/8], y+k[maxVerdict/8+1])
	lo, carry = bits.Add64(lo, b, 0)
	hi, _ = bits.Add64(hi, a, carry)
	a, b = bits.Mul64(lo^k[maxVerdict/8+2], (hi+uint64(n))^k[maxVerdict/8+3])
	return a ^ b
}
