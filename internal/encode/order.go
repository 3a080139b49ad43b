package encode

// order predicts the keys of a call from those of the calls with the same event
// before it. A call site writes the same keys each time, so that comparing with
// the expected one nearly always saves the look-up.
type order struct {
	// expected are the keys to come, from next on.
	expected []*key
	next     int
	// learning is the event whose keys are being noted in seen.
	learning *event
	event    *event
	seen     []*key
}

const (
	// maxOrder is how many keys of an event are predicted.
	maxOrder = 48
	// maxLearned is how often the keys of an event are learned anew; an event
	// with ever other keys must not cost an allocation each time.
	maxLearned = 16
)

func (o *order) reset() {
	o.expected, o.next = nil, 0
	o.event, o.learning = nil, nil
}

// expect prepares for the attrs of a call that logs ev.
func (l *Line) expect(ev *event) {
	o := &l.order
	o.event = ev
	if keys := ev.keys.Load(); keys != nil && !ev.stale.Load() {
		o.expected = *keys
		return
	}
	if ev.learned.Load() < maxLearned {
		o.learning = ev
		o.seen = o.seen[:0]
	} else if keys := ev.keys.Load(); keys != nil {
		o.expected = *keys
	}
}

// key returns what is known about the key of the next attr of the call.
func (l *Line) key(name string) *key {
	o := &l.order
	if o.next < len(o.expected) {
		if k := o.expected[o.next]; k.name == name {
			o.next++
			return k
		}
	}
	return l.keyUnexpected(name)
}

// keyUnexpected is key for an attr that is not the next one: one was left out,
// or this one has been added.
func (l *Line) keyUnexpected(name string) *key {
	o := &l.order
	if o.next+1 < len(o.expected) {
		if k := o.expected[o.next+1]; k.name == name {
			o.next += 2
			return k
		}
	}
	k := l.e.key(name)
	switch {
	case o.learning != nil:
		if len(o.seen) < maxOrder {
			o.seen = append(o.seen, k)
		}
	case o.event != nil && o.next < maxOrder:
		o.event.stale.Store(true)
	}
	return k
}

// learn keeps the keys of this call for the next ones.
func (l *Line) learn() {
	o := &l.order
	ev := o.learning
	o.learning = nil
	keys := append([]*key(nil), o.seen...)
	ev.learned.Add(1)
	ev.keys.Store(&keys)
	ev.stale.Store(false)
}
