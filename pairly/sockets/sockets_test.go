// Package sockets_test shows package wslog with the two WebSocket libraries that
// services use, against real connections. Pairly itself uses coder/websocket, in
// package realtime.
package sockets_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/httplog"
	"github.com/pairly/pairlog/wslog"
)

// A server is a service with sockets.
type server struct {
	sockets *slog.Logger // websocket.echo
}

// coder echoes messages, with coder/websocket.
func (s *server) coder(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered, and httplog has the line
	}
	defer conn.CloseNow()
	ctx, sock := wslog.Open(r.Context(), wslog.Config{
		Logger: s.sockets, ClientIP: httplog.ClientIP(r.Context()), UserAgent: r.UserAgent(),
	})
	defer sock.End(&err) // err is what ended the loop
	for {
		var data []byte
		if _, data, err = conn.Read(ctx); err != nil {
			return
		}
		sock.Received("message", len(data)) // its size, never what is in it
		if err = conn.Write(ctx, websocket.MessageText, data); err != nil {
			return
		}
		sock.Sent(len(data))
	}
}

// gorilla echoes messages, with gorilla/websocket.
func (s *server) gorilla(w http.ResponseWriter, r *http.Request) {
	var upgrader gorilla.Upgrader // as the service has it, with its CheckOrigin
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered, and httplog has the line
	}
	defer conn.Close()
	_, sock := wslog.Open(r.Context(), wslog.Config{
		Logger: s.sockets, ClientIP: httplog.ClientIP(r.Context()), UserAgent: r.UserAgent(),
	})
	defer sock.End(&err) // err is what ended the loop
	for {
		var data []byte
		if _, data, err = conn.ReadMessage(); err != nil {
			return
		}
		sock.Received("message", len(data)) // its size, never what is in it
		if err = conn.WriteMessage(gorilla.TextMessage, data); err != nil {
			return
		}
		sock.Sent(len(data))
	}
}

func Example_coder() {
	visit((*server).coder)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"GET","path":"/","query_params":{},"client_ip":"127.0.0.0/24","user_agent":"example","user_id":null,"status_code":101,"duration_ms":0.00,"response_size_bytes":0,"protocol":"HTTP/1.1","ttfb_ms":0.00,"outcome":"hijacked"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_connected","connection_id":"conn_8f14e45fceea","client_ip":"127.0.0.0/24","user_agent":"example","user_id":null}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_disconnected","user_id":null,"connection_id":"conn_8f14e45fceea","close_code":1000,"duration_s":0.00,"messages_in":1,"messages_out":1,"close_class":"normal","bytes_in":5,"bytes_out":5,"idle_s":0.00}
}

func Example_gorilla() {
	visit((*server).gorilla)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","method":"GET","path":"/","query_params":{},"client_ip":"127.0.0.0/24","user_agent":"example","user_id":null,"status_code":101,"duration_ms":0.00,"response_size_bytes":0,"protocol":"HTTP/1.1","ttfb_ms":0.00,"outcome":"hijacked"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_connected","connection_id":"conn_8f14e45fceea","client_ip":"127.0.0.0/24","user_agent":"example","user_id":null}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.echo","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_disconnected","user_id":null,"connection_id":"conn_8f14e45fceea","close_code":1000,"duration_s":0.00,"messages_in":1,"messages_out":1,"close_class":"normal","bytes_in":5,"bytes_out":5,"idle_s":0.00}
}

// visit opens a socket of a service, says hello and good-bye.
func visit(socket func(*server, http.ResponseWriter, *http.Request)) {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{os.Stdout},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	s := &server{sockets: p.Logger("websocket.echo")}
	log := httplog.Middleware(httplog.Config{Logger: p.Logger("api.request")}.With(p.Settings()))
	done := make(chan struct{})
	echo := httptest.NewServer(log(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		socket(s, w, r)
	})))
	defer echo.Close()

	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(echo.URL, "http"), &websocket.DialOptions{
		HTTPHeader: http.Header{"X-Request-Id": {"550e8400-e29b-41d4-a716-446655440000"}, "User-Agent": {"example"}},
	})
	if err != nil {
		panic(err)
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		panic(err)
	}
	if _, _, err := conn.Read(ctx); err == nil { // a handler that panics answers nothing
		if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			panic(err)
		}
	}
	<-done
	p.Close(ctx)
}

// steady writes lines that are the same at each run.
type steady struct{ io.Writer }

var (
	times  = regexp.MustCompile(`(_m?s":)[0-9.]+`)
	ids    = regexp.MustCompile(`conn_[0-9a-f]{12}`)
	stacks = regexp.MustCompile(`("stack_trace":"[^"\\]+)[^"]*"`)
)

func (s steady) Write(p []byte) (int, error) {
	out := times.ReplaceAll(p, []byte("${1}0.00"))
	out = ids.ReplaceAll(out, []byte("conn_8f14e45fceea"))
	out = stacks.ReplaceAll(out, []byte(`${1} …"`))
	if _, err := s.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
