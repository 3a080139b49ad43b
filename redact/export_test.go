package redact

// ScanText is AppendString without its recover, so that a fault fails a test.
func (r *Redactor) ScanText(s string) string { return string(r.appendText(nil, s, 0)) }

// WalkJSON is AppendJSON without its recover.
func (r *Redactor) WalkJSON(raw string) ([]byte, bool) {
	w := walker{r: r, s: raw, compact: true}
	return w.dst, w.document()
}

// Glance is what a glance at s decides.
func Glance(s string) (Finding, bool) { return glance(s) }

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
