package pairlog_test

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

func TestRecorderWritesWhenTheRequestFails(t *testing.T) {
	p, text := open(t, pairlog.Config{Now: clock})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-1"})
	log.DebugContext(ctx, "step_one", "n", 1)
	log.DebugContext(ctx, "step_two")
	log.InfoContext(ctx, "visible")
	if got := text(); strings.Contains(got, "step") {
		t.Fatalf("held back lines were written: %s", got)
	}
	if n := sc.Recorded(); n != 2 {
		t.Errorf("Recorded = %d, want 2", n)
	}
	log.ErrorContext(ctx, "it_failed")
	log.DebugContext(ctx, "after_the_failure")
	var events []string
	for _, m := range records(t, text()) {
		events = append(events, fmt.Sprint(m["event"], m["recorded"] == true, m["level"]))
	}
	want := "[visiblefalseINFO step_onetrueDEBUG step_twotrueDEBUG it_failedfalseERROR after_the_failuretrueDEBUG]"
	if got := strings.ReplaceAll(fmt.Sprint(events), " false ", "false"); strings.ReplaceAll(got, " true ", "true") != want {
		t.Errorf("events %s, want %s", got, want)
	}
	if n := sc.Recorded(); n != 0 {
		t.Errorf("Recorded after Fail = %d, want 0", n)
	}
	if s := p.Stats(); s.Recorded != 2 {
		t.Errorf("Stats.Recorded = %d, want 2", s.Recorded)
	}
	sc.Fail()
}

func TestRecorderIsBounded(t *testing.T) {
	const limit = 8 << 10
	p, text := open(t, pairlog.Config{RecorderBytes: limit})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	const n = 5000
	for i := range n {
		log.DebugContext(ctx, "step", "i", i)
	}
	log.DebugContext(ctx, "huge", "text", strings.Repeat("x", limit))
	held := sc.Recorded()
	sc.Fail()
	got := text()
	recs := records(t, got)
	if len(got) > limit || len(recs) != held || held < 20 {
		t.Errorf("%d bytes, %d records, %d held; want at most %d bytes and all that was held", len(got), len(recs), held, limit)
	}
	for i, m := range recs {
		if want := float64(n - held + i); m["i"] != want {
			t.Fatalf("record %d has i = %v, want %v: the newest are kept, in order", i, m["i"], want)
		}
	}
	if s := p.Stats(); s.RecorderEvicted != uint64(n-held+1) {
		t.Errorf("RecorderEvicted = %d, want %d", s.RecorderEvicted, n-held+1)
	}
}

func TestRecorderOff(t *testing.T) {
	p, text := open(t, pairlog.Config{RecorderBytes: -1})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	if log.Enabled(ctx, slog.LevelDebug) {
		t.Error("DEBUG is enabled without a recorder")
	}
	log.DebugContext(ctx, "a")
	pairlog.Log(ctx, log, slog.LevelDebug, "b")
	sc.Fail()
	if got := text(); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
}

func TestBelowTheLevelWithoutScopeCostsNothing(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	if log.Enabled(t.Context(), slog.LevelDebug) {
		t.Error("DEBUG is enabled outside of a scope")
	}
	log.Debug("a")
	pairlog.Log(t.Context(), log, slog.LevelDebug, "b")
	// A handler may be asked to write without being asked whether it wants to.
	if err := log.Handler().Handle(t.Context(), slog.NewRecord(clock(), slog.LevelDebug, "c", 0)); err != nil {
		t.Fatal(err)
	}
	if got := text(); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
}

func TestRecorderFromManyGoroutines(t *testing.T) {
	p, text := open(t, pairlog.Config{RecorderBytes: 1 << 20})
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				log.DebugContext(ctx, "step", "g", g, "i", i)
				if i == 50 && g == 3 {
					sc.Fail()
				}
			}
		})
	}
	wg.Wait()
	sc.Fail()
	if n := len(records(t, text())); n != 800 {
		t.Errorf("%d records, want all 800", n)
	}
}

func TestFailingWithAFullQueueWaitsOnce(t *testing.T) {
	g := &gate{}
	g.shut.Store(true)
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{g}, QueueBytes: 64 << 10, QueuePolicy: "block:300ms", Err: io.Discard, RecorderBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("x")
	ctx, sc := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	text := strings.Repeat("x", 1000)
	for range 500 {
		log.DebugContext(ctx, "step", "text", text)
	}
	held := sc.Recorded()
	sc.Fail() // eight times what the queue holds
	if n := p.Stats().Blocked; n != 1 {
		t.Errorf("%d calls waited for room, want 1", n)
	}
	g.shut.Store(false)
	closePipeline(t, p)
	s := p.Stats()
	if n := uint64(count(t, g.out.String(), "step")); n+s.RecorderEvicted+s.DroppedTotal() != uint64(held) || n == 0 {
		t.Errorf("%d lines written, %d let go, %d dropped, want %d together", n, s.RecorderEvicted, s.DroppedTotal(), held)
	}
}
