package sockets_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/wslog"
)

// broken panics at the first message.
func (s *server) broken(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx, sock := wslog.Open(r.Context(), wslog.Config{
		Logger: s.sockets, ClientIP: httplog.ClientIP(r.Context()), UserAgent: r.UserAgent(),
	})
	defer sock.End(&err)
	sock.Authenticated("u1", "s1")
	for {
		var data []byte
		if _, data, err = conn.Read(ctx); err != nil {
			return
		}
		sock.Received("message", len(data))
		panic("socket panic")
	}
}

// brokenGorilla is broken, with gorilla/websocket.
func (s *server) brokenGorilla(w http.ResponseWriter, r *http.Request) {
	conn, err := new(gorilla.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	_, sock := wslog.Open(r.Context(), wslog.Config{Logger: s.sockets})
	defer sock.End(&err)
	sock.Authenticated("u1", "s1")
	for {
		var data []byte
		if _, data, err = conn.ReadMessage(); err != nil {
			return
		}
		sock.Received("message", len(data))
		panic("socket panic")
	}
}

func Example_panic() {
	visit((*server).broken)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"GET","path":"/","query_params":{},"client_ip":"127.0.0.0/24","user_agent":"example","user_id":null,"status_code":101,"duration_ms":0.00,"response_size_bytes":0,"protocol":"HTTP/1.1","ttfb_ms":0.00,"outcome":"hijacked"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_connected","connection_id":"conn_8f14e45fceea","client_ip":"127.0.0.0/24","user_agent":"example","user_id":null}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_auth_success","user_id":"u1","connection_id":"conn_8f14e45fceea","session_id":"s1"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_message_received","user_id":"u1","connection_id":"conn_8f14e45fceea","frame_type":"message","message_length":5,"recorded":true}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"CRITICAL","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"panic_recovered","user_id":"u1","connection_id":"conn_8f14e45fceea","error_type":"panic","error_message":"socket panic","error_code":null,"stack_trace":"github.com/pairly/pairlog/pairly/sockets_test.(*server).broken …","breadcrumbs":[{"before_ms":0.00,"level":"INFO","logger":"websocket.echo","event":"ws_connected"},{"before_ms":0.00,"level":"INFO","logger":"websocket.echo","event":"ws_auth_success"},{"before_ms":0.00,"level":"DEBUG","logger":"websocket.echo","event":"ws_message_received"}]}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_error","user_id":"u1","connection_id":"conn_8f14e45fceea","error_type":"panic","error_message":"socket panic","error_code":null,"stack_trace":"github.com/pairly/pairlog/pairly/sockets_test.(*server).broken …","breadcrumbs":[{"before_ms":0.00,"level":"INFO","logger":"websocket.echo","event":"ws_connected"},{"before_ms":0.00,"level":"INFO","logger":"websocket.echo","event":"ws_auth_success"},{"before_ms":0.00,"level":"DEBUG","logger":"websocket.echo","event":"ws_message_received"}]}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_disconnected","user_id":"u1","connection_id":"conn_8f14e45fceea","close_code":1006,"duration_s":0.00,"messages_in":1,"messages_out":0,"close_class":"abnormal","bytes_in":5,"bytes_out":0,"idle_s":0.00,"outcome":"panic"}
}

// A panic with each library, below a middleware that has a logger for panics: the
// socket's own lines, once, in its scope, and an end that is told as the client saw it.
func TestPanic(t *testing.T) {
	for library, socket := range map[string]func(*server, http.ResponseWriter, *http.Request){
		"coder": (*server).broken, "gorilla": (*server).brokenGorilla,
	} {
		t.Run(library, func(t *testing.T) {
			logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelInfo})
			s := &server{sockets: logs.Logger("websocket.echo")}
			log := httplog.Middleware(httplog.Config{Logger: logs.Logger("api.request"), Recover: logs.Logger("app.recover")})
			done := make(chan struct{})
			handler := log(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { socket(s, w, r) }))
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				handler.ServeHTTP(w, r)
			}))
			defer echo.Close()
			conn, _, err := gorilla.DefaultDialer.Dial("ws"+strings.TrimPrefix(echo.URL, "http"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.WriteMessage(gorilla.TextMessage, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, _, err := conn.ReadMessage(); !gorilla.IsCloseError(err, gorilla.CloseAbnormalClosure) {
				t.Errorf("the client read %v, want an end without a frame", err)
			}
			<-done

			end := logs.One("ws_disconnected")
			if end.Int("close_code") != 1006 || end.String("outcome") != "panic" || end.Level() != "ERROR" {
				t.Errorf("line: %s\nwant 1006 at ERROR with outcome panic", end.Line)
			}
			id := end.String("connection_id")
			for _, event := range []string{"panic_recovered", "ws_error"} {
				rec := logs.One(event) // httplog writes none
				if rec.String("connection_id") != id || rec.String("user_id") != "u1" || rec.Logger() != "websocket.echo" {
					t.Errorf("%s is not the socket's: %s", event, rec.Line)
				}
				if !strings.Contains(rec.Line, `"event":"ws_auth_success"}`) {
					t.Errorf("%s has no breadcrumbs of the socket: %s", event, rec.Line)
				}
				if !strings.Contains(rec.String("stack_trace"), "sockets_test.(*server).broken") {
					t.Errorf("the stack of %s does not show what panicked: %s", event, rec.Line)
				}
			}
			if quiet := logs.One("ws_message_received"); !strings.Contains(quiet.Line, `"recorded":true`) {
				t.Errorf("line: %s\nwant the recorder's", quiet.Line)
			}
			if len(logs.Event("exception")) > 0 {
				t.Errorf("the panic is logged twice:\n%s", logs.Text())
			}
		})
	}
}
