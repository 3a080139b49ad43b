package redact

// ScanText is AppendString without its recover, so that a fault fails a test.
func (r *Redactor) ScanText(s string) string { return string(r.appendText(nil, s, 0)) }

// WalkJSON is AppendJSON without its recover.
func (r *Redactor) WalkJSON(raw string) ([]byte, bool) {
	w := walker{r: r, s: raw, compact: true}
	return w.dst, w.document()
}
