// Package eventtest records what services tell, log lines and audit records,
// in one order, for their tests.
//
//	events := eventtest.New()
//	s := credit.New(credit.Config{Log: events.Logger("service.credits"), Audit: events.Auditor(), …})
//	...
//	events.Take() // [L:credits_spent A:credits_spent]
package eventtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A Recorder is a sink of log lines and audit records. It is safe for
// concurrent use.
type Recorder struct {
	mu       sync.Mutex
	lines    []Line // guarded by mu; since the last Take
	auditErr error  // guarded by mu
}

// A Line is a log line or an audit record.
type Line struct {
	Name   string // "L:" or "A:" and the event; "A:" also for the logger audit
	Logger string // empty for an audit record
	Level  slog.Level
	Attrs  map[string]any // of a log line
	Audit  pairly.AuditRecord

	attrs []slog.Attr // of a log line, in order
}

// Text returns the attribute of a log line at the path, such as
// "actor.user_id", as text: "null" for nil, "absent" when there is none.
func (l Line) Text(path string) string {
	attrs := l.attrs
	for name := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(attrs, func(a slog.Attr) bool { return a.Key == name })
		if i < 0 {
			return "absent"
		}
		v := attrs[i].Value
		switch {
		case v.Kind() == slog.KindGroup:
			attrs = v.Group()
			continue
		case v.Kind() == slog.KindTime:
			return v.Time().UTC().Format(time.RFC3339Nano)
		case v.Kind() == slog.KindAny && v.Any() == nil:
			return "null"
		}
		return v.String()
	}
	return fmt.Sprint(attrs)
}

// Keys returns the names of a log line's attributes, in order.
func (l Line) Keys() []string {
	keys := make([]string, len(l.attrs))
	for i, a := range l.attrs {
		keys[i] = a.Key
	}
	return keys
}

// New returns an empty recorder.
func New() *Recorder { return new(Recorder) }

// Logger returns a logger of that name. Lines below INFO are recorded too;
// Take leaves them out.
func (r *Recorder) Logger(name string) *slog.Logger { return slog.New(&handler{r: r, name: name}) }

// Auditor returns an auditor that records when the transaction commits.
func (r *Recorder) Auditor() pairly.Auditor { return auditor{r} }

// FailAudit makes the auditor fail with err, nil ends that.
func (r *Recorder) FailAudit(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.auditErr = err
}

// Lines returns the lines since the last Take.
func (r *Recorder) Lines() []Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// Take returns the names of the lines from INFO on since the last Take, in
// order, and forgets all lines.
func (r *Recorder) Take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, l := range r.lines {
		if l.Level >= slog.LevelInfo {
			names = append(names, l.Name)
		}
	}
	r.lines = nil
	return names
}

// Want fails the test unless the names of the lines from INFO on since the
// last Take are these, in order, and forgets them.
func (r *Recorder) Want(t testing.TB, want ...string) {
	t.Helper()
	if got := r.Take(); !slices.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
}

// WantAnyOrder is Want without the order.
func (r *Recorder) WantAnyOrder(t testing.TB, want ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(r.Take()))
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		t.Errorf("events in any order: got %v, want %v", got, want)
	}
}

// Find returns the only line of that name since the last Take, and fails the
// test when there is none or another.
func (r *Recorder) Find(t testing.TB, name string) Line {
	t.Helper()
	var found []Line
	for _, l := range r.Lines() {
		if l.Name == name {
			found = append(found, l)
		}
	}
	if len(found) != 1 {
		t.Fatalf("lines named %s: got %d, want 1", name, len(found))
	}
	return found[0]
}

// WantFields fails the test unless the line has exactly these attrs, each
// given as key=value, in order.
func (l Line) WantFields(t testing.TB, want ...string) {
	t.Helper()
	order, _ := l.Attrs[orderKey].([]string)
	got := make([]string, len(order))
	for i, key := range order {
		got[i] = fmt.Sprintf("%s=%v", key, l.Attrs[key])
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", l.Name, strings.Join(got, " "), strings.Join(want, " "))
	}
}

// NeverSaid fails the test if a line or record since the last Take holds
// text.
func (r *Recorder) NeverSaid(t testing.TB, text string) {
	t.Helper()
	for _, l := range r.Lines() {
		if strings.Contains(fmt.Sprintf("%+v", l), text) {
			t.Errorf("%s holds %q", l.Name, text)
		}
	}
}

func (r *Recorder) add(l Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, l)
}

// orderKey keeps the order of the attrs among them; no event has such a key.
const orderKey = "(order)"

type handler struct {
	r    *Recorder
	name string
}

var _ slog.Handler = (*handler)(nil)

func (h *handler) Enabled(context.Context, slog.Level) bool { return true }

func (h *handler) Handle(_ context.Context, rec slog.Record) error {
	attrs := make(map[string]any)
	var order []string
	var list []slog.Attr
	rec.Attrs(func(a slog.Attr) bool {
		attrs[a.Key] = a.Value.Any()
		order = append(order, a.Key)
		list = append(list, a)
		return true
	})
	attrs[orderKey] = order
	name := "L:" + rec.Message
	if h.name == "audit" {
		name = "A:" + rec.Message
	}
	h.r.add(Line{Name: name, Logger: h.name, Level: rec.Level, Attrs: attrs, attrs: list})
	return nil
}

func (h *handler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h *handler) WithGroup(string) slog.Handler { return h }

type auditor struct{ r *Recorder }

func (a auditor) Record(ctx context.Context, rec pairly.AuditRecord) error {
	a.r.mu.Lock()
	err := a.r.auditErr
	a.r.mu.Unlock()
	if err != nil {
		return err
	}
	rec.Actor = pairly.ActorFrom(ctx)
	pairly.AfterCommit(ctx, func() {
		a.r.add(Line{Name: "A:" + rec.Event, Level: rec.Level, Audit: rec})
	})
	return nil
}
