package sockets_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/wslog"
)

// A socket that the service closes, or cuts, while it reads is none that was lost,
// with either library.
func TestServiceCloses(t *testing.T) {
	const reason = "slow down"
	for _, c := range []struct {
		name   string
		serve  func(http.ResponseWriter, *http.Request, *wslog.Socket) error
		code   int64
		reason string
	}{
		{"coder, with a frame", func(w http.ResponseWriter, r *http.Request, sock *wslog.Socket) error {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return err
			}
			go func() {
				sock.Closing(4429, reason)
				_ = conn.Close(4429, reason) // the read below tells how it ended
			}()
			_, _, err = conn.Read(r.Context())
			return err
		}, 4429, reason},
		{"coder, cut", func(w http.ResponseWriter, r *http.Request, _ *wslog.Socket) error {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return err
			}
			conn.CloseNow()
			_, _, err = conn.Read(r.Context())
			return err
		}, 1005, ""},
		{"coder, by its context", func(w http.ResponseWriter, r *http.Request, _ *wslog.Socket) error {
			conn, err := websocket.Accept(w, r, nil)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(r.Context())
			go cancel()
			_, _, err = conn.Read(ctx)
			return err
		}, 1005, ""},
		{"gorilla, with a frame", func(w http.ResponseWriter, r *http.Request, sock *wslog.Socket) error {
			conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
			if err != nil {
				return err
			}
			sock.Closing(4429, reason)
			err = conn.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(4429, reason), time.Now().Add(time.Minute))
			conn.Close()
			if err == nil {
				_, _, err = conn.ReadMessage()
			}
			return err
		}, 4429, reason},
		{"gorilla, cut", func(w http.ResponseWriter, r *http.Request, _ *wslog.Socket) error {
			conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
			if err != nil {
				return err
			}
			conn.Close()
			_, _, err = conn.ReadMessage()
			return err
		}, 1005, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			logs := logtest.New(t)
			done := make(chan struct{})
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				_, sock := wslog.Open(r.Context(), wslog.Config{Logger: logs.Logger("websocket.echo")})
				sock.Close(wslog.CloseStatus(c.serve(w, r, sock)))
			}))
			defer srv.Close()
			conn, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "http"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			_, _, _ = conn.Read(t.Context()) // answers a close frame
			<-done
			rec := logs.One("ws_disconnected")
			if rec.Int("close_code") != c.code || rec.String("close_reason") != c.reason || rec.Level() != "INFO" {
				t.Errorf("line: %s", rec.Line)
			}
		})
	}
}
