package pairlog

import (
	"bytes"
	"context"
	"log"
	"log/slog"
)

// DefaultLogger and StdLogger are the loggers of lines that were written with
// slog's package functions and with the package log.
const (
	DefaultLogger = "app"
	StdLogger     = "stdlog"
)

// SetDefault makes the pipeline the destination of slog's package functions
// (logger app) and of the standard package log (logger stdlog, at INFO), so that
// third-party lines are structured and redacted too. It is for main, once.
func (p *Pipeline) SetDefault() {
	slog.SetDefault(p.Logger(DefaultLogger))
	log.SetFlags(0)
	log.SetPrefix("")
	log.SetOutput(stdWriter{p.Handler(StdLogger).(*Handler)})
}

// stdWriter turns what the package log prints into records.
type stdWriter struct{ h *Handler }

func (w stdWriter) Write(b []byte) (int, error) {
	ctx := context.Background()
	if w.h.Enabled(ctx, slog.LevelInfo) {
		text := string(bytes.TrimRight(b, "\n"))
		w.h.emit(ctx, w.h.p.now(), slog.LevelInfo, text, 0, nil, nil)
	}
	return len(b), nil
}
