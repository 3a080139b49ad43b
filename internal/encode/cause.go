package encode

import (
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"slices"
)

// Cause is an error below another one, as it is written in error_causes.
type Cause struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

const (
	// maxCauses bounds error_causes.
	maxCauses = 8
	// maxCauseBytes bounds the message of each of them, in bytes.
	maxCauseBytes = 1 << 10
)

// causesOf returns what err wraps or joins, in the order of errors.Is, and
// whether there was more than can be told. What only repeats the text of err, or
// of the cause before it, is left out.
func causesOf(err error) (list []Cause, more bool) {
	top := errorText(err)
	walkErrors(err, func(e error, depth int) bool {
		c := Cause{Type: "error", Message: errorText(e)}
		if depth == 0 || c.Message == top {
			return true
		}
		if telling(e, false) {
			c.Type = typeName(e)
		}
		if n := len(list); n > 0 && list[n-1].Message == c.Message {
			if list[n-1].Type == "error" {
				list[n-1] = c
			}
			return true
		}
		if len(list) == maxCauses {
			more = true
			return false
		}
		list = append(list, c)
		return true
	})
	return list, more
}

// ErrorCategory returns the category of the outermost error in err's chain that
// has one, a method ErrorCategory() string. "" means that none has.
func ErrorCategory(err error) string {
	category := ""
	walkErrors(err, func(e error, _ int) bool {
		if c, ok := e.(interface{ ErrorCategory() string }); ok {
			category = c.ErrorCategory()
		}
		return category == ""
	})
	return category
}

// background writes the category and the causes of the error that the call was
// about: after all its attrs, since those of the record contract have their order.
func (l *Line) background() {
	if err := l.failed; err != nil {
		l.failed = nil
		l.categoryAndCauses(&l.cur, err)
	}
}

// categoryAndCauses writes error_category and error_causes, those that err has.
func (l *Line) categoryAndCauses(lv *level, err error) {
	own := &l.e.own
	if c := ErrorCategory(err); c != "" {
		l.ownText(lv, own.errorCategory, c, false, l.e.lim.String)
	}
	causes, more := causesOf(err)
	if len(causes) == 0 {
		return
	}
	at := len(l.buf)
	l.buf = append(l.buf, own.errorCauses.block...)
	l.buf = append(l.buf, '[')
	for _, c := range causes {
		l.buf = append(l.buf, `{"type":`...)
		l.textFound(c.Type, l.check(c.Type), maxCauseBytes)
		l.buf = append(l.buf, `,"message":`...)
		l.textFound(c.Message, l.check(c.Message), min(maxCauseBytes, l.e.lim.String))
		l.buf = append(l.buf, "},"...)
	}
	if more {
		l.e.truncated.Add(1)
		l.buf = append(l.buf, `"`+Ellipsis+`",`...)
	}
	l.closeList()
	l.buf = append(l.buf, ',')
	l.written(lv, own.errorCauses, at)
}

// backgroundAttrs are the attrs of categoryAndCauses for handlers other than ours.
func backgroundAttrs(err error) []slog.Attr {
	var attrs []slog.Attr
	if err == nil {
		return nil
	}
	if c := ErrorCategory(err); c != "" {
		attrs = append(attrs, slog.String("error_category", c))
	}
	if causes, _ := causesOf(err); len(causes) > 0 {
		attrs = append(attrs, slog.Any("error_causes", causes))
	}
	return attrs
}

// Logged is an error that has been logged already, in the request ID names.
type Logged struct {
	error
	ID string
}

// AsLogged returns err marked as logged in the request id.
func AsLogged(err error, id string) error { return &Logged{err, id} }

// Unwrap returns the error that was logged.
func (m *Logged) Unwrap() error { return m.error }

// OfPanic reports whether a panic was logged: what is panicked with this error
// then is the same one, going on.
func (m *Logged) OfPanic() bool {
	_, is := m.error.(*PanicError)
	return is
}

// IsLogged reports whether err is marked as logged in the request id, or says nothing
// that such an error does not: it wraps one, or joins only such ones. With two %w in
// one fmt.Errorf one is enough: the other one is what the first is taken for.
func IsLogged(err error, id string) (is bool) {
	defer func() { _ = recover() }() // an Unwrap of somebody else's
	left := maxChain
	var logged func(err error) bool
	logged = func(err error) bool {
		if err == nil || left == 0 {
			return false
		}
		left--
		if m, ok := err.(*Logged); ok && m.ID == id {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			return logged(u.Unwrap())
		case interface{ Unwrap() []error }:
			if reflect.TypeOf(err) == typeWrapErrors {
				return slices.ContainsFunc(u.Unwrap(), logged)
			}
			joined := u.Unwrap()
			return len(joined) > 0 && !slices.ContainsFunc(joined, func(e error) bool { return !logged(e) })
		case interface{ Cause() error }:
			return logged(u.Cause())
		}
		return false
	}
	return logged(err)
}

// typeWrapErrors is that of an error of fmt.Errorf with more than one %w.
var typeWrapErrors = reflect.TypeOf(fmt.Errorf("%w%w", fs.ErrExist, fs.ErrExist))
