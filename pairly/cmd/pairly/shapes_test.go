package main_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly/api"
	"github.com/pairly/pairlog/pairly/pairlytest"
	"github.com/pairly/pairlog/redact"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// changing are the parts of a record that differ from run to run, each with
// the form that it must have.
var changing = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`), `"TIME"`},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`), `UUID`},
	{regexp.MustCompile(`"[0-9a-f]{24}"`), `"ID"`},
	{regexp.MustCompile(`"conn_[0-9a-f]{12}"`), `"CONNECTION"`},
	{regexp.MustCompile(`"fingerprint_hash":"[0-9a-f]{12}"`), `"fingerprint_hash":"HASH"`},
	{regexp.MustCompile(`(_ms":)\d+\.\d\d\b`), `${1}MILLISECONDS`},
	{regexp.MustCompile(`"response_size_bytes":\d+`), `"response_size_bytes":BYTES`},
	{regexp.MustCompile(`"stack_trace":"[^"]*panicRoute[^"]*"`), `"stack_trace":"STACK WITH panicRoute"`},
}

// The five normative records, as the running program writes them with
// addresses in full: every member, its place and its form.
func TestNormativeShapes(t *testing.T) {
	app := start(t, pairlytest.Options{Args: []string{"--demo"}}, func(p *program) { // for its route that panics
		quick := p.Log
		p.Log = func(c *pairlog.Config) { quick(c); c.PIIMode = redact.PIIFull }
	})
	admin := app.Admin("198.51.100.1")
	f := app.Client("203.0.113.23")
	signedUp := f.SignUp("shapes@pairly.test", "Shay", "fan")
	c := app.Client("203.0.113.24")
	c.SignUp("creator@pairly.test", "Cleo", "creator")
	publish(t, c, 5)
	adjust(t, admin, f.UserID, 20)
	panicked := app.Client("203.0.113.23").Get(api.PanicPath + "?page=2&token=abc")
	wantStatus(t, panicked, http.StatusInternalServerError, "internal_error")
	unbanned := admin.Post("/api/admin/security/mute", map[string]any{"user_id": f.UserID, "reason": "a reason"})
	wantStatus(t, unbanned, http.StatusOK, "")
	unmuted := admin.Post("/api/admin/security/unmute", map[string]any{"user_id": f.UserID})
	wantStatus(t, unmuted, http.StatusOK, "")
	s := f.Chat()
	wantFrame(t, s.Say(c.UserID, "good morning from the train", "shape-1"), "message_sent", "")

	var got strings.Builder
	shape := func(rs []pairlytest.Record, event string) {
		line := find(t, rs, event).Raw
		for _, c := range changing {
			line = c.form.ReplaceAllString(line, c.name)
		}
		got.WriteString(line + "\n")
	}
	ended := func(id string) []pairlytest.Record {
		return app.Await("http_request of "+id, func([]pairlytest.Record) bool {
			for _, r := range app.Request(id) {
				if r.Event() == "http_request" {
					return true
				}
			}
			return false
		})
	}
	ended(panicked.RequestID)
	shape(app.Request(panicked.RequestID), "http_request")
	shape(app.Request(panicked.RequestID), "exception")
	ended(unbanned.RequestID)
	shape(app.Request(unbanned.RequestID), "A:user_muted")
	shape(app.Request(signedUp.RequestID), "token_created")
	app.Await("ws_message_sent", func(rs []pairlytest.Record) bool {
		for _, r := range app.Request(s.RequestID) {
			if r.Event() == "ws_message_sent" {
				return true
			}
		}
		return false
	})
	shape(app.Request(s.RequestID), "ws_message_sent")
	golden(t, "shapes.golden", got.String())
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
