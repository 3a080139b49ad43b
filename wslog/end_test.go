package wslog_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/wslog"
)

// handler runs f as a handler does, on a goroutine of its own, and returns what it
// panicked with.
func handler(f func()) (panicked any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		f()
	}()
	<-done
	return panicked
}

func TestEnd(t *testing.T) {
	for _, c := range []struct {
		name           string
		serve          func(err *error, s *wslog.Socket)
		code           int64
		outcome, level string
		panics         bool
	}{
		{"return", func(*error, *wslog.Socket) {}, 1000, "", "INFO", false},
		{"error", func(err *error, _ *wslog.Socket) { *err = io.EOF }, 1006, "", "WARNING", false},
		{"close frame", func(err *error, _ *wslog.Socket) { *err = CloseError{1001, ""} }, 1001, "", "INFO", false},
		{"panic", func(*error, *wslog.Socket) { panic("a bug") }, 1006, "panic", "ERROR", true},
		{"panic after an error", func(err *error, _ *wslog.Socket) { *err = CloseError{1000, ""}; panic("a bug") }, 1006, "panic", "ERROR", true},
		{"panic after a close frame of ours", func(_ *error, s *wslog.Socket) { s.Closing(1011, "sorry"); panic("a bug") }, 1011, "panic", "ERROR", true},
		{"abort", func(*error, *wslog.Socket) { panic(http.ErrAbortHandler) }, 1006, "aborted", "WARNING", true},
		{"panic of the runtime", func(*error, *wslog.Socket) { var v any = 1; _ = v.(string) }, 1006, "panic", "ERROR", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.New(t)
			v := handler(func() {
				var err error
				_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
				defer s.End(&err)
				c.serve(&err, s)
			})
			if (v != nil) != c.panics {
				t.Errorf("panicked with %v, want a panic: %v", v, c.panics)
			}
			rec := logs.One("ws_disconnected")
			if rec.Int("close_code") != c.code || rec.String("outcome") != c.outcome || rec.Level() != c.level {
				t.Errorf("line: %s\nwant %d, outcome %q, at %s", rec.Line, c.code, c.outcome, c.level)
			}
			want := 0
			if c.outcome == "panic" {
				want = 1
			}
			for _, event := range []string{"panic_recovered", "ws_error"} {
				if got := len(logs.Event(event)); got != want {
					t.Errorf("%d lines of %s, want %d", got, event, want)
				}
			}
		})
	}
}

// What goes on is the panic that was, marked as logged in the request.
func TestEndPanicsOn(t *testing.T) {
	logs := logtest.New(t)
	request, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
	fault := errors.New("a bug")
	v := handler(func() {
		_, s := wslog.Open(request, wslog.Config{Logger: logs.Logger("websocket.messaging")})
		defer s.End(nil)
		panic(fault)
	})
	err, _ := v.(error)
	if !errors.Is(err, fault) || !pairlog.Logged(request, err) || pairlog.Logged(t.Context(), err) {
		t.Errorf("went on with %v, want the panic's error, logged in this request", v)
	}
	if v := handler(func() { panic(http.ErrAbortHandler) }); v != any(http.ErrAbortHandler) {
		t.Errorf("an abort went on as %v", v)
	}
}

// Its lines are in the socket's scope, also on a logger of their own, and what was
// quiet comes before them.
func TestPanicLines(t *testing.T) {
	logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelInfo})
	handler(func() {
		_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging"), Recover: logs.Logger("app.recover"),
			LevelOf: func(int) slog.Level { return slog.LevelDebug }, ConnectionID: "conn_abc123"})
		defer s.End(nil)
		s.Authenticated("u1", "s1")
		s.Received("message", 128)
		panic("a bug")
	})
	var order []string
	for _, rec := range logs.Records() {
		order = append(order, rec.Event())
		if rec.String("connection_id") != "conn_abc123" || rec.String("user_id") != "u1" && rec.Event() != "ws_connected" {
			t.Errorf("not the socket's: %s", rec.Line)
		}
	}
	if got, want := strings.Join(order, " "), "ws_connected ws_auth_success ws_message_received panic_recovered ws_error ws_disconnected"; got != want {
		t.Errorf("lines %s\nwant %s", got, want)
	}
	for event, logger := range map[string]string{"panic_recovered": "app.recover", "ws_error": "websocket.messaging"} {
		rec := logs.One(event)
		if rec.Logger() != logger || rec.String("error_message") != "a bug" || !strings.Contains(rec.Line, `"event":"ws_message_received"}]`) {
			t.Errorf("want a line of %s with its breadcrumbs: %s", logger, rec.Line)
		}
	}
	if got := logs.One("ws_disconnected").Level(); got != "ERROR" {
		t.Errorf("ws_disconnected at %s, want ERROR whatever LevelOf says", got)
	}
}

// Deferred in a function, as before there was End, Close is truthful too.
func TestCloseWhileUnwinding(t *testing.T) {
	for _, c := range []struct {
		name           string
		serve          func()
		code           int64
		outcome, level string
	}{
		{"panic", func() { panic("a bug") }, 1006, "panic", "ERROR"},
		{"goexit", func() { (&testing.T{}).SkipNow() }, 1006, "aborted", "WARNING"},
		{"return", func() {}, 1000, "", "INFO"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelInfo})
			handler(func() {
				_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
				var err error
				defer func() { s.Close(wslog.CloseStatus(err)) }()
				s.Received("message", 1)
				c.serve()
			})
			rec := logs.One("ws_disconnected")
			if rec.Int("close_code") != c.code || rec.String("outcome") != c.outcome || rec.Level() != c.level {
				t.Errorf("line: %s\nwant %d, outcome %q, at %s", rec.Line, c.code, c.outcome, c.level)
			}
			if got, want := len(logs.Event("ws_message_received")) == 1, c.outcome == "panic"; got != want {
				t.Errorf("the recorder's line is written: %v, want %v", got, want)
			}
		})
	}
}

// An error that has its line is not logged again when it is panicked with.
func TestPanicWithWhatIsLoggedAlready(t *testing.T) {
	logs := logtest.New(t)
	handler(func() {
		ctx, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
		defer s.End(nil)
		panic(pairlog.Exception(ctx, logs.Logger("service.pay"), errors.New("a bug")))
	})
	logs.One("exception")
	logs.One("panic_recovered")
	logs.None("ws_error")
}
