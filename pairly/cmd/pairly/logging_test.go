package main_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/pairlytest"
)

// With bodies in the log, what users say is not: the log has its length.
func TestCapturedBodiesHoldNoContent(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) {
		quick := p.Log
		p.Log = func(c *pairlog.Config) { quick(c); c.Bodies = "all"; c.Level = slog.LevelDebug }
	})
	admin := app.Admin("198.51.100.1")
	f, c := chatters(t, app)
	app.Plant(secretText)
	adjust(t, admin, f.UserID, 20)
	a := f.Post("/api/credits/tip", map[string]any{
		"creator_id": c.UserID, "amount": 5, "message": secretText, "idempotency_key": "tip-1",
	})
	wantStatus(t, a, http.StatusOK, "")
	profile := c.Post("/api/profiles/", map[string]any{"display_name": "Cleo", "age": 30, "bio": secretText, "price_per_message": 0})
	wantStatus(t, profile, http.StatusCreated, "")
	socket := f.Chat()
	wantFrame(t, socket.Say(c.UserID, secretText, "m-1"), "message_sent", "")
	history := f.Get("/api/messages/history/" + c.UserID)
	wantStatus(t, history, http.StatusOK, "")

	requestLine := func(id string) pairlytest.Record {
		t.Helper()
		app.Await("http_request of "+id, func([]pairlytest.Record) bool {
			return slices.Contains(pairlytest.Events(app.Request(id)), "http_request")
		})
		return find(t, app.Request(id), "http_request")
	}
	length := fmt.Sprint(len(secretText))
	wantMember(t, requestLine(a.RequestID), length, "request_body", "message_length")
	wantMember(t, requestLine(profile.RequestID), length, "request_body", "bio_length")
	if line := requestLine(history.RequestID); !strings.Contains(line.Raw, `"content_length":`+length) {
		t.Errorf("history has no length of the message: %s", line.Raw)
	}
}

// A line of a third party keeps its text, which stands under the same key as
// what users say.
func TestLinesOfThirdPartiesKeepTheirText(t *testing.T) {
	dir := t.TempDir()
	pipeline, err := pairlog.Open((&program{Getenv: func(string) string { return "" }}).LogConfig(dir))
	if err != nil {
		t.Fatal(err)
	}
	pipeline.Logger("http.server").Warn("http: TLS handshake problem", "error_message", "bad certificate", "message", secretText)
	if err := pipeline.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := records(t, filepath.Join(dir, "app.log"))[0]
	wantMember(t, r, "http: TLS handshake problem", "message")
	wantMember(t, r, "bad certificate", "error_message")
	if strings.Contains(r.Raw, secretText) {
		t.Errorf("the text of a user is in the log: %s", r.Raw)
	}
}

// The log tells of the connections to the database, and of what has changed since
// the line before.
func TestPoolIsReported(t *testing.T) {
	app := start(t, pairlytest.Options{}, func(p *program) {
		quick := p.Log
		p.Log = func(c *pairlog.Config) { quick(c); c.Levels = map[string]slog.Level{"db.pool": slog.LevelDebug} }
		p.PoolReportEvery = time.Millisecond
	})
	app.Await("db_pool_stats", func(rs []pairlytest.Record) bool {
		for _, r := range rs {
			if r.Event() == "db_pool_stats" {
				return r.Text("logger") == "db.pool" && strings.Contains(r.Raw, `"wait_count_delta":`)
			}
		}
		return false
	})
	app.Stop()
}
