package pairlog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/internal/planted"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/redact"
)

// A doubled pipeline writes the lines of a request twice, see lines.
type doubled struct {
	*pairlog.Pipeline
	out *buffer
	now time.Time
}

func newDoubled(t testing.TB, c pairlog.Config) *doubled {
	t.Helper()
	d := &doubled{out: &buffer{}}
	c.Now = func() time.Time { d.now = d.now.Add(time.Millisecond); return d.now }
	c.Out, c.Err, c.Format = d.out, io.Discard, pairlog.FormatJSON
	c.RecorderBytes, c.QueueBytes = 32<<20, 32<<20 // there is room for everything
	var err error
	if d.Pipeline, err = pairlog.Open(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePipeline(t, d.Pipeline) })
	return d
}

// lines runs a request twice, in scopes that differ in nothing: in the first one,
// what is below the level is held until the end, and in the other, which has failed
// before, each line is encoded as it comes. It returns the lines of both, those below
// the level last.
func (d *doubled) lines(t testing.TB, ids pairlog.ScopeConfig, request func(ctx context.Context, p *pairlog.Pipeline)) (later, atOnce []string) {
	t.Helper()
	run := func(failed bool) []string {
		d.out.b.Reset()
		d.now = clock()
		ctx, sc := pairlog.NewScope(context.Background(), ids)
		if failed {
			sc.Fail()
		}
		request(ctx, d.Pipeline)
		sc.Fail()
		if err := d.Flush(withTimeout(t)); err != nil {
			t.Fatal(err)
		}
		var seen, recorded []string
		for line := range strings.Lines(d.out.String()) {
			if strings.Contains(line, `"recorded":true`) {
				recorded = append(recorded, line)
			} else {
				seen = append(seen, line)
			}
		}
		return append(seen, recorded...)
	}
	return run(false), run(true)
}

func sameLines(t testing.TB, later, atOnce []string) {
	t.Helper()
	if len(later) != len(atOnce) {
		t.Errorf("%d lines when they are wanted, %d at once:\n%s\n%s", len(later), len(atOnce), later, atOnce)
		return
	}
	for i := range later {
		if later[i] != atOnce[i] {
			t.Errorf("line %d:\nlater   %sat once %s", i, later[i], atOnce[i])
		}
	}
}

// kinds are attrs of every kind of slog, at its ends, and of values that are more.
func kinds() []slog.Attr {
	deep := slog.Int("n", 1)
	for range 40 {
		deep = slog.Group("g", deep)
	}
	members := make([]any, 300)
	for i := range members {
		members[i] = slog.Bool("", true)
	}
	text := "x"
	return []slog.Attr{
		slog.String("s", ""), slog.String("s", "text \x00\xff\u2028 é"), slog.String("", "no key"), slog.String("s", strings.Repeat("é", 900)),
		slog.String("s", strings.Repeat("y", 40<<10)), slog.String(strings.Repeat("k", 3000), "x"), slog.String("password", "secret"),
		slog.Int64("i", 0), slog.Int64("i", math.MinInt64), slog.Int64("i", math.MaxInt64), slog.Uint64("u", math.MaxUint64),
		slog.Float64("f", 1.5), slog.Float64("f_ms", 1.005), slog.Float64("f", math.NaN()), slog.Float64("f", math.Inf(-1)), slog.Float64("f", math.Copysign(0, -1)),
		slog.Bool("b", true), slog.Bool("b", false), slog.Duration("took", -time.Hour), slog.Duration("took_ms", math.MaxInt64),
		slog.Time("at", time.Time{}), slog.Time("at", clock()), slog.Time("at", clock().In(time.FixedZone("x", 5*3600+1))),
		slog.Time("at", time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)), slog.Time("at", time.Date(20000, 1, 1, 0, 0, 0, 7, time.UTC)),
		slog.Any("null", nil), slog.Any("", nil), {}, slog.Group("empty"), slog.Group("g", "a", 1, "a", "twice"), slog.Group("", "inline", 1),
		slog.Group("g", slog.Group("h", slog.Group("card", "number", "4111"+"111111111111")), slog.Any("null", nil)), deep, slog.Group("many", members...),
		slog.Group("v", slog.Any("x", []int{1})), slog.Any("any", map[string]any{"a": 1}), slog.Any("p", &text), pairlog.Err(errors.New("oh")),
		slog.Any("v", valuerSecret{"word"}), slog.String("event", "x"), slog.String("level", "x"), slog.String("request_id", "mine"), slog.String("trace_id", "mine"),
		slog.String("source", "mine"), slog.String("recorded", "mine"), slog.String("late", "of the call"),
	}
}

