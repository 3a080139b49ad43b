package redact

import "strings"

// Lines redacts the documents of a log one after the other. It remembers which
// keys follow each other and what was found harmless, which makes it several times
// faster than [Redactor.AppendDocument]; the result is the same. It is made by
// [Redactor.Lines] and used by one goroutine. Its memory is bounded.
type Lines struct {
	r    *Redactor
	t    *trial    // counts the redactions of one document
	n    *counters // those of all documents since the last Flush
	text []byte
	keys [lineKeys]*lineKey // by hash
	used int                // how many keys there are
	// path is a hash of the keys of the document so far, and next the key that came
	// after such a path before.
	path uint32
	next [1 << linePathBits]*lineKey
	// words and texts are values in which nothing was sensitive.
	words lineWords
	texts lineTexts

	templates templates
}

// Lines returns a Lines for r.
func (r *Redactor) Lines() *Lines {
	l := &Lines{r: r, t: r.trial(), n: &counters{custom: make([]counterCell, len(r.n.custom))}}
	return l
}

// Flush adds what was counted since the last Flush to the counts of the Redactor.
func (l *Lines) Flush() { l.n.moveTo(l.r.n) }

// AppendDocument is [Redactor.AppendDocument]. What it counts is counted by the
// next Flush. s is not kept.
func (l *Lines) AppendDocument(dst []byte, s string) (out []byte, ok bool) {
	n := len(dst)
	defer func() {
		if recover() != nil {
			l.t.n.reset()
			l.n.builtin[idLimit].Add(1)
			out, ok = append(dst[:n], `"`+Mark+`"`...), true
		}
	}()
	if len(s) > l.r.cfg.MaxBytes {
		return dst, false
	}
	l.path = 0
	w := walker{r: &l.t.r, s: s, dst: dst, text: l.text, lines: l}
	ok = w.document()
	l.text = w.text
	switch {
	case !w.changed:
	case ok:
		l.t.n.moveTo(l.n)
	default:
		l.t.n.reset()
	}
	if !ok {
		return dst, false
	}
	if l.templates.unknown {
		l.templates.unknown = false
		l.remember(s)
	}
	return w.dst, true
}

const (
	// lineKeys is how many keys are remembered at the most, and two to the power of
	// linePathBits how many paths.
	lineKeys     = 1024
	linePathBits = 13
)

// lineKey is a key of a document, as it is written up to its value.
type lineKey struct {
	raw              string // "key":
	n                int    // its length
	head, body, tail uint64 // the first bytes, those from the eighth on, the last
	known            cachedKey
	hash             uint32
	keep             bool // ClassKeep
	simple           bool // the verdict alone says what happens to the value
	ip               bool // the value is an address, to be masked
	event            bool // the value says which keys will follow
	path             bool // the value may be the path of the next one
	form             lineForm
	words            wordCount
}

// lineForm is the form of the last value of a key.
type lineForm uint8

const (
	formOther lineForm = iota
	formWord           // one that is remembered
	formHex            // an identifier of 24 hexadecimal digits
	formUUID
	formTime   // 2006-01-02T15:04:05.000Z
	formTagged // see taggedHex
	formNumber // short enough not to be a card's
	formIP     // a plain address
	formEnd    // no value: the end of the line
	formDead   // under a key of which a step knows too little
)

// begins reports whether the key stands at i, with two bytes behind it at least.
func (k *lineKey) begins(s string, i int) bool {
	n := k.n
	if len(s)-i < n+2 {
		return false
	}
	if n < 8 || n > 24 {
		return s[i:i+n] == k.raw
	}
	return at8(s, i) == k.head && at8(s, i+n-8) == k.tail && (n <= 16 || at8(s, i+8) == k.body)
}

// learn notes that the key raw, with what parts it from its value, follows the
// keys before it.
func (l *Lines) learn(raw string, known *cachedKey) {
	key := known.key
	if n := len(raw) - len(key); n < 3 || n > 4 || raw[1:1+len(key)] != key || len(raw) > maxCachedKey {
		return // written with escapes or white space, or data
	}
	h := uint(len(raw))*37 + uint(raw[1])*11 + uint(raw[len(key)])*5 + uint(raw[len(key)/2+1])
	k := l.keys[h%lineKeys]
	if k == nil || k.raw != raw {
		if l.used >= lineKeys {
			return // keys that are made of data
		}
		l.used++
		k = l.newKey(raw, known)
		l.keys[h%lineKeys] = k
	}
	l.next[l.path>>(32-linePathBits)] = k
	l.follow(k)
}

func (l *Lines) newKey(raw string, known *cachedKey) *lineKey {
	n := len(raw)
	k := &lineKey{raw: strings.Clone(raw), n: n, known: *known}
	known = &k.known
	known.key = k.raw[1 : 1+len(known.key)]
	if n >= 8 {
		k.head, k.tail = load8(raw), load8(raw[n-8:])
	}
	if n > 16 {
		k.body = load8(raw[8:])
	}
	k.simple = l.r.allow == nil && known.clean && !known.label && known.v.class != ClassLength && !privatePart(known.key)
	k.keep = known.v.class == ClassKeep
	k.hash = uint32((lastWord(raw[:min(n, 7)], 0) ^ k.tail*31 ^ uint64(n)) * 0x9e3779b97f4a7c15 >> 32)
	k.ip = k.simple && known.v.class == ClassIP && l.r.plainMask("", idIP)
	switch known.key {
	case "event", "msg", "message":
		k.event = true
	case "path":
		k.path = true
	}
	return k
}

