package main_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/pairly/pairlytest"
)

// partner is a service that Pairly calls; it notes the request ids that it is
// told.
func partner(t *testing.T) (url string, told <-chan string) {
	ids := make(chan string, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ids <- r.Header.Get("X-Request-ID")
		w.Header().Set("Request-Id", "req_of_the_partner")
		io.WriteString(w, "1.08")
	}))
	t.Cleanup(server.Close)
	return server.URL, ids
}

// callsOut mounts a route whose handler asks the partner.
func callsOut(url string) func(*program) {
	return func(p *program) {
		p.Extra = func(logger func(string) *slog.Logger) map[string]http.HandlerFunc {
			client := &http.Client{Transport: &httplog.Transport{Logger: logger("external.rates"), Service: "rates",
				Operation: func(*http.Request) string { return "rate" }}}
			return map[string]http.HandlerFunc{"GET /api/extra/rate": func(w http.ResponseWriter, r *http.Request) {
				pairlog.Add(r.Context(), slog.String("currency", "EUR"))
				req, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, url+"/rates/eur?key=of-ours", nil)
				resp, err := client.Do(req)
				if err != nil {
					http.Error(w, "no rate", http.StatusBadGateway)
					return
				}
				defer resp.Body.Close()
				io.Copy(w, resp.Body)
			}}
		}
	}
}

// by returns the records of an event.
func by(rs []pairlytest.Record, event string) (found []pairlytest.Record) {
	for _, r := range rs {
		if r.Event() == event {
			found = append(found, r)
		}
	}
	return found
}

// Everything that a request touches is found under its request_id: what it
// asked of the database, of Redis and of another service, each as lines and
// as sums on its http_request.
func TestOneRequestOneStory(t *testing.T) {
	// The log is configured by the environment, which is the process's: this
	// test cannot be a parallel one.
	t.Setenv("LOG_LEVEL", "DEBUG")
	t.Setenv("LOG_QUERIES", "true")
	env := map[string]string{}
	if redis := os.Getenv(pairlytest.RedisEnv); redis != "" {
		env["REDIS_URL"] = redis
	}
	url, told := partner(t)
	app := pairlytest.Start(t, pairlytest.Options{Env: env}, boot(callsOut(url)))
	c := app.Client(app.UniqueIP())
	c.SignUp(app.Unique("story")+"@pairly.test", "Sam", "fan")
	answer := c.Get("/api/extra/rate")
	if answer.Status != http.StatusOK || string(answer.Raw) != "1.08" {
		t.Fatalf("answer = %d %s, want the partner's", answer.Status, answer.Raw)
	}
	if got := <-told; got != answer.RequestID {
		t.Errorf("the partner was told request id %q, want %q", got, answer.RequestID)
	}
	var rs []pairlytest.Record
	app.Await("http_request", func([]pairlytest.Record) bool {
		rs = app.Request(answer.RequestID)
		return len(by(rs, "http_request")) > 0
	})
	end := rs[len(rs)-1]
	if end.Event() != "http_request" {
		t.Fatalf("events = %v, want http_request last", pairlytest.Events(rs))
	}
	wantMember(t, end, "/api/extra/rate", "path")
	wantMember(t, end, c.UserID, "user_id")
	wantMember(t, end, "EUR", "currency")

	t.Run("SQL", func(t *testing.T) { wantStatements(t, rs, end) })
	t.Run("outbound", func(t *testing.T) {
		call := find(t, rs, "external_api_call")
		wantMember(t, call, "external.rates", "logger")
		wantMember(t, call, "rate", "operation")
		wantMember(t, call, "200", "status")
		wantMember(t, call, "req_of_the_partner", "provider_request_id")
		wantMember(t, call, "EUR", "currency") // added before the call
	})
	t.Run("Redis", func(t *testing.T) {
		if env["REDIS_URL"] == "" {
			t.Skipf("%s is not set: no Redis to ask", pairlytest.RedisEnv)
		}
		commands := by(rs, "redis_command")
		if len(commands) == 0 {
			t.Fatalf("events = %v, want redis_command among them", pairlytest.Events(rs))
		}
		wantMember(t, commands[0], "core.redis", "logger")
		wantMember(t, commands[0], "DEBUG", "level")
		if got, want := end.Int("redis", "count"), int64(len(commands)); got != want {
			t.Errorf("redis.count = %d, want the %d of redis_command: %s", got, want, end.Raw)
		}
		if !end.Has("redis", "ms") {
			t.Errorf("no redis.ms: %s", end.Raw)
		}
	})
}

// wantStatements wants each statement as a line, and all on the request's.
func wantStatements(t *testing.T, rs []pairlytest.Record, end pairlytest.Record) {
	t.Helper()
	statements := by(rs, "query_executed")
	if len(statements) == 0 {
		t.Fatalf("events = %v, want query_executed among them", pairlytest.Events(rs))
	}
	users := false
	for _, s := range statements {
		wantMember(t, s, "db.query", "logger")
		wantMember(t, s, "DEBUG", "level")
		users = users || s.Text("table") == "users"
	}
	if !users {
		t.Errorf("no statement asked for the user, whose request it is: %v", statements)
	}
	if got, want := end.Int("db", "count"), int64(len(statements)); got != want {
		t.Errorf("db.count = %d, want the %d of query_executed: %s", got, want, end.Raw)
	}
	if !end.Has("db", "ms") {
		t.Errorf("no db.ms: %s", end.Raw)
	}
}
