package sqllog

import (
	"hash/maphash"
	"sync/atomic"
	"unsafe"
)

// A cache finds the statement of an SQL text. It is bounded, a hit takes no lock
// and allocates nothing, and texts that never come again (values spelled into
// the SQL) cost their parsing and little else. It is safe for concurrent use.
type cache struct {
	seed  maphash.Seed
	mysql bool
	texts table // by SQL text
	kinds table // by fingerprint
	// at has statements by the address of their text; see sameMemory.
	at [addresses]atomic.Pointer[Statement]
}

// A table is a table of pairs: a key has two places, and a new one takes that of
// the older. Two goroutines may add the same key at the same time; then it has
// two values for a while.
type table [tableSets][2]atomic.Pointer[Statement]

// tableSets is a power of two. 4,096 statements of 200 bytes take about 2 MB.
const tableSets = 2048

// addresses is a power of two: how many texts are found without reading them.
const addresses = 1 << addressBits

const addressBits = 10

func newCache(mysql bool) *cache { return &cache{seed: maphash.MakeSeed(), mysql: mysql} }

// statement returns what is known of an SQL text.
func (c *cache) statement(text string) *Statement {
	slot := &c.at[slotOf(text)]
	if st := slot.Load(); st != nil && sameMemory(st.text, text) {
		return st
	}
	st := c.read(text)
	if sameMemory(st.text, text) && len(text) <= maxText { // a longer one is not to be kept
		slot.Store(st)
	}
	return st
}

// slotOf returns the place of a text in the table by address.
func slotOf(text string) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(text)))) * 0x9e3779b97f4a7c15 >> (64 - addressBits)
}

// sameMemory reports whether both are the same bytes in memory, as a constant is each
// time that it is sent: reading a statement of a service that does other things in
// between costs more than all else about it.
//
// It compares addresses and reads nothing through them. That the same address means
// the same text holds while known is referred to: then its memory is not given to
// another string, and a string does not change. A cache refers to the text by the
// Statement, which is complete before it is stored. TestSameMemory and FuzzStatement,
// which run under the race detector too, compare with texts that are read.
func sameMemory(known, text string) bool {
	return len(known) == len(text) && unsafe.StringData(known) == unsafe.StringData(text)
}

// read is statement for a text that must be read.
func (c *cache) read(text string) *Statement {
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