func TestHeldLinesAreTheSame(t *testing.T) {
	attrs := kinds()
	for _, a := range shapes() {
		attrs = append(attrs, a)
	}
	loggers := map[string]func(*slog.Logger) *slog.Logger{
		"plain":  func(l *slog.Logger) *slog.Logger { return l },
		"with":   func(l *slog.Logger) *slog.Logger { return l.With("s", "of the logger", "late", 2) },
		"group":  func(l *slog.Logger) *slog.Logger { return l.With("b", 1).WithGroup("g").With("c", 2).WithGroup("h") },
		"secret": func(l *slog.Logger) *slog.Logger { return l.WithGroup("credentials") },
	}
	late := [][]slog.Attr{nil, {slog.String("late", "x"), slog.Int("n", 1)}, {slog.Any("late", []string{"x"})}, {slog.Duration("took", 1), slog.String("user_password", "x")}}
	pipelines := []*doubled{newDoubled(t, pairlog.Config{}), newDoubled(t, pairlog.Config{Source: true})}
	for name, with := range loggers {
		for i, a := range attrs {
			ids := pairlog.ScopeConfig{RequestID: request, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Attrs: late[i%len(late)]}
			later, atOnce := pipelines[i%2].lines(t, ids, func(ctx context.Context, p *pairlog.Pipeline) {
				log := with(p.Logger("x"))
				six := slices.Repeat([]slog.Attr{slog.Int("n", 7)}, 6)
				pairlog.Log(ctx, log, slog.LevelDebug, "native", a)
				log.LogAttrs(ctx, slog.LevelDebug, "behind_slog", a)
				pairlog.Add(ctx, slog.Int("n", 2))
				log.LogAttrs(ctx, slog.LevelDebug, "many", append(six, a)...)
				log.InfoContext(ctx, "seen", a)
				pairlog.Add(ctx, slog.String("late", "y"), slog.Int("n", 3))
				pairlog.Log(ctx, log, slog.LevelDebug, "A text about "+a.Key, a, a)
				pairlog.Log(ctx, log, slog.LevelDebug, strings.Repeat("long_event_", 20), a)
				pairlog.Log(ctx, log, slog.LevelDebug, "", a)
				_ = log.Handler().Handle(ctx, slog.Record{Level: slog.LevelDebug, Message: "without_a_time"})
				log.DebugContext(ctx, "exception", a)
				pairlog.Add(ctx, a)
				log.DebugContext(ctx, "the_last_one")
				log.WarnContext(ctx, "panic_recovered")
			})
			if len(later) < 11 {
				t.Fatalf("%s, %v: %d lines, want 11", name, a, len(later))
			}
			sameLines(t, later, atOnce)
		}
	}
}

// FuzzHeldLines holds the lines of any course of events to those encoded at once.
func FuzzHeldLines(f *testing.F) {
	f.Add([]byte("abcdefghijklmnopqrstuvwxyz"), "text")
	f.Add([]byte{0, 9, 3, 1, 4, 200, 60, 2, 2, 1, 5, 90, 7, 7}, "password=hunter2")
	f.Add(slices.Repeat([]byte{3, 250, 17, 8, 64}, 30), "\xff\x00\u2028")
	d := newDoubled(f, pairlog.Config{})
	f.Fuzz(func(t *testing.T, course []byte, text string) {
		if len(course) > 100 || len(text) > 4<<10 {
			return
		}
		attrs := append(kinds(), slog.String("t", text), slog.String(text, "t"), slog.Group("g", text, text))
		pick := func(i int) slog.Attr { return attrs[i%len(attrs)] }
		later, atOnce := d.lines(t, pairlog.ScopeConfig{RequestID: "r-1"}, func(ctx context.Context, p *pairlog.Pipeline) {
			log := p.Logger("a.b")
			for i, b := range course {
				a := pick(int(b>>3) + i)
				switch b & 7 {
				case 0:
					pairlog.Add(ctx, a)
				case 1:
					log = p.Logger(fmt.Sprint("a.", b>>5)).With("w", i)
				case 2:
					log = log.WithGroup("g")
				case 3:
					log.InfoContext(ctx, "info", a)
				case 4:
					pairlog.Log(ctx, log, slog.LevelDebug, text, a, pick(i))
				case 5:
					log.DebugContext(ctx, "exception", a)
				default:
					log.LogAttrs(ctx, slog.LevelDebug, "step", a, pick(i), pick(int(b)))
				}
			}
		})
		sameLines(t, later, atOnce)
	})
}

