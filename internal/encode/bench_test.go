package encode_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/pairly/pairlog/internal/encode"
	"github.com/pairly/pairlog/redact"
)

// webAttrs is the record of a web request.
func webAttrs() []slog.Attr {
	return []slog.Attr{
		slog.String("method", "POST"),
		slog.String("path", "/api/auth/login"),
		slog.String("route", "POST /api/auth/login"),
		slog.String("query", "page=2&sort=newest"),
		slog.String("client_ip", "192.168.1.100"),
		slog.String("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"),
		slog.String("user_id", "507f1f77bcf86cd799439011"),
		slog.String("correlation_id", "550e8400-e29b-41d4-a716-446655440000"),
		slog.Int("status_code", 200),
		slog.Float64("duration_ms", 145.23),
		slog.Int("response_size_bytes", 1024),
		slog.String("protocol", "HTTP/1.1"),
	}
}

func benchmarkLine(b *testing.B, attrs []slog.Attr) {
	red, err := redact.New(redact.Config{})
	if err != nil {
		b.Fatal(err)
	}
	e := encode.New(encode.Config{Redactor: red})
	head := e.NewHead("api.request")
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		l := e.NewLine()
		l.Begin(now, head, slog.LevelInfo)
		l.Message("http_request")
		l.Attrs(attrs)
		l.EndAttrs()
		l.Scope(nil)
		l.End()
		l.Free()
	}
}

func BenchmarkLine(b *testing.B) {
	b.Run("web", func(b *testing.B) { benchmarkLine(b, webAttrs()) })
	b.Run("empty", func(b *testing.B) { benchmarkLine(b, nil) })
	var words, ints []slog.Attr
	for _, a := range webAttrs() {
		words = append(words, slog.String(a.Key, "plain"))
		ints = append(ints, slog.Int(a.Key, 1024))
	}
	b.Run("words", func(b *testing.B) { benchmarkLine(b, words) })
	b.Run("ints", func(b *testing.B) { benchmarkLine(b, ints) })
}
