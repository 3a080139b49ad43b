package redact

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
		if k > 0 && s[k] == '-' && s[k-1] == '-' {
			note(sc.flag(k - 1))
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