// A value tells what it was at the time of its line, whatever becomes of it.
func TestHeldLinesAreOfTheirTime(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{})
	log := logs.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{Attrs: []slog.Attr{slog.Int("late", 1)}})
	m := map[string]int{"n": 1}
	members := []slog.Attr{slog.Int("n", 1)}
	attrs := []slog.Attr{slog.Any("m", m), slog.Any("changing", &m)}
	plain := []slog.Attr{slog.Int("n", 1), {Key: "g", Value: slog.GroupValue(members...)}}
	pairlog.Log(ctx, log, slog.LevelDebug, "step", attrs...)
	pairlog.Log(ctx, log, slog.LevelDebug, "step", plain...)
	m["n"], members[0], plain[0], attrs[0] = 2, slog.Int("n", 2), slog.Int("n", 2), slog.Int("m", 2)
	sc.Add(slog.Int("late", 2))
	pairlog.Log(ctx, log, slog.LevelDebug, "step", slog.Int("n", 2))
	sc.Add(slog.Any("m", m))
	pairlog.Log(ctx, log, slog.LevelDebug, "step")
	m["n"] = 3
	sc.Fail()
	var got []string
	for line := range strings.Lines(logs.Text()) {
		_, rest, _ := strings.Cut(line, `"event":"step",`)
		got = append(got, rest)
	}
	want := []string{
		`"m":{"n":1},"changing":{"n":1},"late":1,"recorded":true}` + "\n",
		`"n":1,"g":{"n":1},"late":1,"recorded":true}` + "\n",
		`"n":2,"late":2,"recorded":true}` + "\n",
		`"late":2,"m":{"n":2},"recorded":true}` + "\n",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// What the scope holds alive for its lines counts, too.
func TestHeldLinesAreBoundedWithTheScope(t *testing.T) {
	const limit = 16 << 10
	p, text := open(t, pairlog.Config{RecorderBytes: limit})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	for i := range 100 {
		sc.Add(slog.String("frame", strings.Repeat("x", 1000)), slog.Group("g", slog.String("a", strings.Repeat("y", 1000)), slog.Int("i", i)))
		pairlog.Log(ctx, log, slog.LevelDebug, "step", slog.Int("i", i))
	}
	if n := sc.Recorded(); n < 4 || n > limit/2000 {
		t.Errorf("%d lines with 2000 bytes of the scope each are held in %d bytes", n, limit)
	}
	for range 100 {
		pairlog.Log(ctx, log, slog.LevelDebug, "step")
	}
	if n := sc.Recorded(); n < 60 || n > limit/100 {
		t.Errorf("%d lines that share the scope's attrs are held in %d bytes", n, limit)
	}
	held := sc.Recorded()
	sc.Fail()
	if n := len(records(t, text())); n != held {
		t.Errorf("%d lines were written, want %d", n, held)
	}
	if s := p.Stats(); s.Recorded != 200 || s.RecorderEvicted != uint64(200-held) {
		t.Errorf("Recorded = %d, RecorderEvicted = %d, want 200 and %d", s.Recorded, s.RecorderEvicted, 200-held)
	}
}

// TestPlantedSecretsThroughRecorder looks for secrets in lines that were held, in
// every part that they have.
func TestPlantedSecretsThroughRecorder(t *testing.T) {
	g := planted.NewSamples(plantedSeed)
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) // milliseconds may be those of a code
	p, text := open(t, pairlog.Config{RecorderBytes: 1 << 20, Now: func() time.Time { return noon }})
	log := p.Logger("x")
	wrote, all := 0, planted.Lines("secrets")
	for n, line := range all {
		secretText, secrets := g.Secret(line)
		ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
		for _, way := range ways {
			pairlog.Log(ctx, log, slog.LevelDebug, way.name, way.attr(secretText))
			log.LogAttrs(ctx, slog.LevelDebug, way.name, slog.Group("g", way.attr(secretText)))
		}
		pairlog.Log(ctx, log, slog.LevelDebug, secretText)
		sc.Add(slog.String("late", secretText))
		log.With("w", secretText).DebugContext(ctx, "scoped")
		sc.Fail()
		out := text()[wrote:]
		wrote += len(out)
		for _, s := range secrets {
			if planted.Leak(out, s) != "" {
				t.Errorf("line %d of secrets.txt: a secret is in the output", n) // and not in this log
			}
		}
		if got, want := strings.Count(out, "\n"), 2*len(ways)+2; got != want {
			t.Errorf("line %d of secrets.txt: %d lines were written, want %d", n, got, want)
		}
	}
	if len(all) < 20 {
		t.Errorf("%d lines with secrets, want all of the file", len(all))
	}
}

