package redact

import (
	"strings"
	"sync/atomic"
)

// maxKeyBytes bounds the part of a key that is read. A longer key is not a name
// but data, and is scanned as text by its writer.
const maxKeyBytes = 128

// verdict is the full answer about a key.
type verdict struct {
	class    Class
	str      strength
	compound bool // more than one word, so not a word of a sentence
	// measured is the strength without the word that measures, in the place of str,
	// where class is [ClassMeasure] or [ClassNumber].
	measured strength
}

// Key returns the class of a key. It looks at whole words, split at '_', '-',
// '.', '/', ':', space, brackets and changes of case. The last answers are
// remembered in a table of fixed size. Safe for concurrent use.
func (r *Redactor) Key(key string) Class { return r.verdict(key).class }

// keyCache remembers verdicts. Keys repeat, in records and in text, and the
// table is small and fixed, so that keys made of data cannot fill the memory.
type keyCache struct {
	miss atomic.Uint32
	slot [1024]atomic.Pointer[cachedKey]
	// plain are keys in quotes that say nothing about their value; see plainKey.
	plain [512]atomic.Pointer[string]
}

type cachedKey struct {
	key   string
	v     verdict
	clean bool // the key may be written as it is
	label bool // its value is the name of another
}

// maxCachedKey bounds the bytes of a key that is kept.
const maxCachedKey = 64

// verdict returns the verdict on a key.
func (r *Redactor) verdict(key string) verdict {
	slot := r.slot(key)
	if slot == nil {
		return r.judge(key)
	}
	e := slot.Load()
	if e != nil && e.key == key {
		return e.v
	}
	// A full slot is given up for one miss in eight: a flood of keys that are
	// seen once allocates little and does not drive out the keys of every
	// record.
	if e == nil || r.cache.miss.Add(1)%8 == 0 {
		e = r.judged(key)
		slot.Store(e)
		return e.v
	}
	return r.judge(key)
}

// lookup returns all that is known about a key of a document. Its key is not a
// copy unless it is kept.
func (r *Redactor) lookup(key string) cachedKey {
	slot := r.slot(key)
	if slot == nil {
		return r.judgeKey(key)
	}
	e := slot.Load()
	if e != nil && e.key == key {
		return *e
	}
	if e == nil || r.cache.miss.Add(1)%8 == 0 {
		e = r.judged(key)
		slot.Store(e)
		return *e
	}
	return r.judgeKey(key)
}

// slot returns the place of a key in the table, nil for one too long to be kept.
func (r *Redactor) slot(key string) *atomic.Pointer[cachedKey] {
	if len(key) > maxCachedKey {
		return nil
	}
	return &r.cache.slot[keyHash(key)>>54]
}

// keyHash is a hash of a key of which the highest bits are to be taken. Who makes keys
// with equal hashes drives others out of the table, as he can with any keys.
func keyHash(key string) uint64 {
	const m = 0x9e3779b97f4a7c15
	n := len(key)
	if n < 8 {
		return (lastWord(key, 0) ^ uint64(n)<<56) * m
	}
	h := (at8(key, 0)^uint64(n))*m ^ at8(key, n-8)
	if n > 16 {
		h = (h^h>>32)*m ^ at8(key, n/2-4)
	}
	h ^= h >> 29
	return h * m
}

// judged is judgeKey for a key that is kept.
func (r *Redactor) judged(key string) *cachedKey {
	e := r.judgeKey(strings.Clone(key))
	return &e
}

// judgeKey judges a key and its own text.
func (r *Redactor) judgeKey(key string) cachedKey {
	e := cachedKey{key: key, v: r.judge(key), label: isNameLabel(key)}
	if len(r.cfg.Values) == 0 && !looksJSON(key) {
		sc := scanner{r: r, s: key}
		_, found := sc.next(0)
		e.clean = !found && !sc.needsEscape()
	}
	return e
}

