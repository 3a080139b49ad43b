package encode

import (
	"runtime"

	"github.com/pairly/pairlog/redact"
)

// Source writes where the call was made, unless an attr has that name. A line of our own
// instrumentation has no such place: its file would say nothing of the program.
func (l *Line) Source(pc uintptr) {
	if pc == 0 || l.placed&placeSource != 0 {
		return
	}
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	if isLogging(f.Function) {
		return
	}
	l.buf = append(l.buf, `"source":{"function":`...)
	l.text(f.Function, redact.ClassKeep)
	l.buf = append(l.buf, `,"file":`...)
	l.text(f.File, redact.ClassKeep)
	l.buf = append(l.buf, `,"line":`...)
	l.int(int64(f.Line), redact.ClassKeep)
	l.buf = append(l.buf, "},"...)
}

// Caller returns pc, or 0 when it is in our own instrumentation.
func Caller(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil && isLogging(f.Name()) {
		return 0
	}
	return pc
}
