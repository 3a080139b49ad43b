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
	mu     sync.Mutex // held while the checks run: probes do not pile up on what is slow
	checks []Check
	failed map[string]bool // by name
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

// run asks every check and logs what changed since the last time. The error
// joins those of the checks that failed.
func (y *readiness) run(ctx context.Context, log *slog.Logger) (states map[string]string, failed error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	states = make(map[string]string, len(y.checks))
	var errs []error
	for _, c := range y.checks {
		err := check(ctx, c)
		states[c.Name] = "up"
		if err != nil {
			states[c.Name] = "down"
			errs = append(errs, fmt.Errorf("check %s: %w", c.Name, err))
		}
		if y.failed[c.Name] == (err != nil) || ctx.Err() != nil {
			continue // no news, or the prober left in the middle
		}
		y.failed[c.Name] = err != nil
		pairlog.Log(ctx, log, slog.LevelWarn, "health_degraded",
			slog.String("component", c.Name),
			slog.String("state", states[c.Name]),
			errorType(err))
	}
	if len(errs) == 0 {
		return states, nil
	}
	return states, pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "Something that the service needs does not answer.").
		Wrap(errors.Join(errs...))
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
