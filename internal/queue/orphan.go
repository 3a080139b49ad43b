package queue

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pairly/pairlog/internal/durable"
)

// orphan is a queue file whose process has died. This process holds its lock.
type orphan struct {
	f       *os.File
	name    string
	created int64
	corrupt bool // keep the file

	id      uint64
	pos     slot
	pending []record // next to drain first
	skipped int      // records that turned out to be in the sink already
}

// maxOrphans is how many files are dealt with at a time: each is open
// meanwhile, and a service that crashes in a loop leaves many.
const maxOrphans = 64

// recoveryBytes is the size of a batch of recovered lines, in bytes: what a
// process that is killed while it recovers may have to compare once more.
const recoveryBytes = 64 << 10

// claimOrphans locks the queue files of base that no living process has, in the
// order of their creation; of very many the oldest. Half-made files are
// removed.
func claimOrphans(base string, report func(Event)) []*orphan {
	entries, err := os.ReadDir(filepath.Dir(base))
	if err != nil {
		return nil // the folder does not exist yet, or creating a file in it fails with the same error
	}
	var found []*orphan
	for _, e := range entries {
		suffix, ok := strings.CutPrefix(e.Name(), filepath.Base(base)+".")
		id, tmp := strings.CutSuffix(suffix, ".tmp")
		if !ok || len(id) != 16 || strings.Trim(id, "0123456789abcdef") != "" || !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(filepath.Dir(base), e.Name())
		o, err := claim(name)
		switch {
		case errors.Is(err, durable.ErrLocked) || errors.Is(err, fs.ErrNotExist):
		case err != nil:
			report(Event{Name: EventCorrupt, Path: name, Err: err})
		case tmp:
			os.Remove(name)
			o.f.Close()
		default:
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *orphan) int {
		if a.created != b.created {
			return int(min(max(a.created-b.created, -1), 1))
		}
		return strings.Compare(a.name, b.name)
	})
	for len(found) > maxOrphans {
		found[len(found)-1].f.Close()
		found = found[:len(found)-1]
	}
	return found
}

