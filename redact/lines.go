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
	next [linePaths]*lineKey
	// words and texts are values in which nothing was sensitive.
	words lineWords
	texts lineTexts
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
	return w.dst, true
}

const (
	// lineKeys is how many keys are remembered at the most, and linePaths how many
	// paths. Both are powers of two.
	lineKeys  = 1024
	linePaths = 4096
)

// lineKey is a key of a document, as it is written up to its value.
type lineKey struct {
	raw              string // "key":
	head, body, tail uint64 // the first bytes, those from the eighth on, the last
	known            *cachedKey
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
	formTime // 2006-01-02T15:04:05.000Z
)

// begins reports whether s begins with the key.
func (k *lineKey) begins(s string) bool {
	n := len(k.raw)
	if len(s) < n || n < 8 || n > 24 {
		return strings.HasPrefix(s, k.raw)
	}
	return load8(s) == k.head && load8(s[n-8:]) == k.tail && (n <= 16 || load8(s[8:]) == k.body)
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
	l.next[l.path%linePaths] = k
	l.follow(k)
}

func (l *Lines) newKey(raw string, known *cachedKey) *lineKey {
	k := &lineKey{raw: strings.Clone(raw), known: known}
	n := len(raw)
	if n >= 8 {
		k.head, k.tail = load8(raw), load8(raw[n-8:])
	}
	if n > 16 {
		k.body = load8(raw[8:])
	}
	k.simple = l.r.allow == nil && known.clean && !known.label && known.v.class != ClassLength && !privatePart(known.key)
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
func (l *Lines) follow(k *lineKey) { l.path = l.path*31 + uint32(len(k.raw))<<3 + uint32(k.tail>>40) }

// quick copies members while they are as those of other documents were: a key that
// has come before after the same keys, and a value that is plain and harmless. It
// reports whether it has ended behind a value; otherwise the next member is at i,
// or, with ok false, there is no document. named is that of members.
func (w *walker) quick(named *bool) (behind, ok bool) {
	s, l := w.s, w.lines
	for {
		rest := s[w.i:]
		k := l.next[l.path%linePaths]
		if k == nil || !k.simple || !k.begins(rest) {
			return false, true
		}
		value := rest[len(k.raw):]
		if len(value) < 2 || value[0] <= ' ' {
			return false, true // parted in another way
		}
		l.follow(k)
		if k.path && value[0] == '"' && value[1] == '/' {
			if text, ok := upToQuote(value[1:]); ok {
				*named = w.patches(text)
			}
		}
		n := 0
		switch {
		case value[0] == 'n':
			n = quickNull(value)
		case k.known.v.class == ClassKeep && value[0] == '"':
			n = w.quickString(k, value)
		case k.known.v.class == ClassKeep:
			n = quickScalar(value)
		case k.ip && value[0] == '"':
			n = w.quickAddress(k, value)
		}
		if w.i += len(k.raw) + n; n == 0 && !w.valueOf(k.known) {
			return false, false
		}
		i := w.i
		if len(s)-i < 3 || s[i] != ',' || *named {
			return true, true
		}
		if i++; s[i] == ' ' {
			i++
		}
		if s[i] != '"' {
			return true, true
		}
		w.i = i
	}
}

// valueOf copies the value at i, which stands under the key k.
func (w *walker) valueOf(k *cachedKey) bool {
	outer := w.group
	w.group = k.key
	ok := w.value(k.v.class)
	w.group = outer
	return ok
}

// quickScalar returns the length of the number or literal at the beginning of s
// when it is harmless, and 0 when it is to be looked at.
func quickScalar(s string) int {
	switch c := s[0]; {
	case isDigit(c):
		if n := numberEnd(s); n < 12 {
			return n
		}
	case c == 't' && strings.HasPrefix(s, "true"):
		return len("true")
	case c == '{' && strings.HasPrefix(s, "{}"), c == '[' && strings.HasPrefix(s, "[]"):
		return len("{}")
	}
	return 0
}

// quickNull returns the length of null at the beginning of s, which stays under
// every key.
func quickNull(s string) int {
	if strings.HasPrefix(s, "null") {
		return len("null")
	}
	return 0
}

// quickString returns the length of the string at the beginning of s, with its
// quotes, when it is harmless; one under the key of an address is masked. 0 means
// that it is to be looked at.
func (w *walker) quickString(k *lineKey, s string) int {
	switch k.form {
	case formWord:
		if n, slot := k.words.find(&w.lines.words, s); n > 0 {
			if k.event {
				w.lines.path += uint32(slot) << 8 // what follows depends on it
			}
			return n
		}
	case formHex:
		if len(s) > 25 && s[25] == '"' && harmlessHex(s[1:25]) {
			return 26
		}
	case formTime:
		if len(s) > 25 && s[25] == '"' && harmlessTime(s[1:25]) {
			return 26
		}
	case formUUID:
		if len(s) > 37 && s[37] == '"' && harmlessUUID(s[1:37]) {
			return 38
		}
	}
	text, ok := upToQuote(s[1:])
	if !ok {
		return 0
	}
	if len(text) > maxLineWord {
		if !w.lines.texts.has(text) {
			if w.r.Check(text) != 0 {
				return 0
			}
			w.lines.texts.add(text)
		}
		return len(text) + 2
	}
	if w.r.Check(text) != 0 {
		return 0
	}
	switch {
	case len(text) == 24 && harmlessHex(text):
		k.form = formHex
	case len(text) == 24 && harmlessTime(text):
		k.form = formTime
	case len(text) == 36 && harmlessUUID(text):
		k.form = formUUID
	case k.words.add(&w.lines.words, s, len(text)+2):
		k.form = formWord
	default:
		k.form = formOther
	}
	return len(text) + 2
}

// quickAddress masks the plain address at the beginning of s.
func (w *walker) quickAddress(k *lineKey, s string) int {
	n := strings.IndexByte(s[1:min(len(s), 18)], '"')
	if n <= 0 {
		return 0
	}
	var ok bool
	if w.text, ok = appendPlainIP(w.text[:0], s[1:1+n]); !ok {
		return 0
	}
	start := w.i + len(k.raw) + 1
	w.flush(start)
	w.r.count(idIP)
	w.dst, w.copied, w.changed = append(w.dst, w.text...), start+n, true
	return n + 2
}
