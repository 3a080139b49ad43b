package awslog

import (
	"context"
	"log/slog"

	"github.com/aws/smithy-go/logging"

	"github.com/pairly/pairlog"
)

// New returns a logger for the configuration of an SDK client. The name of l
// should be external.<service>. Nil means slog.Default().
func New(l *slog.Logger) *Logger {
	if l == nil {
		l = slog.Default()
	}
	return &Logger{l, context.Background()}
}

// Logger implements [logging.Logger] and [logging.ContextLogger]. It is safe for
// concurrent use.
type Logger struct {
	log *slog.Logger
	ctx context.Context
}

var (
	_ logging.Logger        = (*Logger)(nil)
	_ logging.ContextLogger = (*Logger)(nil)
)

// WithContext returns a logger whose lines have the ids of ctx. The SDK calls it
// for each operation.
func (l *Logger) WithContext(ctx context.Context) logging.Logger { return &Logger{l.log, ctx} }

// Logf logs what the SDK prints.
func (l *Logger) Logf(c logging.Classification, format string, v ...any) {
	m := parse(levelOf(c), format, v)
	if !l.log.Enabled(l.ctx, m.level) {
		return
	}
	var buf [8]slog.Attr
	pairlog.Log(l.ctx, l.log, m.level, m.event, m.attrs(buf[:0])...)
}

func levelOf(c logging.Classification) slog.Level {
	switch c {
	case logging.Debug:
		return slog.LevelDebug
	case logging.Warn:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
