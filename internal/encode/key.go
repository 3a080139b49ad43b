package encode

import (
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/pairly/pairlog/redact"
)

// place is a position in the record that the contract gives to a root key.
type place uint8

const (
	// placeRequestID is directly after the logger's name.
	placeRequestID place = 1 << iota
	// placeTraceID is after everything but span_id and source.
	placeTraceID
	// placeSpanID is directly after trace_id.
	placeSpanID
	// placeMessage marks the key "message", which is free beside an event.
	placeMessage
	// placeSource is the last one.
	placeSource
	// placeReserved marks a root key that the encoder itself writes.
	placeReserved

	// placeIDs are the ids of a scope, and placeVarying all keys that belong to the
	// record on some lines and to attrs on others.
	placeIDs     = placeRequestID | placeTraceID | placeSpanID
	placeVarying = placeIDs | placeMessage
)

// key is everything there is to know about one key, worked out once. It is
// immutable but for the derived keys, which are made when first needed.
type key struct {
	// name is the key as the caller wrote it; own memory.
	name string
	// block is `"name":`, redacted, escaped and ready to copy.
	block string
	// out is the text of the key on the line, before escaping.
	out   string
	hash  uint64
	class redact.Class
	// yields is set when the key leaves it to the keys around it what must happen to
	// its value, where they say anything.
	yields bool
	// plain is set when nothing but the value has to be looked at: class keep,
	// no unit, no place of its own, no name beside it that may say more.
	plain bool
	// quick is set when a text or number is written under the key itself, and
	// block fits into words.
	quick bool
	// words are the bytes of block, to be copied without a call.
	words [keyWords]uint64
	// ms is set when the name ends in _ms, or is ms: the value is a number of
	// milliseconds with two decimals.
	ms bool
	// allow is set when the policy has an allow-list for what is under the key.
	allow bool
	place place
	// pair is the part that the key has in an object of a name and a value.
	pair redact.PairKey
	// derived keys: name_ms for durations, name_length for content, name_ for a
	// reserved name.
	msKey, lengthKey, freeKey atomic.Pointer[key]
	// plan is that of the first value under the key that has one.
	plan atomic.Pointer[plan]
}

// bit is the position of the key in a level's seen set.
func (k *key) bit() uint64 { return k.hash & (seenBits - 1) }

// same reports whether both keys look alike on the line.
func (k *key) same(o *key) bool { return k == o || (k.hash == o.hash && k.out == o.out) }

// inMS returns the key for a duration: name_ms, or the key itself when it has
// that unit already.
func (e *Encoder) inMS(k *key) *key {
	if k.ms {
		return k
	}
	return e.derive(&k.msKey, k, "_ms")
}

// length returns the key under which the length of the value is written.
func (e *Encoder) length(k *key) *key { return e.derive(&k.lengthKey, k, "_length") }

// free returns the key with an underscore behind it, out of the way of the
// names of the record contract.
func (e *Encoder) free(k *key) *key { return e.derive(&k.freeKey, k, "_") }

func (e *Encoder) derive(p *atomic.Pointer[key], k *key, suffix string) *key {
	if d := p.Load(); d != nil {
		return d
	}
	d := e.newKey(k.name+suffix, redact.ClassKeep)
	p.Store(d)
	return d
}

// keyTable caches keys by content. It is a fixed number of sets of four: a
// program with ever new keys replaces entries and never grows it.
type keyTable struct {
	sets [keySets][keyWays]atomic.Pointer[key]
	next atomic.Uint32
}

const (
	keySets = 512
	keyWays = 4
	// keyWords is how many words hold the block of a key of common length.
	keyWords = 4
	// maxCachedKey bounds the memory of the table, in bytes a key.
	maxCachedKey = 128
)

// key returns what is known about name, from the cache where possible.
func (e *Encoder) key(name string) *key {
	h := hashKey(name)
	set := &e.keys.sets[h>>32&(keySets-1)]
	if k := set[0].Load(); k != nil && k.name == name {
		return k
	}
	return e.keySlow(set, name)
}

func (e *Encoder) keySlow(set *[keyWays]atomic.Pointer[key], name string) *key {
	for i := 1; i < keyWays; i++ {
		if k := set[i].Load(); k != nil && k.name == name {
			return k
		}
	}
	class := e.red.Key(name)
	if len(name) > maxCachedKey {
		return e.newKey(name, class)
	}
	k := e.newKey(strings.Clone(name), class)
	for i := range set {
		if set[i].CompareAndSwap(nil, k) {
			return k
		}
	}
	set[e.keys.next.Add(1)%keyWays].Store(k)
	return k
}

// ownKey returns a key that the library itself writes; its value is scanned
// like any text but never judged by the key.
func (e *Encoder) ownKey(name string) *key { return e.newKey(name, redact.ClassKeep) }

func (e *Encoder) newKey(name string, class redact.Class) *key {
	text := name
	if e.red.Check(text)&redact.Suspect != 0 {
		text = string(e.red.AppendString(nil, text))
	}
	if len(text) > e.lim.String {
		text = truncate(text, e.lim.String) + Ellipsis
	}
	k := &key{name: name, out: text, class: class, hash: hashKey(text)}
	k.block = string(appendQuoted(nil, text)) + ":"
	k.ms = name == "ms" || strings.HasSuffix(name, "_ms")
	k.yields = yields(class)
	k.place = placeOf(name)
	k.pair = redact.PairKeyOf(name)
	k.allow = e.allow && e.red.HasAllow(name)
	k.plain = class == redact.ClassKeep && !k.ms && k.place == 0 && k.pair != redact.PairValue
	k.quick = class != redact.ClassLength && k.place == 0 && len(k.block) <= keyWords*8 && !e.allow
	if k.quick {
		k.words = wordsOf(k.block)
	}
	return k
}

// wordsOf returns a text that fits as words, for putWords.
func wordsOf(text string) (w [keyWords]uint64) {
	var b [keyWords * 8]byte
	copy(b[:], text)
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[i*8:])
	}
	return w
}

// putWords writes the block of a key into b, and what is behind it up to the end
// of the words.
func putWords(b []byte, w *[keyWords]uint64) {
	_ = b[keyWords*8-1]
	binary.LittleEndian.PutUint64(b[0:], w[0])
	binary.LittleEndian.PutUint64(b[8:], w[1])
	binary.LittleEndian.PutUint64(b[16:], w[2])
	binary.LittleEndian.PutUint64(b[24:], w[3])
}

func placeOf(name string) place {
	switch name {
	case "request_id":
		return placeRequestID
	case "trace_id":
		return placeTraceID
	case "span_id":
		return placeSpanID
	case "source":
		return placeSource
	case "message":
		return placeMessage
	case "timestamp", "level", "logger", "event", "recorded", "sample_weight":
		return placeReserved
	}
	return 0
}

// hashKey hashes up to sixteen bytes at each end of a key, which is all of it
// for keys that people write. Equal hashes are told apart by comparing.
func hashKey(s string) uint64 {
	const m1, m2 = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	n := len(s)
	var a, b uint64
	switch {
	case n >= 8:
		a, b = load8(s), load8(s[n-8:])
		if n > 16 {
			a ^= load8(s[8:]) * m2
			b ^= load8(s[n-16:]) * m1
		}
	case n >= 4:
		a, b = load4(s), load4(s[n-4:])
	case n > 0:
		a = uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	}
	h := (a ^ uint64(n)*m2) * m1
	h ^= h >> 29
	h = (h ^ b) * m2
	return h ^ h>>32
}

func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
