package httplog_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

func waitInAlpha(c <-chan struct{}) { <-c }
func waitInBeta(c <-chan struct{})  { <-c }

// A request that runs for too long has a line with the stack of its own
// goroutine while it runs, once.
func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		release := make(chan struct{})
		h := httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request")})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/alpha":
				waitInAlpha(release)
			case "/beta":
				waitInBeta(release)
			}
		}))
		var wg sync.WaitGroup
		get := func(path string) {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		}
		wg.Go(func() { get("/alpha") })
		synctest.Wait()
		time.Sleep(20 * time.Second)
		get("/quick")
		wg.Go(func() { get("/beta") })
		synctest.Wait()
		time.Sleep(15 * time.Second)
		synctest.Wait()

		rec := logs.One("http_request_stuck")
		if rec.String("path") != "/alpha" || rec.Level() != "WARNING" || !strings.Contains(rec.Line, `"duration_ms":30000.00`) {
			t.Errorf("stuck line: %s", rec.Line)
		}
		if stack := rec.String("stack_trace"); !strings.Contains(stack, "waitInAlpha") || strings.Contains(stack, "waitInBeta") {
			t.Errorf("stack of another goroutine:\n%s", stack)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		recs := logs.Event("http_request_stuck")
		if len(recs) != 2 || recs[1].String("path") != "/beta" || !strings.Contains(recs[1].String("stack_trace"), "waitInBeta") {
			t.Errorf("after an hour: %d lines: %v", len(recs), recs)
		}
		close(release)
		wg.Wait()
		time.Sleep(time.Hour) // the timer is at rest: nothing is in flight
		get("/quick")
	})
}

// Event streams are meant to last.
func TestEventStreamIsNotStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		serve(httplog.Config{Logger: logs.Logger("api.request")}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			time.Sleep(time.Hour)
		})
		synctest.Wait()
		logs.None("http_request_stuck")
	})
}

// More requests than the watch has slots for are in flight at once, and each that
// runs for too long has its line.
func TestManyStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		release := make(chan struct{})
		h := httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request")})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-release
			}
		}))
		get := func(path string) {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
		}
		const many = 50 // they start at one moment, and so look for the same few slots
		var wg sync.WaitGroup
		for range many {
			wg.Go(func() { get("/slow") })
			wg.Go(func() { get("/quick") })
		}
		synctest.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := len(logs.Event("http_request_stuck")); got != many {
			t.Errorf("%d lines, want %d", got, many)
		}
		close(release)
		wg.Wait()
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := len(logs.Event("http_request_stuck")); got != many {
			t.Errorf("%d lines after all have ended, want %d", got, many)
		}
	})
}
