package pairlog_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
)

func TestParseLevel(t *testing.T) {
	f := func(in string, want slog.Level) {
		t.Helper()
		if got, err := pairlog.ParseLevel(in); err != nil || got != want {
			t.Errorf("ParseLevel(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	f("DEBUG", slog.LevelDebug)
	f(" info ", slog.LevelInfo)
	f("WARN", slog.LevelWarn)
	f("Warning", slog.LevelWarn)
	f("ERROR", slog.LevelError)
	f("critical", pairlog.LevelCritical)
	f("-8", slog.Level(-8))
	if _, err := pairlog.ParseLevel("loud"); err == nil || !strings.Contains(err.Error(), `"loud"`) {
		t.Errorf("ParseLevel(loud): %v, want an error that quotes it", err)
	}
}

func TestLevelsByPrefix(t *testing.T) {
	p, _ := open(t, pairlog.Config{RecorderBytes: -1, Level: slog.LevelWarn, Levels: map[string]slog.Level{"db": slog.LevelDebug, "db.pool": slog.LevelError}})
	f := func(logger string, want slog.Level) {
		t.Helper()
		log := p.Logger(logger)
		if !log.Enabled(t.Context(), want) || log.Enabled(t.Context(), want-1) {
			t.Errorf("logger %s does not begin at %v", logger, want)
		}
	}
	f("api", slog.LevelWarn)
	f("db", slog.LevelDebug)
	f("db.query", slog.LevelDebug)
	f("db.pool", slog.LevelError)
	f("db.pool.x", slog.LevelError)
	f("dbx", slog.LevelWarn)
	derived := p.Logger("db.query").With("a", 1)
	p.SetLevel("db", slog.LevelInfo)
	p.SetLevel("", slog.LevelError)
	f("db.query", slog.LevelInfo)
	f("db.pool", slog.LevelError)
	f("api", slog.LevelError)
	if derived.Enabled(t.Context(), slog.LevelDebug) {
		t.Error("a derived logger kept its level")
	}
}

func TestLevelChangeIsLogged(t *testing.T) {
	p, text := open(t, pairlog.Config{})
	p.SetLevel("db", slog.LevelDebug)
	closePipeline(t, p)
	m := records(t, text())
	if len(m) != 1 || m[0]["event"] != "log_level_changed" || m[0]["logger"] != "logging.internal" || m[0]["level"] != "WARNING" ||
		m[0]["from"] != "INFO" || m[0]["to"] != "DEBUG" || m[0]["target"] != "db" {
		t.Errorf("got %v", m)
	}
}

func TestLevelHandler(t *testing.T) {
	p, _ := open(t, pairlog.Config{Levels: map[string]slog.Level{"db": slog.LevelDebug}})
	h := p.LevelHandler()
	f := func(method, body string, status int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/", strings.NewReader(body)))
		got, _ := io.ReadAll(w.Body)
		if w.Code != status || strings.TrimSpace(string(got)) != want {
			t.Errorf("%s %s: %d %s, want %d %s", method, body, w.Code, got, status, want)
		}
	}
	f("GET", "", 200, `{"level":"INFO","levels":{"db":"DEBUG"}}`)
	f("PUT", `{"level":"warn","levels":{"api.request":"CRITICAL","db":null}}`, 200, `{"level":"WARNING","levels":{"api.request":"CRITICAL"}}`)
	f("POST", `{"levels":{"db":"loud","x":"DEBUG"}}`, 400, `{"error":"parse level \"loud\": want DEBUG, INFO, WARNING, ERROR or CRITICAL"}`)
	f("GET", "", 200, `{"level":"WARNING","levels":{"api.request":"CRITICAL"}}`)
	f("PUT", `{"levels":{"":"DEBUG"}}`, 400, `{"error":"parse levels: want a prefix in levels, got \"\" (the default is level)"}`)
	f("PUT", `{"prefix":"db","level":"DEBUG"}`, 400, `{"error":"parse levels: json: unknown field \"prefix\""}`)
	f("PUT", `{"level":"DEBUG"}{}`, 400, `{"error":"parse levels: want one JSON object, got more behind it"}`)
	f("GET", "", 200, `{"level":"WARNING","levels":{"api.request":"CRITICAL"}}`)
	f("DELETE", "", http.StatusMethodNotAllowed, "")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("PUT", "/", strings.NewReader(`{"level":"`+strings.Repeat("x", 1<<20)+`"}`)))
	if w.Code != 400 {
		t.Errorf("1 MB of body: %d, want 400", w.Code)
	}
	if p.Logger("api").Enabled(t.Context(), slog.LevelInfo) {
		t.Error("INFO is enabled after PUT WARNING")
	}
}
