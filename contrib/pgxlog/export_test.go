package pgxlog

import "time"

// SetClock replaces the clock of a tracer; batch queries keep the real one.
func SetClock(t *Tracer, now func() time.Duration) { t.now = now }

// Fingerprint returns what lines say of an SQL text.
func Fingerprint(text string) (normal, operation, table string) {
	st := parse(text)
	return st.normal, st.operation, st.table
}

// CopyText is the statement of a CopyFrom.
var CopyText = copyText

// NewCache returns the look-up of a cache.
func NewCache() func(text string) string {
	c := newCache()
	return func(text string) string { return c.statement(text).normal }
}
