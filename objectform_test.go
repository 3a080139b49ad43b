package pairlog_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
)

// counts is a summary of every kind of member.
type counts struct {
	form    *pairlog.ObjectForm
	n       int64
	took    time.Duration
	text    string
	fixed   *pairlog.Fixed
	nothing bool // no member at all
	panics  bool
}

var countNames = []string{"count", "ms", "text", "fixed", "fixed_ms", "last"}

func (c *counts) LogValue() slog.Value {
	if c.nothing {
		return slog.GroupValue()
	}
	ms := float64((c.took+5*time.Microsecond)/(10*time.Microsecond)) / 100
	if c.took < 0 {
		ms = -float64((5*time.Microsecond-c.took)/(10*time.Microsecond)) / 100
	}
	return slog.GroupValue(slog.Int64("count", c.n), slog.Float64("ms", ms), slog.String("text", c.text),
		slog.String("fixed", c.fixed.String()), slog.Float64("fixed_ms", ms), slog.Int64("last", 1))
}

func (c *counts) Form() *pairlog.ObjectForm { return c.form }

func (c *counts) WriteMembers(o pairlog.ObjectLine) {
	if c.nothing {
		return
	}
	o.Int(0, c.n)
	o.Milliseconds(1, c.took)
	if c.panics {
		panic("in the middle")
	}
	o.Text(2, c.text)
	o.Fixed(3, c.fixed)
	o.Milliseconds(4, c.took)
	o.Int(5, 1)
}

// plain is a summary without a form: it is written by its LogValue.
type plain struct{ slog.LogValuer }

// TestSummaryWritesWhatLogValueSays compares the two ways for each kind of value,
// logger and configuration.
func TestSummaryWritesWhatLogValueSays(t *testing.T) {
	usual := pairlog.NewObjectForm("db", countNames...)
	values := map[string]*counts{
		"usual":       {form: usual, n: 3, took: 12345 * time.Microsecond, text: "get", fixed: pairlog.NewFixed("SELECT 1")},
		"round":       {form: usual, took: 3 * time.Millisecond, fixed: pairlog.NewFixed("")},
		"tenth":       {form: usual, took: 2500 * time.Microsecond, fixed: pairlog.NewFixed("x")},
		"zero":        {form: usual, fixed: pairlog.NewFixed("x")},
		"negative":    {form: usual, n: -7, took: -15 * time.Millisecond, fixed: pairlog.NewFixed("x")},
		"huge":        {form: usual, n: 4111111111111111, took: 2e8 * time.Millisecond, fixed: pairlog.NewFixed("x")},
		"escapes":     {form: usual, text: "a \"b\"\n\x7f é", fixed: pairlog.NewFixed("é\u2028\\ \xff")},
		"secrets":     {form: usual, text: "password=hunter2", fixed: pairlog.NewFixed("Bearer abcdefghijklmnopqrstuvwxyz012345")},
		"long":        {form: usual, text: strings.Repeat("long ", 30), fixed: pairlog.NewFixed(strings.Repeat("é", 300))},
		"nothing":     {form: usual, nothing: true},
		"panics":      {form: usual, panics: true, text: "x", fixed: pairlog.NewFixed("x")},
		"no form":     {n: 1, fixed: pairlog.NewFixed("x")},
		"another key": {form: pairlog.NewObjectForm("other", countNames...), fixed: pairlog.NewFixed("x")},
		"a secret":    {form: pairlog.NewObjectForm("db", "count", "ms", "password", "fixed", "fixed_ms", "last"), text: "x", fixed: pairlog.NewFixed("x")},
		"twice":       {form: pairlog.NewObjectForm("db", "count", "count", "text", "fixed", "fixed_ms", "last"), fixed: pairlog.NewFixed("x")},
	}
	configs := map[string]pairlog.Config{
		"default": {},
		"allow":   {Redact: redact.Config{Allow: map[string][]string{"db": {"count"}}}},
		"limits":  {Limits: pairlog.Limits{String: 9, Keys: 1}},
		"full":    {Limits: pairlog.Limits{Line: 230}},
		"fuller":  {Limits: pairlog.Limits{Line: 260}},
	}
	loggers := map[string]func(*slog.Logger) *slog.Logger{
		"plain": func(l *slog.Logger) *slog.Logger { return l },
		"with":  func(l *slog.Logger) *slog.Logger { return l.With("service", "pairly") },
		"clash": func(l *slog.Logger) *slog.Logger { return l.With("db", "of the logger") },
		"group": func(l *slog.Logger) *slog.Logger { return l.WithGroup("g") },
	}
	for cn, c := range configs {
		for ln, with := range loggers {
			for vn, v := range values {
				t.Run(fmt.Sprint(cn, " ", ln, " ", vn), func(t *testing.T) {
					got, want := gathered(t, c, with, v), gathered(t, c, with, plain{v})
					if got != want {
						t.Errorf("the line differs\n got %s\nwant %s", got, want)
					}
				})
			}
		}
	}
}

