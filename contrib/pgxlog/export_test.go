package pgxlog

import "time"

// SetClock replaces the clock of a tracer; batch queries keep the real one.
func SetClock(t *Tracer, now func() time.Duration) { t.now = now }

// CopyText is the statement of a CopyFrom.
var CopyText = copyText
