package encode

import (
	"errors"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"syscall"
)

// Failure is an error that is written as error_type, error_message, error_code
// and stack_trace, and behind the attrs of its call error_category and
// error_causes where it has them. Handlers other than ours see a group with
// those attrs.
type Failure struct{ Err error }

// LogValue returns the attrs as a group.
func (f *Failure) LogValue() slog.Value {
	code := slog.AnyValue(nil)
	if c := ErrorCode(f.Err); c != "" {
		code = slog.StringValue(c)
	}
	return slog.GroupValue(append([]slog.Attr{
		slog.String("error_type", ErrorType(f.Err)),
		slog.String("error_message", errorText(f.Err)),
		slog.Attr{Key: "error_code", Value: code},
		slog.String("stack_trace", string(appendStack(nil, stackOf(f.Err), defaultStackBytes))),
	}, backgroundAttrs(f.Err)...)...)
}

const defaultStackBytes = 16 << 10

// failure writes the attrs of an error in place of the attr that holds it.
func (l *Line) failure(lv *level, f *Failure, in env) {
	own := &l.e.own
	if lv == &l.cur {
		l.failed = f.Err
	}
	if f.Err == nil {
		for _, k := range [...]*key{own.errorType, own.errorMessage, own.errorCode, own.stackTrace} {
			l.ownText(lv, k, "", true, 0)
		}
		return
	}
	code := ErrorCode(f.Err)
	l.ownText(lv, own.errorType, ErrorType(f.Err), false, l.e.lim.String)
	l.ownText(lv, own.errorMessage, errorText(f.Err), false, l.e.lim.String)
	l.ownText(lv, own.errorCode, code, code == "", l.e.lim.String)
	stack := appendStack(nil, stackOf(f.Err), l.e.lim.Stack)
	l.ownText(lv, own.stackTrace, string(stack), false, l.e.lim.Stack+len(Ellipsis))
	if lv != &l.cur {
		l.categoryAndCauses(lv, f.Err)
	}
}

// ownText writes a text under a key of the library's own, or null.
func (l *Line) ownText(lv *level, k *key, s string, null bool, limit int) {
	at := len(l.buf)
	l.buf = append(l.buf, k.block...)
	if null {
		l.buf = append(l.buf, "null"...)
	} else {
		l.textFound(s, l.check(s), limit)
	}
	l.buf = append(l.buf, ',')
	l.written(lv, k, at)
}

// errorText is err.Error(), or a mark when that panics.
func errorText(err error) (s string) {
	defer func() {
		if recover() != nil {
			s = panicMark
		}
	}()
	if !foreign(func() { s = err.Error() }) {
		return panicMark
	}
	return s
}

// maxChain bounds the walk through an error's causes: a chain can be a cycle.
const maxChain = 64

// walkErrors calls f for err and its causes, depth first, with their depth,
// until f returns false.
func walkErrors(err error, f func(err error, depth int) bool) {
	defer func() { _ = recover() }() // an Unwrap of somebody else's
	left := maxChain
	var walk func(err error, depth int) bool
	walk = func(err error, depth int) bool {
		if err == nil || left == 0 {
			return true
		}
		left--
		if !f(err, depth) {
			return false
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			return walk(u.Unwrap(), depth+1)
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if !walk(e, depth+1) {
					return false
				}
			}
		case interface{ Cause() error }:
			return walk(u.Cause(), depth+1)
		}
		return true
	}
	walk(err, 0)
}

// ErrorType returns the name of the type of the deepest error in err's chain
// that says something: not a wrapper, not errors.New, not a bare errno below a
// *fs.PathError. An ErrorType() string method anywhere in the chain decides. A
// type that is only called Error is told with its package, as in stripe.Error.
func ErrorType(err error) string {
	best, depthOfBest, said := "", -1, ""
	walkErrors(err, func(e error, depth int) bool {
		if t, ok := e.(interface{ ErrorType() string }); ok {
			said = t.ErrorType()
			return said == ""
		}
		if depth > depthOfBest && telling(e, best != "") {
			best, depthOfBest = typeName(e), depth
		}
		return true
	})
	switch {
	case said != "":
		return said
	case best != "":
		return best
	}
	return "error"
}

// telling reports whether the type of err says more than that it is an error.
func telling(err error, haveBetter bool) bool {
	if _, ok := err.(syscall.Errno); ok {
		return !haveBetter
	}
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "errors", "fmt", "github.com/pkg/errors":
		return false
	case ownPackage:
		return false
	}
	return t.Name() != ""
}

// ownPackage holds the wrappers of pairlog itself.
var ownPackage = reflect.TypeOf(Failure{}).PkgPath()

// typeName returns the name of the type of err. What the runtime panics with has types
// that nobody can name.
func typeName(err error) string {
	if _, ok := err.(runtime.Error); ok {
		return "runtime.Error"
	}
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if i := strings.IndexByte(name, '['); i > 0 {
		name = name[:i]
	}
	if strings.EqualFold(name, "error") || strings.EqualFold(name, "err") {
		return t.String()
	}
	return name
}

// ErrorCode returns the code of the outermost error in err's chain that has one:
// a method ErrorCode() string, Code() string or SQLState() string. "" means
// that none has.
func ErrorCode(err error) string {
	code := ""
	walkErrors(err, func(e error, _ int) bool {
		switch c := e.(type) {
		case interface{ ErrorCode() string }:
			code = c.ErrorCode()
		case interface{ Code() string }:
			code = c.Code()
		case interface{ SQLState() string }:
			code = c.SQLState()
		}
		return code == ""
	})
	return code
}

// PanicError is a value that was recovered, as an error.
type PanicError struct {
	// Value is what recover returned.
	Value any
	pcs   []uintptr
}

// Error returns the text of the value.
func (p *PanicError) Error() string {
	if err, ok := p.Value.(error); ok {
		return errorText(err)
	}
	if s, ok := p.Value.(string); ok {
		return s
	}
	return printed(p.Value)
}

// Unwrap returns the value when it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// ErrorType returns the type of the value when it is an error, else "panic".
func (p *PanicError) ErrorType() string {
	if err, ok := p.Value.(error); ok {
		if t := ErrorType(err); t != "error" {
			return t
		}
	}
	return "panic"
}

// Stack returns the program counters of the place that panicked.
func (p *PanicError) Stack() []uintptr { return p.pcs }

// stacked is an error with the place that it was made at.
type stacked struct {
	error
	pcs []uintptr
}

func (s *stacked) Unwrap() error    { return s.error }
func (s *stacked) Stack() []uintptr { return s.pcs }

// WithStack returns err with the stack of its caller, skip frames up, without the
// frames of this module that it begins with. An error that has a stack already, and
// nil, are returned as they are.
func WithStack(err error, skip int) error {
	if err == nil || carriesStack(err) {
		return err
	}
	return &stacked{error: err, pcs: outsideLogging(callers(skip + 1))}
}

func carriesStack(err error) bool {
	var s *stacked
	return errors.As(err, &s) || carried(err) != nil
}
