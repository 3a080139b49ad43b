package pairlog_test

import (
	"encoding/json"
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

// providerError has a category, and wraps with Cause, as errors did before
// Unwrap.
type providerError struct{ cause error }

func (e *providerError) Error() string         { return "provider: " + e.cause.Error() }
func (e *providerError) Cause() error          { return e.cause }
func (e *providerError) ErrorCategory() string { return "dependency" }

type rudeError struct{}

func (rudeError) Error() string         { panic("no text") }
func (rudeError) Unwrap() error         { panic("no cause") }
func (rudeError) ErrorCategory() string { panic("no category") }

func TestErrorCauses(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	f := func(err error, category any, want ...string) {
		t.Helper()
		before := text()
		log.ErrorContext(t.Context(), "failed", pairlog.Err(err), slog.Int("after", 1))
		line := strings.TrimPrefix(text(), before)
		m := records(t, line)[0]
		if m["error_category"] != category {
			t.Errorf("error_category = %v, want %v", m["error_category"], category)
		}
		var got []string
		list, _ := m["error_causes"].([]any)
		for _, c := range list {
			if m, ok := c.(map[string]any); ok {
				got = append(got, fmt.Sprint(m["type"], "|", m["message"]))
			} else {
				got = append(got, fmt.Sprint(c))
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("error_causes of %T = %q, want %q", err, got, want)
		}
		if at := strings.Index(line, `"error_causes"`); at >= 0 && at < strings.Index(line, `"after"`) {
			t.Errorf("error_causes come before the call's attrs: %s", line)
		}
	}
	stripe := &StripeAPIError{"card_declined"}
	f(errors.New("x"), nil)
	f(stripe, nil)
	f(pairlog.WithStack(stripe), nil)
	f(fmt.Errorf("check out: %w", fmt.Errorf("charge: %w", stripe)), nil, "error|charge: Card declined", "StripeAPIError|Card declined")
	f(pairlog.WithStack(fmt.Errorf("check out: %w", pairlog.WithStack(stripe))), nil, "StripeAPIError|Card declined")
	f(errors.Join(errors.New("a"), fmt.Errorf("b: %w", stripe), nil), nil, "error|a", "error|b: Card declined", "StripeAPIError|Card declined")
	f(fmt.Errorf("%w and %w", os.ErrInvalid, stripe), nil, "error|invalid argument", "StripeAPIError|Card declined")
	f(&fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}, nil, "Errno|no such file or directory")
	f(fmt.Errorf("pay: %w", &providerError{stripe}), "dependency", "providerError|provider: Card declined", "StripeAPIError|Card declined")
	f(recovered(func() { panic(fmt.Errorf("x: %w", stripe)) }), nil, "StripeAPIError|Card declined")
	f(&loopError{}, nil)
	f(rudeError{}, nil)
	f(nil, nil)

	var many []error
	var want []string
	for i := range 9 {
		many = append(many, fmt.Errorf("e%d", i))
		want = append(want, fmt.Sprintf("error|e%d", i))
	}
	f(errors.Join(many[:8]...), nil, want[:8]...)
	f(errors.Join(many...), nil, append(want[:8:8], "…")...)
}

func TestErrorCausesAreRedactedAndBounded(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	inner := errors.New("refused " + secretCard + " " + strings.Repeat("x", 4000))
	p.Logger("x").Error("failed", pairlog.Err(fmt.Errorf("charge: %w", inner)))
	got := text()
	if strings.Contains(got, secretCard) {
		t.Errorf("a card is in the line: %s", got)
	}
	var m struct {
		Causes []struct{ Message string } `json:"error_causes"`
	}
	if err := json.Unmarshal([]byte(got), &m); err != nil || len(m.Causes) != 1 {
		t.Fatalf("causes %v, %v", m.Causes, err)
	}
	if n := len(m.Causes[0].Message); n > 1100 || n < 900 {
		t.Errorf("a cause has %d bytes, want about 1024", n)
	}
}

// The shape of an event's lines is learned: errors with and without causes take
// turns, and a last error without them takes back those of the one before.
func TestErrorCausesComeAndGo(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	deep := fmt.Errorf("pay: %w", &providerError{&StripeAPIError{"c"}})
	flat := errors.New("flat")
	for i := range 40 {
		err, want := flat, false
		if i%3 == 0 {
			err, want = deep, true
		}
		before := text()
		pairlog.Log(t.Context(), log, slog.LevelError, "failed", pairlog.Err(err), slog.Int("after", i))
		m := records(t, strings.TrimPrefix(text(), before))[0]
		if _, got := m["error_causes"]; got != want || m["error_message"] != err.Error() || m["after"] != float64(i) {
			t.Fatalf("line %d: %v", i, m)
		}
	}
	before := text()
	pairlog.Log(t.Context(), log, slog.LevelError, "twice", pairlog.Err(deep), pairlog.Err(flat))
	if m := records(t, strings.TrimPrefix(text(), before))[0]; m["error_message"] != "flat" || m["error_causes"] != nil || m["error_category"] != nil {
		t.Errorf("of two errors: %v, want the last one alone", m)
	}
}

func TestErrorCausesInGroupsAndWith(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	log := p.Logger("x")
	err := fmt.Errorf("pay: %w", &StripeAPIError{"c"})
	log.With(pairlog.Err(err), "w", 1).Info("e", "k", 1)
	log.WithGroup("g").Info("e", pairlog.Err(err), "k", 1)
	log.Info("e", slog.Group("g", pairlog.Err(err), slog.Int("k", 1)))
	recs := records(t, text())
	for i, rec := range recs {
		if i > 0 {
			rec, _ = rec["g"].(map[string]any)
		}
		if list, _ := rec["error_causes"].([]any); len(list) != 1 || rec["k"] != 1.0 {
			t.Errorf("record %d: %v, want the causes beside the error", i, rec)
		}
	}
}