// judge is verdict without the cache.
func (r *Redactor) judge(key string) verdict {
	var buf [maxKeyBytes]byte
	var ends [16]uint8
	n, words, symbol := splitWords(key, &buf, &ends)
	if n == 0 {
		return verdict{}
	}
	if !asciiWord(key) {
		// Letters of other alphabets have small forms too.
		if low := strings.ToLower(key); low != key {
			n, words, symbol = splitWords(low, &buf, &ends)
		}
	}
	w := keyWords{buf: buf[:n], ends: ends[:words]}
	if r.keys != nil {
		if c, ok := w.custom(r.keys); ok {
			str := strNone
			if c == ClassSecret {
				str = strStrong
			}
			return verdict{class: c, str: str, compound: words > 1}
		}
	}
	v := w.verdict()
	if symbol && words == 1 && string(w.buf) == "key" {
		v.str, v.class = strStructured, ClassSecret // "_key", "*key": a wildcard for every key
	}
	if (v.class == ClassSecret || v.class.Measures()) && r.off[idKey] || v.class == ClassEmail && r.off[idEmail] ||
		(v.class == ClassIP || v.class == ClassHost) && r.off[idIP] || v.class == ClassCoordinate && r.off[idCoordinate] {
		v.class = ClassKeep
	}
	return v
}

// splitWords lowers key into buf without separators and notes where each word
// ends. symbol reports a leading '_' or '*'.
func splitWords(key string, buf *[maxKeyBytes]byte, ends *[16]uint8) (n, words int, symbol bool) {
	if len(key) > maxKeyBytes {
		key = key[len(key)-maxKeyBytes:]
	}
	start := 0
	end := func() {
		if n > start && words < len(ends) {
			ends[words] = uint8(n)
			words++
			start = n
		}
	}
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c >= 'A' && c <= 'Z':
			prevLower := i > 0 && isLowerDigit(key[i-1])
			prevUpper := i > 0 && isUpper(key[i-1])
			nextLower := i+1 < len(key) && isLower(key[i+1])
			if prevLower || prevUpper && nextLower {
				end()
			}
			buf[n] = c | 0x20
			n++
		case isLowerDigit(c) || c >= 0x80:
			buf[n] = c
			n++
		default:
			if i == 0 && (c == '_' || c == '*') {
				symbol = true
			}
			end()
		}
	}
	end()
	if words == 0 {
		return 0, 0, symbol
	}
	return int(ends[words-1]), words, symbol
}

// keyWords is a key split into lower-case words.
type keyWords struct {
	buf  []byte
	ends []uint8
}

func (w keyWords) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(w.ends[i-1])
}

// run returns the words i..j, joined.
func (w keyWords) run(i, j int) []byte { return w.buf[w.start(i):w.ends[j]] }

// custom looks for the longest custom rule, as a run of whole words.
func (w keyWords) custom(rules map[string]Class) (Class, bool) {
	for size := len(w.ends); size > 0; size-- {
		for i := 0; i+size <= len(w.ends); i++ {
			if c, ok := rules[string(w.run(i, i+size-1))]; ok {
				return c, true
			}
		}
	}
	return ClassKeep, false
}

func (w keyWords) verdict() verdict {
	n := len(w.ends)
	v := verdict{compound: n > 1}
	if mayNameSecret(w.buf) {
		if s, ok := wholeKeys[string(w.buf)]; ok {
			v.set(s)
			return v
		}
		s, described := w.strength()
		if described {
			if s >= strStructured && w.measures() {
				v.set(s)
				v.measured, v.str, v.class = v.str, strNone, w.measureClass()
				return v
			}
			s = strNone
		}
		v.set(s)
		if v.str >= strStructured {
			return v
		}
	}
	if mayNameAddress(w.buf) {
		v.class = w.pii()
	}
	return v
}

func (v *verdict) set(s strength) {
	v.str = s
	if s >= strStructured {
		v.class = ClassSecret
	}
	if s == strWord && v.compound {
		v.str = strStrong
	}
}

// pii classifies by the last words: client_ip, user_email, but not email_sent.
func (w keyWords) pii() Class {
	n := len(w.ends)
	for size := min(2, n); size > 0; size-- {
		if c, ok := piiKeys[string(w.run(n-size, n-1))]; ok {
			return c
		}
	}
	if w.host() {
		return ClassHost
	}
	return ClassKeep
}

