package pairlog_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/pairly/pairlog"
)

// weigh counts the lines of an event on a logger and the records that they stand
// for.
func weigh(t *testing.T, text, logger, event string) (lines int, weight float64) {
	t.Helper()
	for _, m := range records(t, text) {
		if m["event"] != event || m["logger"] != logger {
			continue
		}
		lines++
		if w, ok := m["sample_weight"].(float64); ok {
			weight += w
		} else {
			weight++
		}
	}
	return lines, weight
}

func TestSampling(t *testing.T) {
	p, text := open(t, pairlog.Config{QueueBytes: 32 << 20, SampleRates: map[string]float64{
		"tick": 0.1, "never": 0, "http_request": 1, "http_request:GET /health": 0, "half:/a": 0.5,
	}})
	x, audit := p.Logger("x"), p.Logger("audit")
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{Attrs: []slog.Attr{slog.String("route", "/a")}})
	const n = 10000
	for range n {
		x.Info("tick")
		pairlog.Log(ctx, x, slog.LevelInfo, "half")
	}
	for range 10 {
		x.Info("never")
		x.Warn("never", "level_is", "too high")
		audit.Info("never")
		x.Info("http_request", "route", "GET /health")
		x.Info("http_request", "route", "GET /users")
		x.Info("half", "route", "/b")
	}
	got := text()
	f := func(logger, event string, min, max int) {
		t.Helper()
		if lines, _ := weigh(t, got, logger, event); lines < min || lines > max {
			t.Errorf("%s %s: %d lines, want %d to %d", logger, event, lines, min, max)
		}
	}
	// Five standard deviations are 150 and 250 lines.
	f("x", "tick", n/10-150, n/10+150)
	f("x", "half", n/2-250+10, n/2+250+10)
	f("x", "never", 10, 10)
	f("audit", "never", 10, 10)
	f("x", "http_request", 10, 10)
	lines, weight := weigh(t, got, "x", "tick")
	if weight > n || weight < n-200 {
		t.Errorf("%d ticks stand for %v, want nearly %d", lines, weight, n)
	}
	if s := p.Stats(); s.Sampled != uint64(2*n+60-len(records(t, got))) {
		t.Errorf("Sampled = %d, want everything that is not written", s.Sampled)
	}
}

// The route of net/http begins with the method, that of chi does not: a rate is for
// either, and the one with the method goes first.
func TestSamplingByRouteWithoutMethod(t *testing.T) {
	p, text := open(t, pairlog.Config{SampleRates: map[string]float64{
		"http_request:/users/{id}": 0, "http_request:GET /kept": 0.999999999, "http_request:/kept": 0,
	}})
	x := p.Logger("x")
	for _, route := range []string{"GET /users/{id}", "/users/{id}", "GET /kept", "DELETE /kept", "GET /users", "/a GET /users/{id}"} {
		x.Info("http_request", "route", route)
	}
	var got []string
	for _, r := range records(t, text()) {
		got = append(got, r["route"].(string))
	}
	if want := []string{"GET /kept", "GET /users", "/a GET /users/{id}"}; !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestBadRatesAreReported(t *testing.T) {
	p, text := open(t, pairlog.Config{SampleRates: map[string]float64{"a": 1.5}})
	p.Logger("x").Info("a")
	recs := records(t, text())
	if len(recs) != 2 || recs[0]["event"] != "log_config_invalid" || fmt.Sprint(recs[0]["value"]) != "a=1.5" || recs[1]["event"] != "a" {
		t.Errorf("got %v", recs)
	}
}
