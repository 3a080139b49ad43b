package encode

import (
	"reflect"
	"runtime"
	"sync/atomic"
)

// Values have methods of somebody else's, and these may log: an Error that logs
// the error it belongs to calls itself without end, until the stack is too large
// and the process ends. So such calls are counted, over all encoders since
// nothing else is common to the levels of a recursion. Only when many are under
// way at a time, which recursion soon brings about, is the stack looked through
// for how many of them are this goroutine's.
const (
	manyForeign = 4
	// maxNested is how many may be in each other. More only a recursion has.
	maxNested = 4
)

var foreignCalls atomic.Int64

// foreign calls a method of somebody else's, unless it is in itself. A panic of
// it passes through.
//
//go:noinline
func foreign(call func()) (called bool) {
	defer foreignCalls.Add(-1)
	if foreignCalls.Add(1) > manyForeign && nested() > maxNested {
		return false
	}
	call()
	return true
}

// nested counts the calls of foreign on this goroutine's stack, whose top is
// enough: a recursion fills it.
func nested() int {
	var stack [512]uintptr
	n := 0
	entry := reflect.ValueOf(foreign).Pointer()
	for _, pc := range stack[:runtime.Callers(2, stack[:])] {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == entry {
			n++
		}
	}
	return n
}

// spoken writes the text that a method returns.
func (l *Line) spoken(method func() string, in env) {
	var s string
	if !foreign(func() { s = method() }) {
		l.panicked()
		return
	}
	l.text(s, in.class)
}
