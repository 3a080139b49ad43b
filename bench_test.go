package pairlog_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// nowhere is a sink that takes everything.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) Sync() error                 { return nil }
func (nowhere) Close() error                { return nil }
func (nowhere) String() string              { return "nowhere" }

func benchmark(b *testing.B, call func(ctx context.Context, log *slog.Logger)) {
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{nowhere{}}, Err: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	defer closePipeline(b, p)
	log := p.Logger("api.request")
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request})
	b.Run("serial", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			call(ctx, log)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				call(ctx, log)
			}
		})
	})
}

func BenchmarkNative(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(ctx context.Context, log *slog.Logger) {
		pairlog.Log(ctx, log, slog.LevelInfo, "http_request", attrs...)
	})
}

func BenchmarkSlog(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(ctx context.Context, log *slog.Logger) {
		log.LogAttrs(ctx, slog.LevelInfo, "http_request", attrs...)
	})
}

func BenchmarkRecorded(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(ctx context.Context, log *slog.Logger) {
		pairlog.Log(ctx, log, slog.LevelDebug, "http_request", attrs...)
	})
}

func BenchmarkDisabled(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(_ context.Context, log *slog.Logger) {
		pairlog.Log(context.Background(), log, slog.LevelDebug, "http_request", attrs...)
	})
}

// BenchmarkScope is a request: a scope, two late attrs, and its line.
func BenchmarkScope(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(_ context.Context, log *slog.Logger) {
		ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request})
		pairlog.Add(ctx, attrs[6])
		pairlog.Add(ctx, attrs[2])
		pairlog.Log(ctx, log, slog.LevelInfo, "http_request", attrs[7:]...)
	})
}

// BenchmarkHeld is what a request that goes well keeps for the recorder: a scope with
// two lines below the level.
func BenchmarkHeld(b *testing.B) {
	attrs := webAttrs()
	benchmark(b, func(_ context.Context, log *slog.Logger) {
		ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request})
		pairlog.Log(ctx, log, slog.LevelDebug, "token_verified", attrs[5:8]...)
		pairlog.Log(ctx, log, slog.LevelDebug, "profile_viewed", attrs[6:8]...)
	})
}

// BenchmarkAdd is one late attr.
func BenchmarkAdd(b *testing.B) {
	attrs := webAttrs()
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: request})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		pairlog.Add(ctx, attrs[i%6])
	}
}