// strength finds the strongest secret word that no safe word covers. described
// reports whether the key has it and is none: it asks for a secret, or describes one.
func (w keyWords) strength() (best strength, described bool) {
	n := len(w.ends)
	asks := n > 1 && askWords[string(w.run(0, 0))]
	i := 0
	if asks {
		i = 1
	}
	for i < n {
		s, used := w.at(i)
		best = max(best, s)
		i += used
	}
	if best == strNone || n == 1 {
		return best, false
	}
	return best, asks || metaWords[string(w.run(n-1, n-1))] && !w.endsSecret()
}

// endsSecret reports whether the last two words together are a secret, although
// the last one alone describes: token_id, secret_id.
func (w keyWords) endsSecret() bool {
	n := len(w.ends)
	s, ok := keyRuns[string(w.run(n-2, n-1))]
	return ok && s != strSafe
}

// at returns the strength of the longest known run at word i and how many words
// it used.
func (w keyWords) at(i int) (strength, int) {
	n := len(w.ends)
	for size := min(3, n-i); size > 1; size-- {
		if int(w.ends[i+size-1])-w.start(i) > maxRunBytes {
			continue
		}
		if s, ok := keyRuns[string(w.run(i, i+size-1))]; ok {
			if s == strSafe {
				return strNone, size
			}
			return s, size
		}
	}
	word := trimDigits(w.run(i, i))
	if s, ok := keyUnits[string(word)]; ok {
		if s == strStructured && n > 1 && string(word) == "auth" {
			return strStrong, 1 // x-auth, kubelet_auth: never a sentence
		}
		return s, 1
	}
	return wordPart(string(word)), 1
}

// strSafe marks the runs that win over secret words, in keyRuns only.
const strSafe = strength(255)

// keyRuns are secretRuns, keyOnlyRuns, foreignWords and safeRuns, keyUnits the single words: secretWords,
// and the runs written as one word. maxRunBytes is the longest run.
var keyRuns, keyUnits, maxRunBytes = func() (runs, units map[string]strength, longest int) {
	runs = make(map[string]strength)
	units = make(map[string]strength)
	for w, s := range secretRuns {
		runs[w], units[w] = s, s
		longest = max(longest, len(w))
	}
	for w, s := range keyOnlyRuns {
		runs[w], units[w] = s, s
		longest = max(longest, len(w))
	}
	for w := range safeRuns {
		runs[w], units[w] = strSafe, strNone
		longest = max(longest, len(w))
	}
	for _, w := range services {
		runs[w+"key"], units[w+"key"] = strStrong, strStrong
		longest = max(longest, len(w)+len("key"))
	}
	for w, s := range foreignWords {
		runs[w], units[w] = s, s
		longest = max(longest, len(w))
	}
	for w, s := range secretWords {
		units[w] = s
	}
	return runs, units, longest
}()

// wordPart judges a word that is in no list by what it contains.
func wordPart(word string) strength {
	if len(word) < 5 || harmlessWords[word] || strings.HasPrefix(word, "author") && word != "authorization" {
		return strNone
	}
	if strings.HasPrefix(word, "auth") && !strings.HasPrefix(word, "authenti") {
		return strStructured
	}
	if !partGrams.in(word) {
		return strNone
	}
	return wordWith(word)
}

// wordWith is wordPart for words that begin like no other.
func wordWith(word string) strength {
	for _, f := range fragments {
		if strings.Contains(word, f.text) {
			return f.str
		}
	}
	if strings.Contains(word, "secret") && !strings.Contains(word, "secretar") && !strings.Contains(word, "secreti") {
		return strStrong
	}
	for _, s := range suffixes {
		if strings.HasSuffix(word, s.text) {
			return s.str
		}
	}
	return strNone
}

// trimDigits drops trailing digits: password1, token2.
func trimDigits(w []byte) []byte {
	n := len(w)
	for n > 1 && w[n-1] >= '0' && w[n-1] <= '9' {
		n--
	}
	if n < 2 {
		return w
	}
	return w[:n]
}

func isLower(c byte) bool      { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool      { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool      { return c >= '0' && c <= '9' }
func isLowerDigit(c byte) bool { return isLower(c) || isDigit(c) }
func isLetter(c byte) bool     { return isLower(c | 0x20) }
func isAlnum(c byte) bool      { return isLetter(c) || isDigit(c) }
func isHex(c byte) bool        { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isSpace(c byte) bool      { return c == ' ' || c == '\t' }
