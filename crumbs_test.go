package pairlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog"
)

// eventsOf returns the events of a record's breadcrumbs.
func eventsOf(rec map[string]any) []string {
	list, _ := rec["breadcrumbs"].([]any)
	var events []string
	for _, c := range list {
		event, _ := c.(map[string]any)["event"].(string)
		events = append(events, event)
	}
	return events
}

func TestBreadcrumbs(t *testing.T) {
	now := time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC)
	p, text := open(t, pairlog.Config{Now: func() time.Time { return now }})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Attrs: []slog.Attr{slog.String("late", "x")}})
	pairlog.Log(ctx, p.Logger("service.token"), slog.LevelInfo, "token_created", slog.String("note", "value"))
	now = now.Add(1500 * time.Microsecond)
	p.Logger("service.credits").DebugContext(ctx, "price_looked_up", "note", "value")
	p.Logger("service.credits").InfoContext(ctx, "A text for people with a value")
	now = now.Add(10 * time.Millisecond)
	pairlog.Log(ctx, p.Logger("api"), slog.LevelError, "exception", pairlog.Err(nil), slog.Int("after", 1))
	line := ""
	for l := range strings.Lines(text()) {
		if strings.Contains(l, `"event":"exception","error_type"`) {
			line = l
		}
	}
	want := `"stack_trace":null,"after":1,"breadcrumbs":[` +
		`{"before_ms":11.50,"level":"INFO","logger":"service.token","event":"token_created"},` +
		`{"before_ms":10.00,"level":"DEBUG","logger":"service.credits","event":"price_looked_up"}],` +
		`"late":"x","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}` + "\n"
	if !strings.HasSuffix(line, want) {
		t.Errorf("got  %s\nwant …%s", line, want)
	}
	if strings.Contains(line, "value") {
		t.Errorf("a value is among the breadcrumbs: %s", line)
	}
}

func TestBreadcrumbsAreBounded(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	for _, n := range []int{0, 1, 2, 15, 16, 17, 40} {
		ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
		var want []string
		for i := range n {
			event := fmt.Sprintf("step_%d", i)
			want = append(want, event)
			log.InfoContext(ctx, event)
		}
		want = want[max(0, n-16):]
		log.ErrorContext(ctx, "exception")
		recs := records(t, text())
		if got := eventsOf(recs[len(recs)-1]); !slices.Equal(got, want) {
			t.Errorf("after %d events: %v, want %v", n, got, want)
		}
		if _, has := recs[len(recs)-1]["breadcrumbs"]; has != (n > 0) {
			t.Errorf("after %d events: breadcrumbs written is %v", n, has)
		}
	}
}

func TestWhichLinesHaveBreadcrumbs(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	f := func(want bool, call func(ctx context.Context)) {
		t.Helper()
		ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
		log.InfoContext(ctx, "step")
		call(ctx)
		recs := records(t, text())
		last := recs[len(recs)-1]
		if _, got := last["breadcrumbs"].([]any); got != want {
			t.Errorf("breadcrumbs written is %v, want %v: %v", got, want, last)
		}
	}
	f(true, func(ctx context.Context) { log.ErrorContext(ctx, "exception") })
	f(true, func(ctx context.Context) { log.ErrorContext(ctx, "panic_recovered") })
	f(true, func(ctx context.Context) { log.WithGroup("g").ErrorContext(ctx, "exception", "k", 1) })
	f(true, func(ctx context.Context) { log.With("k", 1).WithGroup("g").ErrorContext(ctx, "exception") })
	f(false, func(ctx context.Context) { log.ErrorContext(ctx, "payment_failed") })
	f(false, func(ctx context.Context) {
		inner, _ := pairlog.NewScope(ctx, pairlog.ScopeConfig{})
		log.ErrorContext(inner, "panic_recovered")
		log.ErrorContext(inner, "exception") // about the same panic
	})
	f(false, func(context.Context) { log.Error("exception") }) // no scope
	f(false, func(ctx context.Context) { log.ErrorContext(ctx, "exception", "breadcrumbs", "mine") })
	f(false, func(ctx context.Context) { log.With("breadcrumbs", "mine").ErrorContext(ctx, "exception") })
	f(false, func(ctx context.Context) {
		pairlog.Add(ctx, slog.String("breadcrumbs", "mine"))
		log.ErrorContext(ctx, "exception")
	})
	if got, want := strings.Count(text(), `"breadcrumbs":"mine"`), 3; got != want {
		t.Errorf("an attr of that name was written %d times, want %d", got, want)
	}
}

func TestBreadcrumbsFromManyGoroutines(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	var wg sync.WaitGroup
	for i := range 8 {
		log := p.Logger(fmt.Sprintf("logger.n%d", i))
		wg.Go(func() {
			for j := range 50 {
				log.InfoContext(ctx, fmt.Sprintf("event_n%d", i))
				if j%10 == 0 {
					log.ErrorContext(ctx, "exception", pairlog.Err(errors.New("x")))
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for _, rec := range records(t, text()) {
		list, _ := rec["breadcrumbs"].([]any)
		for _, c := range list {
			m := c.(map[string]any)
			logger, event := m["logger"].(string), m["event"].(string)
			if event != "exception" && strings.TrimPrefix(logger, "logger.") != strings.TrimPrefix(event, "event_") {
				t.Fatalf("two events in one: %v", m)
			}
			n++
		}
	}
	if n == 0 {
		t.Error("no breadcrumbs at all")
	}
}

// TestBreadcrumbsAreCheap holds the promise for a scope that logs one line, one
// small allocation beside the scope itself, and none for each further one of a
// scope that logs many.
func TestBreadcrumbsAreCheap(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, _ := open(t, pairlog.Config{QueueBytes: 64 << 20})
	log := p.Logger("x")
	bg := context.Background()
	scopeAndLine := func() {
		ctx, _ := pairlog.NewScope(bg, pairlog.ScopeConfig{RequestID: request})
		pairlog.Log(ctx, log, slog.LevelInfo, "http_request")
	}
	scopeAndLine()
	scopeAndLine()
	if got := testing.AllocsPerRun(200, scopeAndLine); got > 2 {
		t.Errorf("a scope with a line: %v allocations, want 2", got)
	}
	ctx, _ := pairlog.NewScope(bg, pairlog.ScopeConfig{RequestID: request})
	line := func() { pairlog.Log(ctx, log, slog.LevelInfo, "http_request") }
	line()
	line()
	if got := testing.AllocsPerRun(200, line); got > 0 {
		t.Errorf("a further line: %v allocations, want 0", got)
	}
}
