package redact

import "strings"

// remember adds the form of the document s to those that are known. AppendDocument has
// walked s: it is valid.
func (l *Lines) remember(s string) {
	if strings.IndexByte(s, '\n') >= 0 {
		return // no line
	}
	f := learner{l: l, w: walker{r: &l.t.r, s: s}, at: &l.templates.first}
	f.document()
}

// learner follows a document along the steps that are known, and adds those that are
// not.
type learner struct {
	l     *Lines
	w     walker // over the tokens
	from  int    // where the next literal begins
	depth int    // how many objects are open
	at    **step // where the next step is, or will be
}

// document learns the whole document.
func (f *learner) document() {
	if f.byte() != '{' {
		return
	}
	f.depth = 1
	f.w.i++
	for f.member() {
		for f.byte() == '}' {
			f.w.i++
			if f.depth--; f.depth == 0 {
				if f.w.i == len(f.w.s) {
					f.step(formEnd)
				}
				return
			}
		}
		if f.byte() != ',' {
			return
		}
		f.w.i++
	}
}

// byte returns the next byte that is not white space, 0 at the end.
func (f *learner) byte() byte {
	f.w.space()
	if f.w.i == len(f.w.s) {
		return 0
	}
	return f.w.s[f.w.i]
}

// member learns the next member, or the first member of the object that is its value.
// It reports whether there is more to learn.
func (f *learner) member() bool {
	w := &f.w
	for {
		if f.byte() != '"' {
			return false
		}
		raw, key, ok := w.stringToken()
		if !ok || f.byte() != ':' {
			return false
		}
		w.i++
		c := f.byte()
		known := f.l.r.lookup(key)
		if len(raw) != len(key)+2 || len(key) > maxCachedKey || !known.clean || known.v.class == ClassLength || privatePart(key) {
			f.step(formDead)
			return false
		}
		keep := known.v.class == ClassKeep
		if c == '{' && keep && f.depth < min(f.l.r.cfg.MaxDepth, maxTemplateDepth) && !strings.HasPrefix(strings.TrimLeft(w.s[w.i+1:], " \t"), "}") {
			f.depth++
			w.i++
			continue
		}
		v := f.step(formOther)
		if v == nil {
			return false
		}
		if v.key == "" {
			v.learned(f.l, known, f.depth)
		}
		v.whole = v.whole || c == '{'
		return f.value(v)
	}
}

// learned sets what the key of v says about the value.
func (v *place) learned(l *Lines, known cachedKey, depth int) {
	v.key = strings.Clone(known.key)
	v.depth = uint8(depth)
	v.class = known.v.class
	v.keep = v.class == ClassKeep
	v.ip = v.class == ClassIP && l.r.plainMask("", idIP)
	if v.keep {
		v.words = &l.words
	}
	if known.label || v.key == patchPath {
		words := &l.templates.labels
		if v.key == patchPath {
			words = &l.templates.paths
		}
		if *words == nil {
			*words = new(lineWords)
		}
		v.label = true
		if v.keep {
			v.words = *words
		}
	}
	switch v.key {
	case "event", "msg", "message":
		if v.keep && l.templates.branches < maxBranches {
			l.templates.branches++
			v.branch = new([64]*step)
		}
	}
}

// value steps over the value at v. What follows hangs on v, or on what the value says.
func (f *learner) value(v *place) bool {
	w := &f.w
	start := w.i
	var ok bool
	switch f.byte() {
	case '"':
		_, _, ok = w.stringToken()
	case '{', '[':
		ok = w.skip()
	case 0:
	default:
		ok = w.scalar()
	}
	f.from, f.at = w.i, &v.next
	if v.branch != nil {
		if n, slot := v.words.find(w.s[start:]); n > 0 {
			f.at = &v.branch[slot%64]
		}
	}
	return ok
}

// step returns the place behind the literal that ends here, and makes it when there is
// none; nil when there are too many.
func (f *learner) step(form lineForm) *place {
	lit, t := f.w.s[f.from:f.w.i], &f.l.templates
	others := 0
	for st := *f.at; st != nil; st = st.other {
		if st.lit == lit && (st.value.form == formEnd) == (form == formEnd) {
			return st.value
		}
		others++
	}
	if others >= maxOthers || t.steps >= maxSteps || len(lit) > maxLiteral {
		return nil
	}
	t.steps++
	st := &step{n: len(lit), lit: strings.Clone(lit), value: &place{form: form}}
	if n := st.n; n >= 8 {
		st.head, st.mid, st.tail = load8(lit), at8(lit, min(8, n-8)), at8(lit, n-8)
	} else {
		st.head = lastWord(lit, 0)
	}
	// A longer literal stands before one with which it begins.
	at := f.at
	for *at != nil && !strings.HasPrefix(lit, (*at).lit) {
		at = &(*at).other
	}
	st.other, *at = *at, st
	return st.value
}
