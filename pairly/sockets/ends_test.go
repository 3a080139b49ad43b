package sockets_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gorilla "github.com/gorilla/websocket"

	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
)

// With each library, however the client ends: one line, with the code that the
// client sent, at the level that it deserves, and nothing of what was said.
func TestEnds(t *testing.T) {
	closeWith := func(code int, reason string) func(*gorilla.Conn) error {
		return func(c *gorilla.Conn) error {
			return c.WriteMessage(gorilla.CloseMessage, gorilla.FormatCloseMessage(code, reason))
		}
	}
	for library, socket := range map[string]func(*server, http.ResponseWriter, *http.Request){
		"coder": (*server).coder, "gorilla": (*server).gorilla,
	} {
		for _, end := range []struct {
			name          string
			end           func(*gorilla.Conn) error
			code          int64
			class, reason string
			level         string
		}{
			{"normal", closeWith(1000, "bye"), 1000, "normal", "bye", "INFO"},
			{"going away", closeWith(1001, ""), 1001, "going_away", "", "INFO"},
			{"of the service's own", closeWith(4001, "moved"), 4001, "application", "moved", "INFO"},
			{"policy", closeWith(1008, ""), 1008, "protocol", "", "ERROR"},
			{"without a code", func(c *gorilla.Conn) error { return c.WriteMessage(gorilla.CloseMessage, nil) }, 1005, "normal", "", "INFO"},
			{"lost", func(c *gorilla.Conn) error { return c.NetConn().Close() }, 1006, "abnormal", "", "WARNING"},
		} {
			t.Run(library+"/"+end.name, func(t *testing.T) {
				logs := logtest.New(t)
				s := &server{sockets: logs.Logger("websocket.echo")}
				log := httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request")})
				done := make(chan struct{})
				echo := httptest.NewServer(log(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer close(done)
					socket(s, w, r)
				})))
				defer echo.Close()
				conn, _, err := gorilla.DefaultDialer.Dial("ws"+strings.TrimPrefix(echo.URL, "http"), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				const said = "what nobody else is to know"
				if err := conn.WriteMessage(gorilla.TextMessage, []byte(said)); err != nil {
					t.Fatal(err)
				}
				if _, _, err := conn.ReadMessage(); err != nil {
					t.Fatal(err)
				}
				if err := end.end(conn); err != nil {
					t.Fatal(err)
				}
				<-done
				rec := logs.One("ws_disconnected")
				if rec.Int("close_code") != end.code || rec.String("close_class") != end.class || rec.Level() != end.level {
					t.Errorf("got code %d, class %s, at %s, want %d, %s, %s", rec.Int("close_code"), rec.String("close_class"), rec.Level(), end.code, end.class, end.level)
				}
				// What a library says of a lost connection is its own.
				if got := rec.String("close_reason"); got != end.reason && end.code != 1006 {
					t.Errorf("close_reason = %q, want %q", got, end.reason)
				}
				if rec.Int("messages_in") != 1 || rec.Int("bytes_in") != int64(len(said)) || rec.Int("bytes_out") != int64(len(said)) {
					t.Errorf("counts: %s", rec.Line)
				}
				if strings.Contains(logs.Text(), said) {
					t.Errorf("a message is in the log:\n%s", logs.Text())
				}
			})
		}
	}
}
