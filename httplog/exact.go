package httplog

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"reflect"
	"sync/atomic"
)

//lint:file-ignore SA1019 http.CloseNotifier is kept where the writer has it.

// A writer has to have exactly the optional interfaces of the one below it: they
// are those of net/http, which takes the quicker way where it finds one. Six of
// them want 64 types. As in package sqllog, all but Flusher, whose method has
// nothing to vary, are type parameters in the signature of their method: with the
// type that the interface has it is the interface's, with absent it is another.

// absent stands for error, absentReader for io.Reader, and absentBools for the
// channel of CloseNotify, in the method of an interface that a writer is not to
// have, which nobody calls.
type (
	absent       = interface{ Error() string }
	absentReader = interface {
		Read(p []byte) (n int, err error)
	}
	absentBools <-chan bool
)

// An exact is a writer with the optional interfaces whose parameters are as the
// interface says: Hijacker, ReaderFrom, Pusher, StringWriter and CloseNotifier. It
// is one pointer, so that making an interface value of it does not allocate.
type exact[H, R, P, S, C any] struct{ *writer }

// Hijack is that of [http.Hijacker].
func (w exact[H, R, P, S, C]) Hijack() (net.Conn, *bufio.ReadWriter, H) {
	conn, rw, err := w.hijack()
	return conn, rw, as[H](err)
}

// ReadFrom is that of [io.ReaderFrom].
func (w exact[H, R, P, S, C]) ReadFrom(src R) (int64, error) { return w.readFrom(as[io.Reader](src)) }

// Push is that of [http.Pusher].
func (w exact[H, R, P, S, C]) Push(target string, o *http.PushOptions) P {
	return as[P](w.push(target, o))
}

// WriteString is that of [io.StringWriter].
func (w exact[H, R, P, S, C]) WriteString(s string) (int, S) {
	n, err := w.writeString(s)
	return n, as[S](err)
}

// CloseNotify is that of [http.CloseNotifier].
func (w exact[H, R, P, S, C]) CloseNotify() C { return as[C](w.closeNotify()) }

// An exactFlusher is an exact that is an [http.Flusher] too.
type exactFlusher[H, R, P, S, C any] struct{ exact[H, R, P, S, C] }

// Flush is that of [http.Flusher].
func (w exactFlusher[H, R, P, S, C]) Flush() { w.flush() }

// FlushError is what [http.ResponseController] prefers.
func (w exactFlusher[H, R, P, S, C]) FlushError() error { return w.flushError() }

// as returns v, which is nil or of the type that the interface of the method says.
func as[T any](v any) (t T) {
	if v != nil {
		t, _ = v.(T)
	}
	return t
}

// The optional interfaces of a ResponseWriter, as bits of a set.
const (
	canFlush = 1 << iota
	canHijack
	canReadFrom
	canPush
	canWriteString
	canCloseNotify
	optionalSets
)

// optionalsOf returns the set of optional interfaces that w has.
func optionalsOf(w http.ResponseWriter) (set int) {
	for i, has := range [...]func(any) bool{
		has[http.Flusher], has[http.Hijacker], has[io.ReaderFrom], has[http.Pusher], has[io.StringWriter], has[http.CloseNotifier],
	} {
		if has(w) {
			set |= 1 << i
		}
	}
	return set
}

func has[T any](v any) bool { _, ok := v.(T); return ok }

// A wrap makes a ResponseWriter of a writer.
type wrap func(*writer) http.ResponseWriter

// wraps has, by its set of optional interfaces, what makes one that has those.
var wraps = func() (all [optionalSets]wrap) {
	for set := range all {
		all[set] = wrapH(set)
	}
	return all
}()

// wrapH returns the wrap of a set. Each function looks at one of the interfaces
// and leaves the rest to the next; the compiler makes all instances, since they
// are named here.
func wrapH(set int) wrap {
	if set&canHijack != 0 {
		return wrapR[error](set)
	}
	return wrapR[absent](set)
}

func wrapR[H any](set int) wrap {
	if set&canReadFrom != 0 {
		return wrapP[H, io.Reader](set)
	}
	return wrapP[H, absentReader](set)
}

func wrapP[H, R any](set int) wrap {
	if set&canPush != 0 {
		return wrapS[H, R, error](set)
	}
	return wrapS[H, R, absent](set)
}

func wrapS[H, R, P any](set int) wrap {
	if set&canWriteString != 0 {
		return wrapC[H, R, P, error](set)
	}
	return wrapC[H, R, P, absent](set)
}

func wrapC[H, R, P, S any](set int) wrap {
	if set&canCloseNotify != 0 {
		return wrapFlusher[H, R, P, S, <-chan bool](set)
	}
	return wrapFlusher[H, R, P, S, absentBools](set)
}

func wrapFlusher[H, R, P, S, C any](set int) wrap {
	if set&canFlush != 0 {
		return func(w *writer) http.ResponseWriter { return exactFlusher[H, R, P, S, C]{exact[H, R, P, S, C]{w}} }
	}
	return func(w *writer) http.ResponseWriter { return exact[H, R, P, S, C]{w} }
}

// writerTypes remembers which optional interfaces the types of ResponseWriter
// have, of which a server has one or two. It is safe for concurrent use.
type writerTypes [4]atomic.Pointer[writerType]

type writerType struct {
	t    reflect.Type
	wrap wrap
}

// wrapOf returns the wrap for what is above w.
func (s *writerTypes) wrapOf(w http.ResponseWriter) wrap {
	t := reflect.TypeOf(w)
	for i := range s {
		known := s[i].Load()
		if known == nil {
			known = &writerType{t, wraps[optionalsOf(w)]}
			s[i].CompareAndSwap(nil, known)
			return known.wrap
		}
		if known.t == t {
			return known.wrap
		}
	}
	return wraps[optionalsOf(w)]
}
