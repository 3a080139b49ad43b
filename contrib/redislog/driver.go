package redislog

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
)

// maxText is how much of a message of the driver is logged, in bytes.
const maxText = 300

// Driver returns a logger for redis.SetLogger: what go-redis prints to standard
// error otherwise. It is about connections, and has no values. Each message is a
// redis_driver_message line at DEBUG, since what matters of it the hook says too.
func Driver(l *slog.Logger) *DriverLogger { return &DriverLogger{l} }

// DriverLogger is the result of [Driver]. It is safe for concurrent use.
type DriverLogger struct{ log *slog.Logger }

// Printf logs a message. Its text is redacted whatever the handler does.
func (d *DriverLogger) Printf(ctx context.Context, format string, v ...any) {
	if !d.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	text := format
	if len(v) > 0 {
		text = fmt.Sprintf(format, v...)
	}
	// Redacted before it is cut: half a secret is not known for one.
	if text = redactor.String(text); len(text) > maxText {
		text = text[:maxText] + "…"
	}
	pairlog.Log(ctx, d.log, slog.LevelDebug, "redis_driver_message", slog.String("message", text))
}

// redactor has the default rules; making it cannot fail without a Config.
var redactor, _ = redact.New(redact.Config{})
