package pairlog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/pairly/pairlog"
)

type StripeAPIError struct{ code string }

func (e *StripeAPIError) Error() string     { return "Card declined" }
func (e *StripeAPIError) ErrorCode() string { return e.code }

type Error struct{ cause error }

func (e *Error) Error() string { return "outer: " + e.cause.Error() }
func (e *Error) Unwrap() error { return e.cause }
func (e *Error) Code() string  { return "outer_code" }

type namedError struct{}

func (namedError) Error() string     { return "x" }
func (namedError) ErrorType() string { return "CustomName" }

type pgError struct{}

func (pgError) Error() string    { return "pg" }
func (pgError) SQLState() string { return "40001" }

type genericError[T any] struct{ v T }

func (e genericError[T]) Error() string { return fmt.Sprint("generic ", e.v) }

type loopError struct{}

func (e *loopError) Error() string { return "loop" }
func (e *loopError) Unwrap() error { return e }

func TestErrorType(t *testing.T) {
	f := func(err error, wantType, wantCode string) {
		t.Helper()
		if got := pairlog.ErrorType(err); got != wantType {
			t.Errorf("ErrorType(%T) = %q, want %q", err, got, wantType)
		}
		if got := pairlog.ErrorCode(err); got != wantCode {
			t.Errorf("ErrorCode(%T) = %q, want %q", err, got, wantCode)
		}
	}
	stripe := &StripeAPIError{"card_declined"}
	f(stripe, "StripeAPIError", "card_declined")
	f(fmt.Errorf("charge: %w", fmt.Errorf("pay: %w", stripe)), "StripeAPIError", "card_declined")
	f(&Error{stripe}, "StripeAPIError", "outer_code")
	f(&Error{errors.New("x")}, "pairlog_test.Error", "outer_code")
	f(errors.New("x"), "error", "")
	f(fmt.Errorf("x: %w", sql.ErrNoRows), "error", "")
	f(errors.Join(errors.New("a"), fmt.Errorf("b: %w", stripe)), "StripeAPIError", "card_declined")
	f(&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}, "PathError", "")
	f(syscall.ENOENT, "Errno", "")
	f(context.DeadlineExceeded, "deadlineExceededError", "")
	f(fmt.Errorf("x: %w", namedError{}), "CustomName", "")
	f(pgError{}, "pgError", "40001")
	f(genericError[int]{}, "genericError", "")
	f(pairlog.WithStack(stripe), "StripeAPIError", "card_declined")
	f(&loopError{}, "loopError", "")
}