// gathered returns the line of a request that has gathered v and something else.
func gathered(t *testing.T, c pairlog.Config, with func(*slog.Logger) *slog.Logger, v slog.LogValuer) string {
	t.Helper()
	c.Now = clock
	p, text := open(t, c)
	form := pairlog.NewForm(with(p.Logger("api.request")), "http_request", "method", "took_ms")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request, Attrs: []slog.Attr{slog.String("user_id", user1)}})
	sc.Gather("first", func() slog.LogValuer { return plain{&counts{text: "first", fixed: pairlog.NewFixed("f")}} })
	sc.Gather("db", func() slog.LogValuer { return v })
	line, ok := form.Line(ctx, clock(), slog.LevelInfo, "")
	if !ok {
		t.Fatal("no line")
	}
	line.Text(0, "GET")
	line.Milliseconds(1, 1500*time.Microsecond)
	line.Attrs(slog.Bool("slow", true), slog.String("outcome", "x"))
	line.Gathered()
	line.Write(slog.String("outcome", "last wins"), slog.Int("more", 1))
	return text()
}

// The line of a request has its summaries in their order, as objects.
func TestGatheredOnALine(t *testing.T) {
	form := pairlog.NewObjectForm("db", countNames...)
	v := &counts{form: form, n: 3, took: 12300 * time.Microsecond, text: "get", fixed: pairlog.NewFixed("SELECT ?")}
	got := gathered(t, pairlog.Config{}, func(l *slog.Logger) *slog.Logger { return l }, v)
	want := `"method":"GET","took_ms":1.50,"slow":true,"first":{"count":0,"ms":0.00,"text":"first","fixed":"f","fixed_ms":0.00,"last":1},` +
		`"db":{"count":3,"ms":12.30,"text":"get","fixed":"SELECT ?","fixed_ms":12.30,"last":1},"outcome":"last wins","more":1,"user_id":"` + user1 + `"}` + "\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got %s\nwant …%s", got, want)
	}
}

// A foreign logger gets the summaries as attrs.
func TestGatheredByAForeignLogger(t *testing.T) {
	var b strings.Builder
	form := pairlog.NewForm(slog.New(slog.NewJSONHandler(&b, nil)), "http_request", "method")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	sc.Gather("db", func() slog.LogValuer {
		return &counts{form: pairlog.NewObjectForm("db", countNames...), text: "x", fixed: pairlog.NewFixed("y")}
	})
	line, _ := form.Line(ctx, clock(), slog.LevelInfo, "")
	line.Attrs(slog.Bool("slow", true))
	line.Gathered()
	line.Write(slog.Int("more", 1))
	want := `"msg":"http_request","slow":true,"db":{"count":0,"ms":0,"text":"x","fixed":"y","fixed_ms":0,"last":1},"more":1}` + "\n"
	if !strings.HasSuffix(b.String(), want) {
		t.Errorf("got %s\nwant …%s", b.String(), want)
	}
}

// One form and one fixed text serve several pipelines at a time, each with its own
// policy.
func TestSummaryOfSeveralPipelines(t *testing.T) {
	form := pairlog.NewObjectForm("db", countNames...)
	fixed := pairlog.NewFixed("card 4111 1111 1111 1111")
	var wg sync.WaitGroup
	for range 4 {
		p, text := open(t, pairlog.Config{})
		wg.Go(func() {
			lines := pairlog.NewForm(p.Logger("x"), "worked")
			for range 200 {
				ctx, sc := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{})
				sc.Gather("db", func() slog.LogValuer { return &counts{form: form, text: "x", fixed: fixed} })
				line, _ := lines.Line(ctx, clock(), slog.LevelInfo, "")
				line.Gathered()
				line.Write()
			}
		})
		defer func() {
			if got := text(); strings.Contains(got, "4111") || strings.Count(got, `"db":{"count":0,"ms":0.00,"text":"x","fixed":"card [`) != 200 {
				t.Errorf("200 lines with a mark for the card, got %.300s", got)
			}
		}()
	}
	wg.Wait()
}

func TestSummaryCostsNoAllocation(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, _ := open(t, pairlog.Config{QueueBytes: 64 << 20})
	form := pairlog.NewForm(p.Logger("x"), "http_request", "method")
	ctx, sc := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request})
	sc.Gather("db", func() slog.LogValuer {
		return &counts{form: pairlog.NewObjectForm("db", countNames...), text: "x", fixed: pairlog.NewFixed("SELECT 1")}
	})
	line := func() {
		w, _ := form.Line(ctx, clock(), slog.LevelInfo, "")
		w.Text(0, "GET")
		w.Gathered()
		w.Write(slog.Bool("slow", true))
	}
	line()
	line()
	if got := testing.AllocsPerRun(200, line); got > 0 {
		t.Errorf("a line: %v allocations, want 0", got)
	}
}
