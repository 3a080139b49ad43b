package sqllog

import (
	"hash/maphash"
	"sync/atomic"
)

// A cache finds the statement of an SQL text. It is a table of pairs: a text
// has two places, and a new one takes that of the older. So it is bounded, a
// hit takes no lock and allocates nothing, and texts that never come again
// (values spelled into the SQL) cost their parsing and little else.
//
// It is safe for concurrent use. Two goroutines may parse the same text at the
// same time; then one text has two pointers for a while.
type cache struct {
	seed  maphash.Seed
	mysql bool
	sets  [cacheSets][2]atomic.Pointer[statement]
}

// cacheSets is a power of two. 4,096 statements of 200 bytes take about 2 MB.
const cacheSets = 2048

func newCache(mysql bool) *cache { return &cache{seed: maphash.MakeSeed(), mysql: mysql} }

// statement returns what is known of an SQL text.
func (c *cache) statement(text string) *statement {
	if len(text) > maxText {
		return parse(text, c.mysql)
	}
	set := &c.sets[maphash.String(c.seed, text)%cacheSets]
	if st := set[0].Load(); st != nil && st.text == text {
		return st
	}
	if st := set[1].Load(); st != nil && st.text == text {
		return st
	}
	st := parse(text, c.mysql)
	set[1].Store(set[0].Swap(st))
	return st
}
