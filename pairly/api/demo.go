package api

import (
	"net/http"
	"time"
)

// The routes that only the demo has.
const (
	PanicPath = "/api/demo/panic" // its handler panics
	SlowPath  = "/api/demo/slow"  // answers after slowFor
)

// slowFor is longer than the time from which a request counts as slow.
const slowFor = 2100 * time.Millisecond

func panicRoute(http.ResponseWriter, *http.Request) error {
	panic("the demo asked for a panic")
}

func slowRoute(w http.ResponseWriter, r *http.Request) error {
	wait := time.NewTimer(slowFor)
	defer wait.Stop()
	select {
	case <-r.Context().Done():
		return r.Context().Err()
	case <-wait.C:
	}
	respond(w, http.StatusOK, map[string]bool{"slow": true})
	return nil
}