// claim opens and locks one file. Between the two another process may have
// recovered and removed it.
func claim(name string) (*orphan, error) {
	f, err := durable.OpenRegular(name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	err = durable.TryLock(f)
	if err == nil {
		err = stillThere(f, name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	o := &orphan{f: f, name: name}
	page := make([]byte, headerBytes)
	n, _ := f.ReadAt(page, 0)
	if h, _, err := parseHeader(page[:n]); err == nil {
		o.created = h.created
	}
	return o, nil
}

func stillThere(f *os.File, name string) error {
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(name)
	if err != nil {
		return err
	}
	if !os.SameFile(opened, named) {
		return fs.ErrNotExist
	}
	return nil
}

// drainOrphans deals with the files of earlier processes. First every one of
// them learns how much of its last batch had landed, while the sinks are as
// those processes left them; then they are drained, the oldest first.
func (q *Queue) drainOrphans() {
	for again := true; again && len(q.orphans) > 0; q.orphans = claimOrphans(q.c.Path, q.c.Report) {
		for _, o := range q.orphans {
			q.settle(o)
		}
		for i, o := range q.orphans {
			if !q.takeOver(o) {
				for _, left := range q.orphans[i:] {
					left.f.Close() // for the next Open
				}
				return
			}
			// One that stays must not be claimed for ever.
			again = o.discard() == nil && again
		}
	}
	for _, o := range q.orphans {
		o.f.Close()
	}
}

// settle asks the sink about the last batch of o, if one was on its way. It
// reads no more than it must: before a service that crashes in a loop is
// killed again, it has to get somewhere.
func (q *Queue) settle(o *orphan) {
	page := make([]byte, headerBytes)
	if _, err := o.f.ReadAt(page, 0); err != nil || q.c.Written == nil {
		return
	}
	h, _, err := parseHeader(page)
	if err != nil {
		return
	}
	if pos, ok := parseSlots(page, h.id); !ok || !pos.marked {
		return
	}
	if _, err := o.load(); err == nil && o.pos.marked && len(o.pending) > 0 {
		before := len(o.pending)
		o.advance(q.c.Written(o.pos.mark, joinLines(o.pending)))
		o.skipped = before - len(o.pending)
		o.pending = nil
	}
}

// takeOver drains what o holds and counts it. It reports false after Close.
func (q *Queue) takeOver(o *orphan) bool {
	r, err := o.load()
	if err != nil {
		o.corrupt = true
		q.c.Report(Event{Name: EventCorrupt, Path: o.keptName(), Err: fmt.Errorf("recover %s: %w", o.name, err)})
		return true
	}
	o.corrupt = r.damage != nil
	total := uint64(len(o.pending) + o.skipped)
	q.mu.Lock()
	q.stats.Recovered += total
	q.stats.AlreadyWritten += uint64(o.skipped)
	q.stats.Torn += r.lost
	q.mu.Unlock()
	e := Event{Name: EventRecovered, Path: o.name, Records: total, Torn: r.lost}
	if r.damage != nil {
		e.Name, e.Path, e.Err = EventCorrupt, o.keptName(), fmt.Errorf("recover %s: %w", o.name, r.damage)
	}
	if total > 0 || r.lost > 0 || r.damage != nil {
		q.c.Report(e)
	}
	return q.drainOrphan(o)
}

// load reads the file, as opposed to mapping it: somebody may have cut it.
func (o *orphan) load() (recovery, error) {
	info, err := o.f.Stat()
	if err != nil {
		return recovery{}, err
	}
	page := make([]byte, headerBytes)
	if _, err := o.f.ReadAt(page, 0); err == nil && drained(page, info.Size()) {
		return recovery{}, nil
	}
	content := make([]byte, min(info.Size(), headerBytes+maxQueueBytes))
	n, err := o.f.ReadAt(content, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return recovery{}, err
	}
	r, err := recoverRecords(content[:n])
	if err != nil {
		return recovery{}, err
	}
	o.id, o.pos, o.pending = r.id, r.pos, r.records
	return r, nil
}

// drainOrphan drains what is left of o. It reports false after Close.
func (q *Queue) drainOrphan(o *orphan) bool {
	for len(o.pending) > 0 {
		n, size := 0, 0
		for n < len(o.pending) && (n == 0 || size+len(o.pending[n].line) <= recoveryBytes) {
			size += len(o.pending[n].line)
			n++
		}
		if !q.deliver(batch{lines: joinLines(o.pending[:n]), from: o}) {
			return false
		}
	}
	return true
}

func joinLines(records []record) []byte {
	size := 0
	for _, r := range records {
		size += len(r.line)
	}
	b := make([]byte, 0, size)
	for _, r := range records {
		b = append(b, r.line...)
	}
	return b
}

// note implements source. A position that cannot be written costs at most a
// batch written twice after one more crash.
func (o *orphan) note(mark [32]byte) {
	o.pos.mark, o.pos.marked = mark, true
	o.save()
}

// advance implements source.
func (o *orphan) advance(accepted int) (bytes int, lines uint64) {
	for len(o.pending) > 0 && bytes+len(o.pending[0].line) <= accepted {
		bytes += len(o.pending[0].line)
		lines++
		o.pos.head = o.pending[0].seq + 1
		o.pending = o.pending[1:]
	}
	o.pos.marked = false
	o.save()
	return bytes, lines
}

func (o *orphan) save() {
	o.pos.gen++
	b := make([]byte, slotBytes)
	encodeSlot(b, o.pos, o.id)
	o.f.WriteAt(b, int64(slotOffset(o.pos.gen)))
}

// keptName is the name of a file that could not be recovered as a whole.
func (o *orphan) keptName() string { return o.name + ".corrupt" }

// discard removes a drained file, or keeps it aside when it was damaged, and
// gives up its lock.
func (o *orphan) discard() error {
	defer o.f.Close()
	if o.corrupt {
		return os.Rename(o.name, o.keptName())
	}
	return os.Remove(o.name)
}
