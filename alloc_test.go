package pairlog_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/pairly/pairlog"
)

// webAttrs is the record of a web request.
func webAttrs() []slog.Attr {
	return []slog.Attr{
		slog.String("method", "POST"), slog.String("path", "/api/auth/login"), slog.String("route", "POST /api/auth/login"),
		slog.String("query", "page=2&sort=newest"), slog.String("client_ip", "192.168.1.100"),
		slog.String("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"),
		slog.String("user_id", user1), slog.String("correlation_id", request), slog.Int("status_code", 200),
		slog.Float64("duration_ms", 145.23), slog.Int("response_size_bytes", 1024), slog.String("protocol", "HTTP/1.1"),
	}
}

// TestNothingIsAllocatedOnTheNativePath holds the promise of the native
// front-end: no allocation for a record whose attrs are at hand.
func TestNothingIsAllocatedOnTheNativePath(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p, _ := open(t, pairlog.Config{QueueBytes: 64 << 20})
	log := p.Logger("api.request")
	with := log.With("service", "pairly", "shard", 12)
	group := with.WithGroup("g")
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Attrs: []slog.Attr{slog.String("user_id", user1)}})
	attrs := webAttrs()
	now := time.Now()
	f := func(name string, want float64, call func()) {
		t.Helper()
		call() // what is cached is cached
		call()
		if got := testing.AllocsPerRun(200, call); got > want {
			t.Errorf("%s: %v allocations, want %v", name, got, want)
		}
	}
	bg := context.Background()
	f("web record", 0, func() { pairlog.Log(bg, log, slog.LevelInfo, "http_request", attrs...) })
	f("in a scope", 0, func() { pairlog.Log(ctx, log, slog.LevelInfo, "http_request", attrs...) })
	f("with and group", 0, func() { pairlog.Log(ctx, group, slog.LevelInfo, "http_request", attrs...) })
	f("attrs made at the call", 0, func() {
		pairlog.Log(ctx, with, slog.LevelInfo, "saved", slog.String("a", "x"), slog.Int("n", 1), slog.Duration("took", time.Second), slog.Time("at", now), slog.Bool("b", true))
	})
	f("a text", 0, func() { pairlog.Log(ctx, log, slog.LevelInfo, "A text for people", attrs[0]) })
	f("duplicates", 0, func() { pairlog.Log(ctx, with, slog.LevelInfo, "twice", attrs[0], attrs[0], slog.Int("shard", 13)) })
	f("disabled", 0, func() { pairlog.Log(bg, log, slog.LevelDebug, "http_request", attrs...) })
	f("slog without attrs", 0, func() { log.InfoContext(ctx, "http_request") })
	f("slog with five attrs", 0, func() { log.LogAttrs(ctx, slog.LevelInfo, "http_request", attrs[:5]...) })
	// From the sixth attr on slog puts them on the heap, once.
	f("slog with twelve attrs", 1, func() { log.LogAttrs(ctx, slog.LevelInfo, "http_request", attrs...) })
	f("late attr", 1, func() { pairlog.Add(ctx, attrs[0]) })
	f("new scope", 1, func() { pairlog.NewScope(bg, pairlog.ScopeConfig{RequestID: request}) })
}
