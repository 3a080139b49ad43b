package encode

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds a captured stack.
const maxFrames = 64

// callers returns the stack from skip frames above its caller on.
func callers(skip int) []uintptr {
	var pcs [maxFrames]uintptr
	n := runtime.Callers(skip+2, pcs[:])
	return append([]uintptr(nil), pcs[:n]...)
}

// NewPanicError returns v, which has just been recovered, as an error with the
// stack of the place that panicked. It must be called in the deferred function
// or below it.
func NewPanicError(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	pcs := callers(1)
	// The frames above runtime.gopanic are those of the deferred function.
	for i, pc := range pcs {
		f := runtime.FuncForPC(pc - 1)
		if f != nil && f.Name() == "runtime.gopanic" {
			pcs = outsideRuntime(pcs[i+1:])
			break
		}
	}
	return &PanicError{Value: v, pcs: pcs}
}

// outsideRuntime returns pcs from the frame that the runtime was called by: it is the
// runtime that finds a nil pointer or an index out of range.
func outsideRuntime(pcs []uintptr) []uintptr {
	for i, pc := range pcs {
		if f := runtime.FuncForPC(pc - 1); f == nil || !strings.HasPrefix(f.Name(), "runtime.") {
			return pcs[i:]
		}
	}
	return pcs
}

// stackOf returns the stack that err carries, the innermost one, or else that of
// the log call that is being made.
func stackOf(err error) []uintptr {
	if pcs := carried(err); pcs != nil {
		return pcs
	}
	return outsideLogging(callers(1))
}

// carried returns the innermost stack in err's chain: that of the place where it
// was made. It knows our own errors and every error with a method StackTrace or
// Callers that returns a list of program counters, as github.com/pkg/errors and
// its like have.
func carried(err error) (pcs []uintptr) {
	walkErrors(err, func(e error, _ int) bool {
		if s, ok := e.(interface{ Stack() []uintptr }); ok {
			if found := s.Stack(); len(found) > 0 {
				pcs = found
			}
			return true
		}
		if found := foreignStack(e); len(found) > 0 {
			pcs = found
		}
		return true
	})
	return pcs
}

func foreignStack(err error) []uintptr {
	switch s := err.(type) {
	case interface{ StackTrace() []uintptr }:
		return s.StackTrace()
	case interface{ Callers() []uintptr }:
		return s.Callers()
	}
	m := reflect.ValueOf(err).MethodByName("StackTrace")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return nil
	}
	out := m.Type().Out(0)
	if out.Kind() != reflect.Slice || out.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	list := m.Call(nil)[0]
	pcs := make([]uintptr, list.Len())
	for i := range pcs {
		pcs[i] = uintptr(list.Index(i).Uint())
	}
	return pcs
}

// module is the import path of this module, whose root and encoder are not part
// of anybody's story, nor are its packages that log on somebody's behalf.
const module = "github.com/pairly/pairlog"

// outsideLogging drops the innermost frames, which are the logging itself.
func outsideLogging(pcs []uintptr) []uintptr {
	for i, pc := range pcs {
		f := runtime.FuncForPC(pc - 1)
		if f != nil && !isLogging(f.Name()) {
			return pcs[i:]
		}
	}
	return pcs
}

func isLogging(function string) bool {
	rest, ours := strings.CutPrefix(function, module)
	if !ours {
		return strings.HasPrefix(function, "log/slog.") || strings.HasPrefix(function, "log.")
	}
	name := strings.LastIndexByte(rest, '/') + 1 // a function is called module/dir/package.Name
	pkg, _, _ := strings.Cut(rest[name:], ".")
	switch dir := rest[:name]; dir {
	case "":
		return pkg == ""
	case "/":
		return pkg == "httplog" || pkg == "joblog" || pkg == "wslog" || pkg == "sqllog"
	case "/contrib/":
		return !strings.HasSuffix(pkg, "_test")
	default:
		return strings.HasPrefix(dir, "/internal/")
	}
}

// appendStack appends a stack as text, in the form of a Go traceback: a line
// with the function, then one with file and line. At most limit bytes; what is
// cut is marked.
func appendStack(dst []byte, pcs []uintptr, limit int) []byte {
	if len(pcs) == 0 {
		return dst
	}
	start := len(dst)
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		at := len(dst)
		if f.Function != "" && f.Function != "runtime.goexit" {
			if at > start {
				dst = append(dst, '\n')
			}
			dst = append(dst, f.Function...)
			dst = append(dst, "\n\t"...)
			dst = append(dst, f.File...)
			dst = append(dst, ':')
			dst = strconv.AppendInt(dst, int64(f.Line), 10)
		}
		if len(dst)-start > limit {
			return append(dst[:at], "\n"+Ellipsis...)
		}
		if !more {
			return dst
		}
	}
}

// printed is fmt.Sprint, or a mark when that panics.
func printed(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = panicMark
		}
	}()
	if !foreign(func() { s = fmt.Sprint(v) }) {
		return panicMark
	}
	return s
}
