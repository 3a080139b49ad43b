package redact

import (
	"encoding/json"
	"strings"
)

// Redactor applies the rules of one [Config]. It is immutable and safe for
// concurrent use; only its counters change. The zero value is not usable: make
// one with [New].
type Redactor struct {
	cfg   Config
	off   [numRules]bool
	keys  map[string]Class // custom key rules, by joined words
	allow map[string]map[string]bool
	grams *[512]uint64 // trigrams of every word that can make a key secret
	n     *counters
	cache *keyCache
	// plainBytes is the longest text that a scan alone can judge: Config.MaxBytes,
	// or -1 when there are rules of Config.Values too.
	plainBytes int
}

// Finding is what [Redactor.Check] learned about a text.
type Finding uint8

const (
	// NeedsEscape means the text has a byte that JSON must escape, or a byte
	// that is not ASCII and may be invalid UTF-8.
	NeedsEscape Finding = 1 << iota
	// Suspect means the text must go through [Redactor.AppendString].
	Suspect
)

// New returns a Redactor for cfg. With an error it still returns a Redactor, in
// which what was wrong has its default, so that logging can go on.
func New(cfg Config) (*Redactor, error) {
	cfg, err := cfg.withDefaults()
	r := &Redactor{cfg: cfg, n: &counters{}, cache: &keyCache{}}
	r.n.custom = make([]counterCell, len(cfg.Values))
	r.plainBytes = cfg.MaxBytes
	if len(cfg.Values) > 0 {
		r.plainBytes = -1
	}
	for _, d := range cfg.Disable {
		if id, ok := ruleByName(d); ok {
			r.off[id] = true
		}
	}
	if cfg.PII == PIIFull {
		r.off[idEmail], r.off[idIP], r.off[idPhone] = true, true, true
	}
	r.grams = defaultGrams
	if len(cfg.Keys)+len(cfg.Content) > 0 {
		r.customKeys()
	}
	if len(cfg.Allow) > 0 {
		r.allow = make(map[string]map[string]bool, len(cfg.Allow))
		for group, keys := range cfg.Allow {
			m := make(map[string]bool, len(keys))
			for _, k := range keys {
				m[k] = true
			}
			r.allow[group] = m
		}
	}
	return r, err
}

func (r *Redactor) customKeys() {
	r.keys = make(map[string]Class, len(r.cfg.Keys)+len(r.cfg.Content))
	grams := *defaultGrams
	add := func(name string, c Class) {
		var buf [maxKeyBytes]byte
		var ends [16]uint8
		n, _, _ := splitWords(name, &buf, &ends)
		if n > 0 {
			r.keys[string(buf[:n])] = c
			addGrams(&grams, longestWord(name))
		}
	}
	for _, name := range r.cfg.Content {
		add(name, ClassLength)
	}
	for _, k := range r.cfg.Keys {
		add(k.Name, k.Class)
	}
	r.grams = &grams
}

// longestWord returns the longest word of name: every spelling of the name has
// it in one piece.
func longestWord(name string) string {
	var buf [maxKeyBytes]byte
	var ends [16]uint8
	n, words, _ := splitWords(name, &buf, &ends)
	w := keyWords{buf: buf[:n], ends: ends[:words]}
	best := ""
	for i := range words {
		if word := string(w.run(i, i)); len(word) > len(best) {
			best = word
		}
	}
	return best
}

// Check looks at s once and says what must be done to write it. Without
// Suspect, s may be written as it is. It allocates nothing and is safe for
// concurrent use. BenchmarkCheck measures it.
func (r *Redactor) Check(s string) Finding {
	if len(s) > r.plainBytes {
		return NeedsEscape | Suspect
	}
	if len(s) < minName {
		if f, ok := glanceShort(s); ok {
			return f
		}
	} else if glance(s) {
		return 0
	}
	return r.scan(s)
}

// Identifies reports whether the form of s alone, that of a UUID or of a hexadecimal
// identifier of 24 or 32 digits, says that Check would return 0. False says nothing.
// It costs less than to remember such texts, which hardly ever come again.
func (r *Redactor) Identifies(s string) bool {
	switch len(s) {
	case 24, 32:
		return r.plainBytes >= 32 && harmlessHexID(s)
	case 36:
		return r.plainBytes >= 36 && soleUUID(s)
	}
	return false
}

// scan is Check for what a glance does not decide.
func (r *Redactor) scan(s string) Finding {
	if len(s) > r.plainBytes || looksJSON(s) {
		return NeedsEscape | Suspect
	}
	sc := scanner{r: r, s: s}
	switch {
	case sc.suspect():
		return NeedsEscape | Suspect
	case sc.needsEscape():
		return NeedsEscape
	}
	return 0
}

// suspect reports whether there is a span, or a fault: AppendString meets the
// same and counts it.
func (sc *scanner) suspect() (found bool) {
	defer func() {
		if recover() != nil {
			found = true
		}
	}()
	_, found = sc.next(0)
	return found
}

// AppendString appends s with everything sensitive replaced. The result is
// plain text, not escaped for JSON. Safe for concurrent use.
func (r *Redactor) AppendString(dst []byte, s string) (out []byte) {
	n := len(dst)
	defer func() {
		if recover() != nil {
			r.count(idLimit)
			out = append(dst[:n], Mark...)
		}
	}()
	out = r.appendText(dst, s, 0)
	if len(r.cfg.Values) > 0 {
		out = r.appendCustom(out[:n], string(out[n:]))
	}
	return out
}

