package stripelog

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog"
)

// Config says where the lines go. The zero value works.
type Config struct {
	// Logger writes the lines. Its name should be external.stripe. Nil means
	// slog.Default().
	Logger *slog.Logger

	// Quiet writes all lines at DEBUG: for a client whose calls are logged
	// otherwise, such as by httplog.Transport.
	Quiet bool
}

// New returns a LeveledLogger for any version of stripe-go. Its lines have no
// request id: stripe-go hands over no context to it.
func New(c Config) *Logger { return &Logger{newPrinter(c)} }

// NewContext returns a LeveledLogger for stripe-go from v83 on.
func NewContext(c Config) *ContextLogger { return &ContextLogger{newPrinter(c)} }

// Logger implements stripe.LeveledLoggerInterface. It is safe for concurrent use.
type Logger struct{ p *printer }

// Debugf logs what stripe-go prints at its debug level.
func (l *Logger) Debugf(format string, v ...any) {
	l.p.print(context.Background(), slog.LevelDebug, format, v)
}

// Infof logs what stripe-go prints at its info level.
func (l *Logger) Infof(format string, v ...any) {
	l.p.print(context.Background(), slog.LevelInfo, format, v)
}

// Warnf logs what stripe-go prints at its warning level.
func (l *Logger) Warnf(format string, v ...any) {
	l.p.print(context.Background(), slog.LevelWarn, format, v)
}

// Errorf logs what stripe-go prints at its error level.
func (l *Logger) Errorf(format string, v ...any) {
	l.p.print(context.Background(), slog.LevelError, format, v)
}

// ContextLogger implements stripe.ContextLeveledLoggerInterface. It is safe for
// concurrent use.
type ContextLogger struct{ p *printer }

// Debugf logs what stripe-go prints at its debug level.
func (l *ContextLogger) Debugf(ctx context.Context, format string, v ...any) {
	l.p.print(ctx, slog.LevelDebug, format, v)
}

// Infof logs what stripe-go prints at its info level.
func (l *ContextLogger) Infof(ctx context.Context, format string, v ...any) {
	l.p.print(ctx, slog.LevelInfo, format, v)
}

// Warnf logs what stripe-go prints at its warning level.
func (l *ContextLogger) Warnf(ctx context.Context, format string, v ...any) {
	l.p.print(ctx, slog.LevelWarn, format, v)
}

// Errorf logs what stripe-go prints at its error level.
func (l *ContextLogger) Errorf(ctx context.Context, format string, v ...any) {
	l.p.print(ctx, slog.LevelError, format, v)
}

// A printer turns printed messages into lines.
type printer struct {
	log   *slog.Logger
	quiet bool
}

func newPrinter(c Config) *printer {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &printer{c.Logger, c.Quiet}
}

func (p *printer) print(ctx context.Context, level slog.Level, format string, v []any) {
	m := parse(level, format, v)
	if p.quiet {
		m.level = slog.LevelDebug
	}
	if !p.log.Enabled(ctx, m.level) {
		return
	}
	var buf [8]slog.Attr
	attrs := append(buf[:0], slog.String("service", "stripe"))
	pairlog.Log(ctx, p.log, m.level, m.event, m.attrs(attrs)...)
}