func TestErr(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	f := func(err error, wantType, wantMessage string, wantCode any, stackHas string) {
		t.Helper()
		before := text()
		pairlog.Log(t.Context(), log, slog.LevelError, "exception", slog.Int("before", 1), pairlog.Err(err), slog.Int("after", 2))
		line := strings.TrimPrefix(text(), before)
		m := records(t, line)[0]
		if m["error_type"] != wantType || m["error_message"] != wantMessage || m["error_code"] != wantCode {
			t.Errorf("got %v", m)
		}
		if stack, _ := m["stack_trace"].(string); !strings.Contains(stack, stackHas) || strings.Contains(stack, "internal/encode") || strings.Contains(stack, "runtime.goexit") || strings.HasPrefix(stack, "runtime.") {
			t.Errorf("stack_trace = %s, want %s in it and nothing of the logging", stack, stackHas)
		}
		order := []string{`"before"`, `"error_type"`, `"error_message"`, `"error_code"`, `"stack_trace"`, `"after"`}
		for i := 1; i < len(order); i++ {
			if strings.Index(line, order[i-1]) > strings.Index(line, order[i]) {
				t.Errorf("%s is not before %s in %s", order[i-1], order[i], line)
			}
		}
	}
	f(errors.New("boom"), "error", "boom", nil, "pairlog_test.TestErr")
	f(fmt.Errorf("charge: %w", &StripeAPIError{"card_declined"}), "StripeAPIError", "charge: Card declined", "card_declined", "pairlog_test.TestErr")
	f(fmt.Errorf("wrap: %w", makeWithStack()), "error", "wrap: made", nil, "pairlog_test.makeWithStack")
	f(pairlog.WithStack(makeWithStack()), "error", "made", nil, "pairlog_test.makeWithStack")
	f(recovered(func() { _ = []int{}[len(t.TempDir())*0] }), "runtime.Error", "runtime error: index out of range [0] with length 0", nil, "pairlog_test.panicsHere")
	f(recovered(func() { panic("oh") }), "panic", "oh", nil, "pairlog_test.panicsHere")
	f(recovered(func() { panic(fmt.Errorf("x: %w", &StripeAPIError{"c"})) }), "StripeAPIError", "x: Card declined", "c", "pairlog_test.panicsHere")
	f(recovered(func() { noMap()["a"] = 1 }), "runtime.Error", "assignment to entry in nil map", nil, "pairlog_test.panicsHere")
	f((*StripeAPIError)(nil), "StripeAPIError", "Card declined", nil, "TestErr")
	f(&fakeStack{}, "fakeStack", "foreign", nil, "os.ReadFile")

	pairlog.Log(t.Context(), log, slog.LevelError, "none", pairlog.Err(nil))
	if got := text(); !strings.HasSuffix(got, `"error_type":null,"error_message":null,"error_code":null,"stack_trace":null}`+"\n") {
		t.Errorf("Err(nil): %s", got)
	}
	if pairlog.WithStack(nil) != nil {
		t.Error("WithStack(nil) is not nil")
	}
	stripe := &StripeAPIError{}
	if !errors.Is(pairlog.WithStack(stripe), stripe) {
		t.Error("errors.Is does not see through WithStack")
	}
}

func makeWithStack() error { return pairlog.WithStack(errors.New("made")) }

func noMap() map[string]int { return nil }

func recovered(f func()) (err error) {
	defer func() { err = pairlog.Recovered(recover()) }()
	panicsHere(f)
	return nil
}

//go:noinline
func panicsHere(f func()) { f() }

// fakeStack has a stack in the form of github.com/pkg/errors, from whose frames
// it is only known that they are program counters.
type fakeStack struct{}

type (
	frame      uintptr
	stackTrace []frame
)

func (*fakeStack) Error() string { return "foreign" }
func (*fakeStack) StackTrace() stackTrace {
	return stackTrace{frame(funcPC())}
}

func TestErrInWithAndGroups(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	log.With(pairlog.Err(errors.New("a"))).Info("e", "k", 1)
	log.WithGroup("g").Info("e", pairlog.Err(errors.New("b")))
	log.Info("e", "k", errors.New("plain"), slog.Any("keyed", pairlog.Err(errors.New("c")).Value))
	recs := records(t, text())
	if recs[0]["error_message"] != "a" || recs[0]["k"] != 1.0 {
		t.Errorf("With: %v", recs[0])
	}
	if g, _ := recs[1]["g"].(map[string]any); g["error_message"] != "b" {
		t.Errorf("group: %v", recs[1])
	}
	if recs[2]["k"] != "plain" || recs[2]["error_message"] != "c" {
		t.Errorf("plain: %v", recs[2])
	}
}

func TestErrorTextIsRedacted(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	card := "4111 1111" + " 1111 1111"
	pairlog.Log(t.Context(), p.Logger("x"), slog.LevelError, "e", pairlog.Err(fmt.Errorf("charge %s: %w", card, os.ErrInvalid)))
	if got := text(); strings.Contains(got, "1111 1111") || !strings.Contains(got, "[CARD]") {
		t.Errorf("got %s", got)
	}
}

// funcPC is a program counter in os.ReadFile.
func funcPC() uintptr { return reflect.ValueOf(os.ReadFile).Pointer() + 1 }
