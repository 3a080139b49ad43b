package store_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// events is a slog.Handler that keeps the names of the events.
type events struct {
	mu  sync.Mutex
	all []string
}

func (e *events) Enabled(context.Context, slog.Level) bool { return true }

func (e *events) Handle(_ context.Context, r slog.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, r.Message)
	return nil
}

func (e *events) WithAttrs([]slog.Attr) slog.Handler { return e }

func (e *events) WithGroup(string) slog.Handler { return e }

func (e *events) names() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.all, " ")
}
