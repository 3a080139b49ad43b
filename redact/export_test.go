package redact

import (
	"fmt"
	"maps"
	"slices"
)

// ScanText is AppendString without its recover, so that a fault fails a test.
func (r *Redactor) ScanText(s string) string { return string(r.appendText(nil, s, 0)) }

// WalkJSON is AppendJSON without its recover.
func (r *Redactor) WalkJSON(raw string) ([]byte, bool) {
	w := walker{r: r, s: raw, compact: true}
	return w.dst, w.document()
}

// Glance is what a glance at s decides.
func Glance(s string) (Finding, bool) {
	if len(s) < minName {
		return glanceShort(s)
	}
	return 0, glance(s)
}

// Scan is Check without the glance before it.
func (r *Redactor) Scan(s string) Finding { return r.scan(s) }

// TaggedHex reports whether s is an identifier with a tag.
func TaggedHex(s string) bool {
	_, ok := taggedHex(s)
	return ok
}

// AppendAny is AppendClass without the short ways for plain addresses.
func (r *Redactor) AppendAny(c Class, s string) string {
	switch c {
	case ClassEmail:
		return string(r.appendAnyEmail(nil, s))
	case ClassIP:
		return string(r.appendAnyIP(nil, s))
	}
	return string(r.AppendClass(nil, c, s))
}

// Everywhere reports whether a scan that tries each rule at each byte, and takes
// no short way, finds something in s.
func (r *Redactor) Everywhere(s string) bool {
	if looksJSON(s) {
		return true
	}
	sc := scanner{r: r, s: s}
	found := false
	note := func(_ span, ok bool) { found = found || ok || sc.queued.end > 0 }
	if len(s) > 6 && s[0] == 'b' {
		note(sc.scheme(0))
	}
	for k := 0; k < len(s) && !found; k++ {
		if spots[s[k]] != spotNone {
			note(sc.spotsIn(k, k+1))
		}
		if s[k] == '-' {
			note(sc.flagsIn(k, k+1))
		}
		if k >= 4 && s[k]|0x20 == 'w' && hasFold(s[k-4:], "pass") {
			note(sc.passwordAt(k))
		}
		if isDigit(s[k]) && k >= sc.numEnd {
			note(sc.numberFrom(sc.numberStart(k)))
		}
		if nameBytes[s[k]] && k >= sc.nameEnd {
			e := k
			for e < len(s) && nameBytes[s[e]] {
				e++
			}
			if e-k >= minName {
				numEnd := sc.numEnd
				note(sc.name(k))
				sc.numEnd, sc.done = numEnd, 0
			}
			sc.nameEnd = e
		}
	}
	return found
}

// Forget drops what is remembered about keys in text.
func (r *Redactor) Forget() {
	for i := range r.cache.plain {
		r.cache.plain[i].Store(nil)
	}
}

// Verdicts are the class and the strength of a key, and what they are when every
// table is asked.
func (r *Redactor) Verdicts(key string) (got, want string) {
	var buf [maxKeyBytes]byte
	var ends [16]uint8
	n, words, _ := splitWords(key, &buf, &ends)
	if n == 0 {
		return "", ""
	}
	w := keyWords{buf: buf[:n], ends: ends[:words]}
	all := verdict{compound: words > 1}
	if s, ok := wholeKeys[string(w.buf)]; ok {
		all.set(s)
	} else if s, described := w.strength(); described && s >= strStructured && w.measures() {
		all.set(s)
		all.measured, all.str, all.class = all.str, strNone, w.measureClass()
	} else {
		if !described {
			all.set(s)
		}
		if all.str < strStructured {
			all.class = w.pii()
		}
	}
	return fmt.Sprint(w.verdict()), fmt.Sprint(all)
}

// PartMissed reports whether a part of word that makes it secret is overlooked by the
// quick look at its letters.
func PartMissed(word string) bool { return !partGrams.in(word) && wordWith(word) != strNone }

// TableWords are the words of all tables of keys.
func TableWords() (words []string) {
	for _, t := range []map[string]strength{wholeKeys, secretWords, secretRuns, keyOnlyRuns, foreignWords} {
		words = slices.AppendSeq(words, maps.Keys(t))
	}
	for _, t := range []map[string]bool{safeRuns, metaWords, askWords, harmlessWords, hostWords, addressWords, machineWords, labelWords} {
		words = slices.AppendSeq(words, maps.Keys(t))
	}
	words = slices.AppendSeq(words, maps.Keys(piiKeys))
	for _, f := range fragments {
		words = append(words, f.text)
	}
	for _, f := range suffixes {
		words = append(words, f.text)
	}
	for _, w := range services {
		words = append(words, w, w+"key")
	}
	slices.Sort(words)
	return words
}
