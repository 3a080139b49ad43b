package redact

import (
	"slices"
	"strings"
)

// A PairKey is the part that a key has in a pair, an object in which one member
// names what stands in another: {"name": "password", "value": "x"}.
type PairKey uint8

const (
	// PairNone has no part in a pair.
	PairNone PairKey = iota
	// PairName may hold the name of what stands under PairValue; see
	// [Redactor.Names].
	PairName
	// PairValue holds what belongs to the name beside it: a secret, where that is
	// the name of one.
	PairValue
	// PairPrivate is a private part of a JSON web key, where [WebKeyType] is beside
	// it.
	PairPrivate
)

// WebKeyType is the member that every JSON web key has (RFC 7517, section 4.1).
const WebKeyType = "kty"

// PairKeyOf returns the part that a key has in a pair. It allocates nothing.
func PairKeyOf(key string) PairKey {
	switch {
	case isNameLabel(key), key == patchPath:
		return PairName
	case isValueLabel(key):
		return PairValue
	case privatePart(key):
		return PairPrivate
	}
	return PairNone
}

// Names reports whether text, which stands under a key that is [PairName], is the
// name of a secret. The key itself has no class. Safe for concurrent use.
func (r *Redactor) Names(key, text string) bool {
	named, _ := r.names(key, text)
	return named
}

// names is Names, and whether text is a name at all.
func (r *Redactor) names(key, text string) (named, told bool) {
	if key != patchPath {
		return r.verdict(text).class == ClassSecret, true
	}
	if text == "" || text[0] != '/' {
		return false, false
	}
	return r.patches(text), true
}

// patchPath is the key of what a JSON patch changes (RFC 6902): {"op": "replace",
// "path": "/password", "value": "x"}.
const patchPath = "path"

// patches reports whether path leads to a secret. That of a request often ends with
// an identifier, which is no name.
func (r *Redactor) patches(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if last == "" || len(last) >= minName && hexID(last) || digitsIn(last) == len(last) {
		return false
	}
	return r.verdict(last).class == ClassSecret
}

// isValueLabel reports whether key introduces what belongs to a name.
func isValueLabel(key string) bool {
	switch len(key) {
	case 3:
		return hasFold(key, "val")
	case 4:
		return hasFold(key, "data")
	case 5:
		return hasFold(key, "value")
	case 6:
		return hasFold(key, "values")
	case 7:
		return hasFold(key, "content")
	}
	return false
}

// pair is what an object has said so far of the pair that it may be.
type pair struct {
	named bool // the values that follow are secrets
	told  bool // there was one, or a name of something else
	n     int  // how many are in held
	held  [4]extent
}

// extent is where in the output a value is written.
type extent struct{ start, end int }

// hold copies the value at w.i, whose name may be yet to come.
func (p *pair) hold(w *walker) bool {
	w.flush(w.i)
	at, start := w.i, len(w.dst)
	if !w.value(ClassKeep) {
		return false
	}
	w.flush(w.i)
	if raw := w.s[at:w.i]; p.n < len(p.held) && raw != "null" && raw != `""` {
		p.held[p.n] = extent{start, len(w.dst)}
		p.n++
	}
	return true
}

// name says that there was a name. When it is that of a secret, what was held goes.
func (p *pair) name(w *walker) {
	const mark = `"` + Mark + `"`
	p.told = true
	for p.n > 0 {
		p.n--
		h := p.held[p.n]
		if p.named && string(w.dst[h.start:h.end]) != mark {
			w.r.count(idKey)
			w.dst = slices.Replace(w.dst, h.start, h.end, []byte(mark)...)
			w.changed = true
		}
	}
}
