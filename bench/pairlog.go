package bench

import (
	"context"
	"io"
	"log/slog"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sink"
)

// writerSink gives the batches of a pipeline to a writer, as the rivals give it
// their lines.
type writerSink struct{ w io.Writer }

var _ sink.Sink = writerSink{}

func (s writerSink) Write(batch []byte) (int, error) { return s.w.Write(batch) }
func (writerSink) Sync() error                       { return nil }
func (writerSink) Close() error                      { return nil }
func (writerSink) String() string                    { return "bench" }

// open returns a pipeline with the defaults of production: every redaction
// rule on, the queue before the sink.
func open(w io.Writer) *pairlog.Pipeline {
	p, err := pairlog.Open(pairlog.Config{Sinks: []sink.Sink{writerSink{w}}, Out: io.Discard, Err: io.Discard})
	if err != nil {
		panic(err) // the configuration above is constant
	}
	return p
}

func newPairlogSlog(w io.Writer) Events {
	p := open(w)
	return slogEvents(p.Logger(scopedLogger), func() { closePipeline(p) })
}

// closePipeline waits until everything is written.
func closePipeline(p *pairlog.Pipeline) { p.Close(context.Background()) }

func newPairlog(w io.Writer) Events {
	return pairlogEvents(open(w))
}

func pairlogEvents(p *pairlog.Pipeline) Events {
	ctx := context.Background()
	l := p.Logger(scopedLogger)
	with10 := l.With(toAny(with10Attrs())...)
	scoped := l.With(toAny(webAttrs()[:7])...)
	web := func(level slog.Level) {
		pairlog.Log(ctx, l, level, eventName,
			slog.String("method", webMethod), slog.String("path", webPath),
			slog.String("route", webRoute), slog.String("query", webQuery),
			slog.String("client_ip", webIP), slog.String("user_agent", webAgent),
			slog.String("user_id", webUser), slog.String("correlation_id", webRequest),
			slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
			slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
	}
	return Events{
		NoFields: func() { pairlog.Log(ctx, l, slog.LevelInfo, eventName) },
		With10:   func() { pairlog.Log(ctx, with10, slog.LevelInfo, eventName) },
		Zap10: func() {
			pairlog.Log(ctx, l, slog.LevelInfo, eventName,
				slog.Int("int", tenInts[0]), slog.Any("ints", tenInts),
				slog.String("string", tenStrings[0]), slog.Any("strings", tenStrings),
				slog.Time("time", someTime), slog.Any("times", tenTimes),
				slog.Any("user1", oneUser), slog.Any("user2", oneUser),
				slog.Any("users", tenUsers), slog.Any("error", errExample))
		},
		Web: func() { web(slog.LevelInfo) },
		Fresh: func() {
			v := next()
			pairlog.Log(ctx, l, slog.LevelInfo, eventName,
				slog.String("method", webMethod), slog.String("path", v.path),
				slog.String("route", webRoute), slog.String("query", webQuery),
				slog.String("client_ip", v.ip), slog.String("user_agent", v.agent),
				slog.String("user_id", v.user), slog.String("correlation_id", v.request),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))

		},
		Scoped: func() {
			pairlog.Log(ctx, scoped, slog.LevelInfo, eventName,
				slog.String("correlation_id", webRequest),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
		},
		Disabled: func() { web(slog.LevelDebug) },
		Off:      func() { pairlog.Log(ctx, l, slog.LevelDebug, eventName) },
		Close:    func() { closePipeline(p) },
	}
}
