package encode

import (
	"log/slog"
	"sync/atomic"

	"github.com/pairly/pairlog/redact"
)

// Prefix is what a logger has collected with With and WithGroup: attrs that are
// already encoded, and groups. It is immutable; nil is the empty one.
type Prefix struct {
	buf []byte
	// open is how many groups are open at the end of buf.
	open int
	// pending are groups with nothing in them yet. They are not in buf.
	pending []*key
	grouped bool
	// hidden is set below a group with a sensitive name: nothing is written.
	hidden bool
	// named is set when a member of the innermost object names a secret.
	named bool
	// class and name are those of the innermost group.
	class redact.Class
	name  string
	// seen and segs are the members of the innermost object that is in buf.
	seen seen
	segs []seg
	// rootSeen and rootSegs are the members of the root once a group is open.
	rootSeen seen
	rootSegs []seg
	placed   place
	// aside is for a prefix with root attrs whose keys some lines have from
	// elsewhere; see besides.
	aside *asides
	// apart is the first shape that was found to share no member with the innermost
	// object.
	apart *atomic.Pointer[shape]
}

// apartFrom reports whether no member of sh can be in the innermost object.
func (p *Prefix) apartFrom(sh *shape) bool {
	first := p.apart.Load()
	if first == sh {
		return true
	}
	if p.seen.meets(&sh.seen) {
		return false
	}
	if first == nil { // else loggers of several events would store with each line
		p.apart.Store(sh)
	}
	return true
}

// Size returns about how much memory p holds, in bytes.
func (p *Prefix) Size() int {
	if p == nil {
		return 0
	}
	return len(p.buf)
}

// With returns p with attrs added, encoded and redacted now. attrs is not kept.
func (e *Encoder) With(p *Prefix, attrs []slog.Attr) *Prefix {
	if len(attrs) == 0 || (p != nil && p.hidden) {
		return p
	}
	l := e.NewLine()
	defer l.Free()
	l.reset()
	l.buf = l.buf[:0]
	l.taken = 0
	l.Prefix(p)
	before := len(l.buf)
	for i := range attrs {
		l.Attr(&attrs[i])
	}
	l.background()
	if len(l.segs) == 0 && len(l.buf) == before {
		return p
	}
	if p == nil {
		p = &Prefix{}
	}
	np := &Prefix{
		grouped: p.grouped, class: p.class, name: p.name, placed: l.placed,
		open: p.open, rootSeen: p.rootSeen, rootSegs: p.rootSegs,
		seen: l.cur.seen, named: l.named(&l.cur), apart: new(atomic.Pointer[shape]),
	}
	if len(p.pending) > 0 {
		l.shadow(p.pending[0])
		np.open += len(p.pending)
		if p.open == 0 {
			np.rootSeen = p.seen
			np.rootSeen.add(p.pending[0])
			np.rootSegs = append(append([]seg(nil), l.brought()...), seg{p.pending[0], l.pendingAt})
		}
		np.segs = append([]seg(nil), l.segs...)
	} else {
		np.segs = append(append([]seg(nil), l.brought()...), l.segs...)
	}
	np.buf = append([]byte(nil), l.buf...)
	np.aside = asidesOf(np.placed)
	return np
}

// Group returns p with a group opened; "" is no group.
func (e *Encoder) Group(p *Prefix, name string) *Prefix {
	if name == "" || (p != nil && p.hidden) {
		return p
	}
	in := env{root: p == nil || !p.grouped}
	if p != nil {
		in.class, in.group = p.class, p.name
	}
	k := e.key(name)
	class := e.classOf(k, in)
	if k.pair == redact.PairValue && p != nil && p.named {
		class = redact.ClassSecret
	}
	if class == redact.ClassSecret || class.Measures() {
		np := *e.With(p, []slog.Attr{slog.String(name, redact.Mark)})
		np.hidden = true
		return &np
	}
	if in.root && k.place != 0 {
		k = e.free(k) // the contract's names are never objects
	}
	np := Prefix{}
	if p != nil {
		np = *p
	}
	np.pending = append(np.pending[:len(np.pending):len(np.pending)], k)
	np.grouped = true
	np.apart = new(atomic.Pointer[shape])
	np.aside = asidesOf(np.placed)
	np.class, np.name, np.named = class, name, false
	return &np
}

// openPending opens the groups that have nothing in them yet.
func (l *Line) openPending() {
	l.pendingAt = len(l.buf)
	for _, k := range l.pre.pending {
		l.buf = append(l.buf, k.block...)
		l.buf = append(l.buf, '{')
	}
	l.cur = level{}
}

// closePending closes those groups again, or takes them back when the call had
// nothing for them.
func (l *Line) closePending() {
	n := len(l.pre.pending)
	if n == 0 {
		return
	}
	if l.buf[len(l.buf)-1] == '{' {
		l.buf = l.buf[:l.pendingAt]
		l.vanished = true
		return
	}
	for range n {
		l.closeObject()
	}
	l.shadow(l.pre.pending[0])
}

// closeObject closes the innermost object, which has at least one member.
func (l *Line) closeObject() {
	l.buf[len(l.buf)-1] = '}'
	l.buf = append(l.buf, ',')
}

// shadow takes out the attr whose name a group of the logger has now taken.
func (l *Line) shadow(k *key) {
	if !l.pre.seen.has(k) {
		return
	}
	l.distrust()
	n := l.dropBrought(k, l.pendingAt)
	l.pendingAt -= n
	shift(l.segs, n)
}
