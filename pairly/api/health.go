package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly"
)

// checkWithin bounds one check of readiness, in real time.
const checkWithin = 2 * time.Second

// readiness remembers what each check said last, so that a change is logged
// once and not with every probe.
type readiness struct {
	checks []Check
	failed map[string]bool // by name; the run's that is under way

	mu      sync.Mutex
	running *checking // guarded by mu; nil while nobody asks
}

// A checking is one run of the checks. Whoever asks while it is under way gets
// its outcome: a flood of probes is one probe to what is slow.
type checking struct {
	done   chan struct{}     // closed when the rest is there
	states map[string]string // "up" or "down", by name of the check
	err    error             // joins those of the checks that failed
}

func (y *readiness) init(checks []Check) {
	y.checks, y.failed = checks, map[string]bool{}
}

func (s *server) root(w http.ResponseWriter, r *http.Request) error {
	respond(w, http.StatusOK, map[string]string{"status": "ok", "message": "Pairly is up.", "service": "pairly"})
	return nil
}

// health says that the process lives; it asks nothing that could fail.
func (s *server) health(w http.ResponseWriter, r *http.Request) error {
	respond(w, http.StatusOK, map[string]string{"status": "healthy", "service": "pairly"})
	return nil
}

// healthReady says whether requests can be served: 503 when a check failed,
// with the same shape as 200, which is what probes read.
func (s *server) healthReady(w http.ResponseWriter, r *http.Request) error {
	states, err := s.ready.run(r.Context(), s.areas["health"])
	body := map[string]any{"status": "ready", "service": "pairly", "checks": states}
	if err == nil {
		respond(w, http.StatusOK, body)
		return nil
	}
	httplog.SetError(r.Context(), err)
	body["status"] = "degraded"
	respond(w, http.StatusServiceUnavailable, body)
	return nil
}

// run asks every check, or waits for the one who does already.
func (y *readiness) run(ctx context.Context, log *slog.Logger) (states map[string]string, failed error) {
	y.mu.Lock()
	r := y.running
	if r != nil {
		y.mu.Unlock()
		select {
		case <-r.done:
			return r.states, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r = &checking{done: make(chan struct{}), states: make(map[string]string, len(y.checks))}
	y.running = r
	y.mu.Unlock()
	defer func() {
		y.mu.Lock()
		y.running = nil
		y.mu.Unlock()
		close(r.done)
	}()
	y.ask(context.WithoutCancel(ctx), log, r) // others may wait, also when this one leaves
	return r.states, r.err
}

// ask asks every check and logs what changed since the last time.
func (y *readiness) ask(ctx context.Context, log *slog.Logger, r *checking) {
	var errs []error
	for _, c := range y.checks {
		err := check(ctx, c)
		r.states[c.Name] = "up"
		if err != nil {
			r.states[c.Name] = "down"
			errs = append(errs, fmt.Errorf("check %s: %w", c.Name, err))
		}
		if y.failed[c.Name] == (err != nil) {
			continue // no news
		}
		y.failed[c.Name] = err != nil
		pairlog.Log(ctx, log, slog.LevelWarn, "health_degraded",
			slog.String("component", c.Name),
			slog.String("state", r.states[c.Name]),
			errorType(err))
	}
	if len(errs) > 0 {
		r.err = pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "Something that the service needs does not answer.").
			Wrap(errors.Join(errs...))
	}
}

func check(ctx context.Context, c Check) error {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	return c.Check(ctx)
}

// errorType is null for what has recovered.
func errorType(err error) slog.Attr {
	if err == nil {
		return slog.Any("error_type", nil)
	}
	return slog.String("error_type", pairly.ErrorType(err))
}