// A line is redacted by the policy of its own logger.
func TestHeldLinesHaveTheirOwnPolicy(t *testing.T) {
	p, text := open(t, pairlog.Config{RedactLoggers: map[string]redact.Config{"open": {PII: redact.PIIFull}}})
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{Attrs: []slog.Attr{slog.String("user_email", "ann@example.com")}})
	for _, name := range []string{"x", "open", "x"} {
		pairlog.Log(ctx, p.Logger(name), slog.LevelDebug, "step", slog.String("email", "bob@example.com"))
	}
	sc.Fail()
	lines := slices.Collect(strings.Lines(text()))
	for i, want := range []bool{false, true, false} {
		if got := strings.Contains(lines[i], "ann@example.com") && strings.Contains(lines[i], "bob@example.com"); got != want {
			t.Errorf("line %d has the addresses: %v, want %v: %s", i, got, want, lines[i])
		}
	}
}

func TestHeldLinesFromManyGoroutines(t *testing.T) {
	p, text := open(t, pairlog.Config{RecorderBytes: 4 << 20})
	var wg sync.WaitGroup
	for range 20 {
		ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
		for g := range 4 {
			wg.Go(func() {
				log := p.Logger(fmt.Sprint("x.", g)).With("g", g)
				for i := range 50 {
					pairlog.Log(ctx, log, slog.LevelDebug, "step", slog.Int("i", i), slog.String("s", "text"))
					pairlog.Add(ctx, slog.Int("late", i), slog.Int(fmt.Sprint("k", i%7), g))
					log.DebugContext(ctx, "A text", "any", []int{i})
					if i == 25 && g == 0 {
						sc.Fail()
					}
				}
			})
		}
	}
	wg.Wait()
	if n := len(records(t, text())); n != 20*4*50*2 {
		t.Errorf("%d records, want all %d", n, 20*4*50*2)
	}
}

// TestHeldLinesAreCheap holds the promise for a request with two lines below the
// level: the recorder is one allocation.
func TestHeldLinesAreCheap(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, _ := open(t, pairlog.Config{QueueBytes: 64 << 20})
	log := p.Logger("x")
	bg := context.Background()
	f := func(want float64, n int) {
		t.Helper()
		got := testing.AllocsPerRun(200, func() {
			ctx, _ := pairlog.NewScope(bg, pairlog.ScopeConfig{RequestID: request})
			for range n {
				pairlog.Log(ctx, log, slog.LevelDebug, "token_verified", slog.String("user_id", user1), slog.String("token_type", "access"))
			}
			pairlog.Log(ctx, log, slog.LevelInfo, "http_request")
		})
		if got > want {
			t.Errorf("a scope with a line and %d below the level: %v allocations, want %v", n, got, want)
		}
	}
	f(2, 0) // the scope, and what it keeps of its lines
	f(3, 2)
}
