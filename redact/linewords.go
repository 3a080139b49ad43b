package redact

import "strings"

// maxLineWord is the longest value, in bytes, that is remembered with its key.
const maxLineWord = 46

// lineWords are short values in which nothing was sensitive, by their first bytes:
// levels, methods, names of events.
type lineWords [2048]lineWord

type lineWord struct {
	n    uint8
	text [maxLineWord + 2]byte // with the quotes
}

// slot returns where a value that begins like s is.
func (l *lineWords) slot(s string) uint64 {
	return (load8(s) ^ uint64(load4(s[8:]))<<29) * 0x9e3779b97f4a7c15 >> 53
}

// wordCount says how often a value of one key was looked for and found.
type wordCount struct{ tries, hits uint32 }

// useless reports whether the values of the key are others each time.
func (c *wordCount) useless() bool { return c.tries > 256 && c.hits < c.tries/2 }

// find returns the length of the value at the beginning of s when it is one of l,
// and which.
func (c *wordCount) find(l *lineWords, s string) (n int, slot uint64) {
	if len(s) < 12 {
		return 0, 0
	}
	c.tries++
	slot = l.slot(s)
	w := &l[slot]
	if n := int(w.n); n > 0 && len(s) >= n && string(w.text[:n]) == s[:n] {
		c.hits++
		return n, slot
	}
	return 0, 0
}

// add remembers the first n bytes of s.
func (c *wordCount) add(l *lineWords, s string, n int) bool {
	if len(s) < 12 || n > maxLineWord+2 || c.useless() {
		return false
	}
	c.tries++
	w := &l[l.slot(s)]
	w.n = uint8(copy(w.text[:], s[:n]))
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
