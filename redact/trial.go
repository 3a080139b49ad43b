package redact

import "sync"

// trial is a copy of a Redactor that counts apart.
type trial struct {
	r Redactor
	n counters
}

var trials = sync.Pool{New: func() any { return new(trial) }}

func (r *Redactor) trial() *trial {
	t := trials.Get().(*trial)
	t.r = *r
	t.r.n = &t.n
	if len(t.n.custom) != len(r.n.custom) {
		t.n.custom = make([]counterCell, len(r.n.custom))
	}
	return t
}

// free gives t back with its counters at zero and without a trace of its owner.
func (t *trial) free() {
	t.n.reset()
	t.r = Redactor{}
	trials.Put(t)
}
