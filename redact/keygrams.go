package redact

// Most keys have nothing to do with secrets, and are told from those that do before
// any table of words is asked: every word of the tables has three letters of its own
// (addGrams), and so has every key that a word of them is a part of.

// keyGrams holds three letters of each word that can make a key secret.
var keyGrams = func() *[512]uint64 {
	g := new([512]uint64)
	add := func(w string) {
		if len(w) > 2 && asciiWord(w) { // pw and su are tried by themselves
			addGrams(g, w)
		}
	}
	for _, table := range []map[string]strength{wholeKeys, secretWords, secretRuns, keyOnlyRuns, foreignWords} {
		for w := range table {
			add(w)
		}
	}
	for i := range g {
		g[i] |= partGrams[i]
	}
	add("key") // of services
	add("auth")
	return g
}()

// grams is a set of three letters in a row.
type grams [512]uint64

// partGrams holds three letters of each word that wordPart looks for in another.
var partGrams = func() *grams {
	g := new(grams)
	for _, f := range fragments {
		addGrams((*[512]uint64)(g), f.text)
	}
	for _, f := range suffixes {
		addGrams((*[512]uint64)(g), f.text)
	}
	addGrams((*[512]uint64)(g), "secret")
	return g
}()

// in reports whether three letters of g are in a row in word, which is in small
// letters.
func (g *grams) in(word string) bool {
	h, n := uint32(0), 0
	for i := 0; i < len(word); i++ {
		if !isLower(word[i]) {
			n = 0
			continue
		}
		h = (h<<5 | uint32(word[i]&31)) & 0x7fff
		if n++; n >= 3 && g[h>>6]>>(h&63)&1 != 0 {
			return true
		}
	}
	return false
}

// mayNameSecret reports whether the joined words of a key may be, or contain, a word
// that makes a key secret. Most others are told from it.
func mayNameSecret(words []byte) bool {
	if len(words) <= 2 {
		return true
	}
	h, n, prev := uint32(0), 0, byte(0)
	for _, c := range words {
		if !isLower(c) {
			if c >= 0x80 {
				return true // a word of another alphabet
			}
			n, prev = 0, 0
			continue
		}
		h = (h<<5 | uint32(c&31)) & 0x7fff
		if n++; n >= 3 && keyGrams[h>>6]>>(h&63)&1 != 0 || c == 'w' && prev == 'p' {
			return true
		}
		prev = c
	}
	return false
}

// addressEnds has a bit for each pair of last letters of a key that names an e-mail
// or IP address, a coordinate or a machine, five bits of each letter.
var addressEnds = func() (t [16]uint64) {
	add := func(w string) {
		x := lastPair([]byte(w))
		t[x>>6] |= 1 << (x & 63)
	}
	for w := range piiKeys {
		add(w)
	}
	for w := range hostWords {
		add(w)
	}
	for w := range addressWords {
		add(w)
	}
	return t
}()

// lastPair returns five bits of each of the last two letters of w.
func lastPair(w []byte) uint32 {
	n := len(w)
	return uint32(w[n-2]&31)<<5 | uint32(w[n-1]&31)
}

// mayNameAddress reports whether the joined words of a key end like one of pii.
func mayNameAddress(words []byte) bool {
	if len(words) < 2 {
		return false
	}
	x := lastPair(words)
	return addressEnds[x>>6]>>(x&63)&1 != 0
}
