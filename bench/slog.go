package bench

import (
	"context"
	"io"
	"log/slog"
	"strings"
)

// slogEvents binds the events to a stock slog.Logger, called as most code
// calls it: LogAttrs with attrs built at the call.
func slogEvents(l *slog.Logger, close func()) Events {
	ctx := context.Background()
	with10 := l.With(toAny(with10Attrs())...)
	web := webAttrs()
	scoped := l.With(toAny(web[:7])...)
	return Events{
		NoFields: func() { l.LogAttrs(ctx, slog.LevelInfo, eventName) },
		With10:   func() { with10.LogAttrs(ctx, slog.LevelInfo, eventName) },
		Zap10: func() {
			l.LogAttrs(ctx, slog.LevelInfo, eventName,
				slog.Int("int", tenInts[0]), slog.Any("ints", tenInts),
				slog.String("string", tenStrings[0]), slog.Any("strings", tenStrings),
				slog.Time("time", someTime), slog.Any("times", tenTimes),
				slog.Any("user1", oneUser), slog.Any("user2", oneUser),
				slog.Any("users", tenUsers), slog.Any("error", errExample))
		},
		Web: func() {
			l.LogAttrs(ctx, slog.LevelInfo, eventName,
				slog.String("method", webMethod), slog.String("path", webPath),
				slog.String("route", webRoute), slog.String("query", webQuery),
				slog.String("client_ip", webIP), slog.String("user_agent", webAgent),
				slog.String("user_id", webUser), slog.String("correlation_id", webRequest),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
		},
		Fresh: func() {
			v := next()
			l.LogAttrs(ctx, slog.LevelInfo, eventName,
				slog.String("method", webMethod), slog.String("path", v.path),
				slog.String("route", webRoute), slog.String("query", webQuery),
				slog.String("client_ip", v.ip), slog.String("user_agent", v.agent),
				slog.String("user_id", v.user), slog.String("correlation_id", v.request),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
		},
		Scoped: func() {
			scoped.LogAttrs(ctx, slog.LevelInfo, eventName,
				slog.String("correlation_id", webRequest),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
		},
		Off: func() { l.LogAttrs(ctx, slog.LevelDebug, eventName) },
		Disabled: func() {
			l.LogAttrs(ctx, slog.LevelDebug, eventName,
				slog.String("method", webMethod), slog.String("path", webPath),
				slog.String("route", webRoute), slog.String("query", webQuery),
				slog.String("client_ip", webIP), slog.String("user_agent", webAgent),
				slog.String("user_id", webUser), slog.String("correlation_id", webRequest),
				slog.Int("status_code", webStatus), slog.Float64("duration_ms", webDuration),
				slog.Int("response_size_bytes", webSize), slog.String("protocol", webProtocol))
		},
		Close: close,
	}
}

func newSlog(w io.Writer) Events {
	return slogEvents(slog.New(slog.NewJSONHandler(w, nil)), func() {})
}

// newSlogReplace is slog with the redaction that its documentation suggests.
func newSlogReplace(w io.Writer) Events {
	replace := func(_ []string, a slog.Attr) slog.Attr {
		switch strings.ToLower(a.Key) {
		case "password", "token", "secret", "authorization", "cookie", "api_key":
			return slog.String(a.Key, "[REDACTED]")
		}
		return a
	}
	return slogEvents(slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: replace})), func() {})
}

// nothing is a slog.Handler that does nothing: what remains is the price of
// slog's own front-end, which every handler behind a slog.Logger pays.
type nothing struct{}

func (nothing) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (nothing) Handle(context.Context, slog.Record) error { return nil }

func (nothing) WithAttrs([]slog.Attr) slog.Handler { return nothing{} }

func (nothing) WithGroup(string) slog.Handler { return nothing{} }

func newSlogNothing(io.Writer) Events { return slogEvents(slog.New(nothing{}), func() {}) }
