package redact

import (
	"math/bits"
	"strings"
)

// maxLineWord is the longest value, in bytes, that is remembered with its key.
const maxLineWord = 46

// lineWords are short values in which nothing was sensitive: levels, methods, names of
// events. A word is in one of two places, which its ends and its length say.
type lineWords [2048]lineWord

type lineWord struct {
	head, tail uint64                // as ends returns them
	n          int                   // the length, 0 when there is no word
	text       [maxLineWord + 2]byte // with the quotes
}

// wordLen returns the length, with its quotes, of the string that begins s, 0 when it is
// longer than what is remembered or at the end of s.
func wordLen(s string) int {
	for i := 1; i <= maxLineWord && len(s)-i >= 8; i += 8 {
		x := at8(s, i) ^ ones*'"'
		if z := (x - ones) &^ x & highs; z != 0 {
			if i += bits.TrailingZeros64(z) >> 3; i > maxLineWord+1 {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// ends returns the first and the last eight of the n bytes at the beginning of s, of
// which there are eight at least; both are the same when n is less.
func ends(s string, n int) (head, tail uint64) {
	if n < 8 {
		head = load8(s) << uint(64-8*n)
		return head, head
	}
	return load8(s), at8(s, n-8)
}

func slotOf(head, tail uint64, n int) uint64 {
	return (head ^ tail<<13 ^ tail>>51 ^ uint64(n)<<29) * 0x9e3779b97f4a7c15 >> 53
}

// is reports whether w is the n bytes at the beginning of s, which have these ends.
func (w *lineWord) is(s string, n int, head, tail uint64) bool {
	return w.n == n && w.head == head && w.tail == tail && (n <= 16 || string(w.text[8:n-8]) == s[8:n-8])
}

// find returns the length of the value at the beginning of s when it is one of l, and a
// number of eleven bits that depends on it.
func (l *lineWords) find(s string) (n int, slot uint64) {
	n = wordLen(s)
	if n == 0 {
		return 0, 0
	}
	head, tail := ends(s, n)
	slot = slotOf(head, tail, n)
	if l[slot].is(s, n, head, tail) || l[slot^1].is(s, n, head, tail) {
		return n, slot
	}
	return 0, slot
}

// add remembers the first n bytes of s. Of the two words in its places it keeps the one
// that came last.
func (l *lineWords) add(s string, n int) {
	head, tail := ends(s, n)
	slot := slotOf(head, tail, n)
	if l[slot].n > 0 {
		l[slot^1] = l[slot]
	}
	w := &l[slot]
	w.head, w.tail, w.n = head, tail, n
	copy(w.text[:], s[:n])
}

// wordCount says how often a value of one key was looked for and found.
type wordCount struct{ tries, hits uint32 }

// useless reports whether the values of the key are others each time, but for those that
// were found without looking for them here.
func (c *wordCount) useless(near uint32) bool { return c.tries > 256 && c.hits+near < (c.tries+near)/2 }

// find is that of l.
func (c *wordCount) find(l *lineWords, s string) (n int, slot uint64) {
	c.tries++
	if n, slot = l.find(s); n > 0 {
		c.hits++
	}
	return n, slot
}

// maxNear is how many words are compared one after the other.
const maxNear = 8

// nearWords are the words that come often under one key, the most frequent first. They
// are compared without looking for their ends.
type nearWords struct {
	n          int
	head, mask [maxNear]uint64 // of the first eight bytes, apart from the rest so that a word is passed over quickly
	word       [maxNear]nearWord
}

type nearWord struct {
	mid, tail uint64 // those from the eighth on, when there are more than sixteen, and the last eight with the same mask
	tailAt, n int
	slot      uint64
	hits      uint32
	text      string // with the quotes
}

// find returns the length of the value at i of s when it is one of m, with the number
// that find of lineWords gives. There are maxLineWord+2 bytes behind i at least.
func (m *nearWords) find(s string, i int) (n int, slot uint64) {
	head := at8(s, i)
	for k := range m.n {
		k &= maxNear - 1
		if head&m.mask[k] != m.head[k] {
			continue
		}
		w := &m.word[k]
		if at8(s, i+w.tailAt)&m.mask[k] != w.tail || w.n > 16 && at8(s, i+8) != w.mid || w.n > 24 && s[i+16:i+w.n-8] != w.text[16:w.n-8] {
			continue
		}
		n, slot = w.n, w.slot
		if w.hits++; k > 0 && w.hits > m.word[k-1].hits {
			m.swap(k-1, k)
		}
		return n, slot
	}
	return 0, 0
}

func (m *nearWords) swap(a, b int) {
	m.head[a], m.head[b] = m.head[b], m.head[a]
	m.mask[a], m.mask[b] = m.mask[b], m.mask[a]
	m.word[a], m.word[b] = m.word[b], m.word[a]
}

// note tells m that the word of n bytes at the beginning of s, of at least eight, came.
// When m is full, the last word makes place when others have come more often.
func (m *nearWords) note(s string, n int, slot uint64) {
	if m.n == maxNear {
		last := &m.word[maxNear-1]
		if last.hits > 0 {
			last.hits--
			return
		}
		m.n--
	}
	k, mask, tailAt := m.n, ^uint64(0), max(0, n-8)
	if n < 8 {
		mask >>= uint(64 - 8*n)
	}
	m.head[k], m.mask[k] = load8(s)&mask, mask
	m.word[k] = nearWord{tail: at8(s, tailAt) & mask, tailAt: tailAt, n: n, slot: slot, text: strings.Clone(s[:n])}
	if n > 16 {
		m.word[k].mid = at8(s, 8)
	}
	m.n++
}

// hits returns how often words were found.
func (m *nearWords) hits() (n uint32) {
	for k := range m.n {
		n += m.word[k].hits
	}
	return n
}

// add remembers the first n bytes of s, if that is of use.
func (c *wordCount) add(l *lineWords, s string, n int, near uint32) bool {
	if len(s) < 8 || n > maxLineWord+2 || c.useless(near) {
		return false
	}
	c.tries++
	l.add(s, n)
	return true
}

// lineTexts are longer texts in which nothing was sensitive: user agents,
// statements. A text is kept when it is seen for the second time.
type lineTexts struct {
	seen [1024]uint16
	text [1024]string
}

// maxLineText is the longest text, in bytes, that is kept.
const maxLineText = 1024

func (m *lineTexts) hash(s string) uint64 {
	n := len(s)
	h := uint64(n)
	for _, i := range [...]int{0, n / 4, n / 2, n * 3 / 4, n - 8} {
		h = (h ^ at8(s, i)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

func (m *lineTexts) has(s string) bool {
	return len(s) <= maxLineText && m.text[m.hash(s)>>54] == s
}

func (m *lineTexts) add(s string) {
	if len(s) > maxLineText {
		return
	}
	h := m.hash(s)
	i, tag := h>>54, uint16(h)|1
	if m.seen[i] != tag {
		m.seen[i] = tag
		return
	}
	m.text[i] = strings.Clone(s)
}
