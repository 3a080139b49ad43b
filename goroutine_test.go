package pairlog_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

// explodeInTask panics, with a name to be found in the stack.
func explodeInTask(context.Context) { panic(&StripeAPIError{"card_declined"}) }

func TestGoRecoversPanics(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{
		RequestID: request, TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7", Attrs: []slog.Attr{slog.String("user_id", user1)}})
	log := p.Logger("worker.mail")
	log.InfoContext(ctx, "mail_started")
	err := pairlog.Go(ctx, log, explodeInTask).Wait()
	var stripe *StripeAPIError
	if !errors.As(err, &stripe) {
		t.Errorf("Wait returned %v, want what the function panicked with", err)
	}
	recs := records(t, text())
	if len(recs) != 2 {
		t.Fatalf("%d lines, want mail_started and one panic_recovered: %v", len(recs), recs)
	}
	for key, want := range map[string]any{
		"level": "CRITICAL", "logger": "worker.mail", "event": "panic_recovered", "request_id": request,
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "user_id": user1,
		"error_type": "StripeAPIError", "error_message": "Card declined", "error_code": "card_declined",
	} {
		if got := recs[1][key]; got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	stack, _ := recs[1]["stack_trace"].(string)
	if !strings.HasPrefix(stack, "github.com/pairly/pairlog_test.explodeInTask\n") {
		t.Errorf("the stack does not begin where it panicked:\n%s", stack)
	}
	if got := eventsOf(recs[1]); len(got) != 1 || got[0] != "mail_started" {
		t.Errorf("breadcrumbs %v, want mail_started", got)
	}
}

func TestGoEndsWithTheFunction(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	ctx := t.Context()
	release := make(chan struct{})
	var got context.Context
	task := pairlog.Go(ctx, p.Logger("x"), func(ctx context.Context) { <-release; got = ctx })
	select {
	case <-task.Done():
		t.Fatal("done before the function has returned")
	default:
	}
	close(release)
	if err := task.Wait(); err != nil || got != ctx {
		t.Errorf("Wait = %v with context %v, want nil and the caller's", err, got)
	}
	<-task.Done()
	if err := task.Wait(); err != nil {
		t.Errorf("second Wait = %v, want nil", err)
	}
	// A goroutine that ends itself, as t.FailNow does, has neither returned nor
	// panicked.
	if err := pairlog.Go(ctx, p.Logger("x"), func(context.Context) { runtime.Goexit() }).Wait(); err != nil {
		t.Errorf("after Goexit Wait = %v, want nil", err)
	}
	if text() != "" {
		t.Errorf("logged without a panic: %s", text())
	}
}

func TestGoTellsForeignHandlersTheIDs(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil))
	ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request})
	if err := pairlog.Go(ctx, log, func(context.Context) { panic("oh") }).Wait(); err == nil || err.Error() != "oh" {
		t.Errorf("Wait = %v, want oh", err)
	}
	m := records(t, b.String())[0]
	if m["request_id"] != request || m["error_type"] != "panic" || m["error_message"] != "oh" {
		t.Errorf("got %v", m)
	}
	if _, has := m["trace_id"]; has {
		t.Errorf("an id that is not there is written: %v", m)
	}
}

// Without a logger a panic is the error of the task, and does not end the process.
func TestGoWithoutLogger(t *testing.T) {
	var stripe *StripeAPIError
	if err := pairlog.Go(t.Context(), nil, explodeInTask).Wait(); !errors.As(err, &stripe) {
		t.Errorf("Wait returned %v, want what the function panicked with", err)
	}
}