// follow appends k to the path.
func (l *Lines) follow(k *lineKey) { l.path = (l.path ^ k.hash) * 0x9e3779b1 }

// quick copies members while they are as those of other documents were: a key that
// has come before after the same keys, and a value that is plain and harmless. It
// reports whether it has ended behind a value; otherwise the next member is at i,
// or, with ok false, there is no document. named is that of members.
func (w *walker) quick(named *bool) (behind, ok bool) {
	s, l, i := w.s, w.lines, w.i
	for {
		k := l.next[l.path>>(32-linePathBits)]
		if k == nil || !k.simple || !k.begins(s, i) || s[i+k.n] <= ' ' {
			w.i = i
			return false, true
		}
		l.follow(k)
		i += k.n
		if k.path && s[i] == '"' && s[i+1] == '/' {
			if text, ok := upToQuote(s[i+1:]); ok {
				*named = w.r.patches(text)
			}
		}
		if end := w.quickValue(k, i); end > 0 {
			i = end
		} else if i, ok = w.slowValue(k, i); !ok {
			return false, false
		}
		if len(s)-i < 3 || s[i] != ',' || *named {
			w.i = i
			return true, true
		}
		next := i + 1
		if s[next] == ' ' {
			next++
		}
		if s[next] != '"' {
			w.i = i
			return true, true
		}
		i = next
	}
}

// quickValue returns the end of the value at i, which stands under k, when it is
// harmless, and 0 when it is to be looked at. An address is masked.
func (w *walker) quickValue(k *lineKey, i int) int {
	s := w.s
	c := s[i]
	switch {
	case c == '"' && k.keep:
		return w.quickString(k, i)
	case c == '"' && k.ip:
		return w.quickAddress(i)
	case c == 'n' && strings.HasPrefix(s[i:], "null"): // which stays under every key
		return i + len("null")
	case !k.keep:
	case isDigit(c):
		if n := numberEnd(s[i:]); n > 0 && n < 12 {
			return i + n
		}
	case c == 't' && strings.HasPrefix(s[i:], "true"):
		return i + len("true")
	case (c == '{' && s[i+1] == '}' || c == '[' && s[i+1] == ']') && w.depth < w.r.cfg.MaxDepth:
		return i + len("{}")
	}
	return 0
}

// slowValue copies the value at i, which stands under k, like any other, and
// returns its end. A long text in which nothing was found is remembered.
func (w *walker) slowValue(k *lineKey, i int) (end int, ok bool) {
	w.i = i
	outer := w.group
	w.group = k.known.key
	ok = w.value(k.known.v.class)
	w.group = outer
	if ok && k.keep && w.copied <= i && w.s[i] == '"' {
		if text, _ := upToQuote(w.s[i+1:]); len(text)+2 == w.i-i && len(text) > maxLineWord {
			w.lines.texts.add(text)
		}
	}
	return w.i, ok
}

// quickString returns the end of the string at i, which stands under k, when it is
// harmless, and 0 when it is to be looked at.
func (w *walker) quickString(k *lineKey, i int) int {
	s, l := w.s, w.lines
	switch k.form {
	case formWord:
		if n, slot := k.words.find(&l.words, s[i:]); n > 0 {
			if k.event {
				l.path = (l.path ^ uint32(slot)) * 0x9e3779b1 // what follows depends on it
			}
			return i + n
		}
	case formHex:
		if len(s)-i > 25 && s[i+25] == '"' && harmlessHex(s[i+1:i+25]) {
			return i + 26
		}
	case formTime:
		if len(s)-i > 25 && s[i+25] == '"' && harmlessTime(s[i+1:i+25]) {
			return i + 26
		}
	case formUUID:
		if len(s)-i > 37 && s[i+37] == '"' && soleUUID(s[i+1:i+37]) {
			return i + 38
		}
	}
	text, ok := upToQuote(s[i+1:])
	if !ok {
		return 0
	}
	end := i + len(text) + 2
	if len(text) > maxLineWord {
		if l.texts.has(text) {
			return end
		}
		return 0
	}
	if w.r.Check(text) != 0 {
		return 0
	}
	switch {
	case len(text) == 24 && harmlessHex(text):
		k.form = formHex
	case len(text) == 24 && harmlessTime(text):
		k.form = formTime
	case len(text) == 36 && soleUUID(text):
		k.form = formUUID
	case k.words.add(&l.words, s[i:], len(text)+2, 0):
		k.form = formWord
	default:
		k.form = formOther
	}
	return end
}

// quickAddress masks the plain address that is the string at i, and returns its
// end, or 0 when it is no plain address.
func (w *walker) quickAddress(i int) int {
	s := w.s
	n := strings.IndexByte(s[i+1:min(len(s), i+18)], '"')
	if n <= 0 {
		return 0
	}
	var ok bool
	if w.text, ok = appendPlainIP(w.text[:0], s[i+1:i+1+n]); !ok {
		return 0
	}
	w.flush(i + 1)
	w.r.count(idIP)
	w.dst, w.copied, w.changed = append(w.dst, w.text...), i+1+n, true
	return i + n + 2
}