// appendText is AppendString at a level of unescaping.
func (r *Redactor) appendText(dst []byte, s string, depth int) []byte {
	if len(s) > r.cfg.MaxBytes {
		r.count(idLimit)
		return append(dst, Mark...)
	}
	if looksJSON(s) {
		if depth > r.cfg.MaxUnescape {
			if json.Valid([]byte(s)) {
				r.count(idLimit)
				return append(dst, Mark...)
			}
		} else if out, ok := r.appendDocument(dst, s, depth); ok {
			return out
		}
	}
	sc := scanner{r: r, s: s, depth: depth}
	last := 0
	for {
		sp, ok := sc.next(last)
		if !ok {
			return append(dst, s[last:]...)
		}
		if sp.start < last || sp.end <= sp.start {
			panic("redact: rule " + string(ruleNames[sp.rule]) + ": wrong offsets")
		}
		dst = append(dst, s[last:sp.start]...)
		dst = r.appendMark(dst, s, sp)
		last = sp.end
		sc.resume(last)
	}
}

// Redacts reports whether [Redactor.AppendString] would change s, and counts
// nothing. Safe for concurrent use.
func (r *Redactor) Redacts(s string) (changes bool) {
	defer func() {
		if recover() != nil {
			changes = true
		}
	}()
	if r.Check(s)&Suspect == 0 {
		return false
	}
	if len(r.cfg.Values) == 0 {
		return r.suspicious(s, 0)
	}
	t := r.trial()
	defer t.free()
	return string(t.r.AppendString(nil, s)) != s
}

// suspicious reports whether appendText would change s, without counting.
func (r *Redactor) suspicious(s string, depth int) bool {
	t := r.trial()
	defer t.free()
	out := t.r.appendText(nil, s, depth)
	return t.r.Total() > 0 || string(out) != s
}

// appendMark appends what stands in place of sp and counts it.
func (r *Redactor) appendMark(dst []byte, s string, sp span) []byte {
	r.count(sp.rule)
	text := s[sp.start:sp.end]
	switch sp.rule {
	case idCard:
		return r.appendCard(dst, text)
	case idIBAN:
		return append(dst, "[IBAN]"...)
	case idSSN:
		return append(dst, "[SSN]"...)
	case idPhone:
		return append(dst, "[PHONE]"...)
	case idEmail:
		return r.appendEmail(dst, text)
	case idIP:
		return r.appendIP(dst, text)
	}
	return append(dst, Mark...)
}

// AppendClass appends the text of a value that stands under a key of class c:
// the value scanned for [ClassKeep], the mark for [ClassSecret], the address by
// policy, the coordinate rounded, the length for [ClassLength], the address of a
// private network for [ClassHost], a short number for [ClassMeasure]. The result is plain text, not escaped for JSON.
// Safe for concurrent use.
func (r *Redactor) AppendClass(dst []byte, c Class, s string) []byte {
	switch c {
	case ClassKeep:
		return r.AppendString(dst, s)
	case ClassEmail:
		return r.appendEmailValue(dst, s)
	case ClassIP:
		return r.appendIPValue(dst, s)
	case ClassCoordinate:
		return r.appendCoordinate(dst, s)
	case ClassLength:
		r.count(idLength)
		return append(dst, r.Length(s)...)
	case ClassHost:
		return r.appendHost(dst, s)
	case ClassMeasure, ClassNumber:
		if isMeasure(c, s) {
			return r.AppendString(dst, s)
		}
	}
	r.count(idKey)
	return append(dst, Mark...)
}

// Count notes one redaction by rule that was made outside this package, such as
// an encoder that wrote [Mark] for a number under a secret key.
func (r *Redactor) Count(rule Rule) {
	if id, ok := ruleByName(rule); ok {
		r.count(id)
	}
}

// String returns s with everything sensitive replaced.
func (r *Redactor) String(s string) string {
	if r.Check(s)&Suspect == 0 {
		return s
	}
	return string(r.AppendString(make([]byte, 0, len(s)+32), s))
}

// looksJSON reports whether s may be a JSON object or array.
func looksJSON(s string) bool {
	if len(s) < 2 {
		return false
	}
	c := s[0]
	if c != '{' && c != '[' {
		if c > ' ' {
			return false
		}
		s = strings.TrimLeft(s, " \t\r\n")
		if len(s) < 2 || s[0] != '{' && s[0] != '[' {
			return false
		}
		c = s[0]
	}
	end := s[len(s)-1]
	if end <= ' ' {
		s = strings.TrimRight(s, " \t\r\n")
		end = s[len(s)-1]
	}
	return c == '{' && end == '}' || c == '[' && end == ']'
}

// appendCustom runs the rules of Config.Values over text.
func (r *Redactor) appendCustom(dst []byte, text string) []byte {
	for i, rule := range r.cfg.Values {
		var b []byte
		rest := text
		for len(rest) > 0 {
			start, end, ok := rule.Find(rest)
			if !ok {
				break
			}
			if start < 0 || end <= start || end > len(rest) {
				panic("redact: value rule " + rule.Name + ": wrong offsets")
			}
			r.n.custom[i].Add(1)
			b = append(b, rest[:start]...)
			if rule.Mark != "" {
				b = append(b, rule.Mark...)
			} else {
				b = append(b, Mark...)
			}
			rest = rest[end:]
		}
		if b != nil {
			text = string(append(b, rest...))
		}
	}
	return append(dst, text...)
}
