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

// commit adds what t has counted to r.
func (t *trial) commit(r *Redactor) {
	for i := range t.n.builtin {
		if n := t.n.builtin[i].Load(); n > 0 {
			r.n.builtin[i].Add(n)
		}
	}
	for i := range t.n.custom {
		if n := t.n.custom[i].Load(); n > 0 {
			r.n.custom[i].Add(n)
		}
	}
}

// free gives t back with its counters at zero and without a trace of its owner.
func (t *trial) free() {
	for i := range t.n.builtin {
		t.n.builtin[i].Store(0)
	}
	for i := range t.n.custom {
		t.n.custom[i].Store(0)
	}
	t.r = Redactor{}
	trials.Put(t)
}
