package httplog_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// TestSourceIsOfTheProgram: the lines of the middleware and of the client had a file of
// this library as their source. The program's own lines keep theirs, also when it logs
// by pairlog.Log.
func TestSourceIsOfTheProgram(t *testing.T) {
	far := httptest.NewServer(http.NotFoundHandler())
	defer far.Close()
	handler := func(logger *slog.Logger) http.HandlerFunc {
		client := &http.Client{Transport: &httplog.Transport{Logger: logger}}
		return func(w http.ResponseWriter, r *http.Request) {
			logger.InfoContext(r.Context(), "slog")
			pairlog.Log(r.Context(), logger, slog.LevelInfo, "log")
			out, _ := http.NewRequestWithContext(r.Context(), "GET", far.URL, nil)
			if res, err := client.Do(out); err == nil {
				res.Body.Close()
			}
			panic("no")
		}
	}
	check := func(events map[string]json.RawMessage) {
		t.Helper()
		for _, own := range []string{"slog", "log"} {
			if !strings.Contains(string(events[own]), "source_test.go") {
				t.Errorf("%s: source %s, want this file", own, events[own])
			}
		}
		for _, ours := range []string{"http_request", "exception", "external_api_error"} {
			if source, ok := events[ours]; !ok || strings.Contains(string(source), "file") {
				t.Errorf("%s: source %s, want the line and none", ours, source)
			}
		}
	}

	logs := logtest.NewWith(t, pairlog.Config{Source: true})
	logger := logs.Logger("api.request")
	serve(httplog.Config{Logger: logger}, httptest.NewRequest("GET", "/", nil), handler(logger))
	check(sources(t, logs.Text(), "event"))

	var b strings.Builder
	foreign := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{AddSource: true}))
	serve(httplog.Config{Logger: foreign}, httptest.NewRequest("GET", "/", nil), handler(foreign))
	check(sources(t, b.String(), "msg"))
}

// sources returns the source of each line by its event, which stands under key.
func sources(t *testing.T, text, key string) map[string]json.RawMessage {
	t.Helper()
	events := make(map[string]json.RawMessage)
	for line := range strings.Lines(text) {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatal(err)
		}
		events[strings.Trim(string(members[key]), `"`)] = members["source"]
	}
	return events
}
