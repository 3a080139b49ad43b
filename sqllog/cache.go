package sqllog

import (
	"hash/maphash"
	"sync/atomic"
)

// A cache finds the statement of an SQL text. It is bounded, a hit takes no lock
// and allocates nothing, and texts that never come again (values spelled into
// the SQL) cost their parsing and little else. It is safe for concurrent use.
type cache struct {
	seed  maphash.Seed
	mysql bool
	texts table // by SQL text
	kinds table // by fingerprint
}

// A table is a table of pairs: a key has two places, and a new one takes that of
// the older. Two goroutines may add the same key at the same time; then it has
// two values for a while.
type table [tableSets][2]atomic.Pointer[Statement]

// tableSets is a power of two. 4,096 statements of 200 bytes take about 2 MB.
const tableSets = 2048

func newCache(mysql bool) *cache { return &cache{seed: maphash.MakeSeed(), mysql: mysql} }

// statement returns what is known of an SQL text.
func (c *cache) statement(text string) *Statement {
	if len(text) > maxText {
		return c.parse(text)
	}
	set := &c.texts[maphash.String(c.seed, text)%tableSets]
	if st := set[0].Load(); st != nil && st.text == text {
		return st
	}
	if st := set[1].Load(); st != nil && st.text == text {
		return st
	}
	st := c.parse(text)
	set[1].Store(set[0].Swap(st))
	return st
}

// parse parses a text and finds the first statement with the same fingerprint,
// by which repetition is counted.
func (c *cache) parse(text string) *Statement {
	st := Parse(text, c.mysql)
	set := &c.kinds[maphash.String(c.seed, st.normal)%tableSets]
	for i := range set {
		if first := set[i].Load(); first != nil && first.normal == st.normal {
			st.kind = first
			return st
		}
	}
	set[1].Store(set[0].Swap(st))
	return st
}
