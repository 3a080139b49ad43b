package pairlog

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"runtime"
	"strings"
	"time"
)

// DefaultLogger and StdLogger are the loggers of lines that were written with
// slog's package functions and with the package log.
const (
	DefaultLogger = "app"
	StdLogger     = "stdlog"
)

// SetDefault makes the pipeline the destination of slog's package functions
// (logger app) and of the standard package log (logger stdlog, at INFO), so that
// third-party lines are structured and redacted too. What log.Fatal prints, before
// it ends the process, is CRITICAL, and written out for at most two seconds; what
// log.Panic prints is ERROR. It is for main, once.
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
	level := stdLevel()
	if w.h.Enabled(ctx, level) {
		text := string(bytes.TrimRight(b, "\n"))
		w.h.emit(nil, w.h.p.now(), level, text, 0, nil, nil)
	}
	if level == LevelCritical { // the process is about to end without Close
		ctx, cancel := context.WithTimeout(ctx, lastWords)
		defer cancel()
		_ = w.h.p.Flush(ctx)
	}
	return len(b), nil
}

// lastWords is how long log.Fatal waits for the sinks.
const lastWords = 2 * time.Second

// stdLevel is the level of what is being printed, by which function of package
// log prints it. Write is called by Output, that by Fatal and the like.
func stdLevel() slog.Level {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		name, isLog := strings.CutPrefix(f.Function, "log.")
		name = strings.TrimPrefix(name, "(*Logger).")
		switch {
		case !isLog || !more:
			return slog.LevelInfo
		case strings.HasPrefix(name, "Fatal"):
			return LevelCritical
		case strings.HasPrefix(name, "Panic"):
			return slog.LevelError
		}
	}
}
