package wslog_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/wslog"
)

// example opens a pipeline whose lines are the same at each run: one time, no
// durations.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{os.Stdout},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

type steady struct{ io.Writer }

var durations = regexp.MustCompile(`_s":[0-9.]+`)

func (s steady) Write(p []byte) (int, error) {
	if _, err := s.Writer.Write(durations.ReplaceAll(p, []byte(`_s":0.00`))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func ExampleOpen() {
	p := example()
	// The context of the handshake's request:
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})

	ctx, sock := wslog.Open(ctx, wslog.Config{
		Logger:   p.Logger("websocket.messaging"),
		ClientIP: "192.168.1.100", UserAgent: "Mozilla/5.0", // httplog.ClientIP(ctx), r.UserAgent()
		ConnectionID: "conn_abc123", // for the example; otherwise random
	})
	sock.Authenticated("u1", "s1")
	sock.Received("message", 128)
	p.Logger("service.message").WarnContext(ctx, "quota_low", slog.Int("left", 3))
	sock.Sent(64)
	sock.Close(wslog.CloseStatus(nil)) // what the read that ended the socket said
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.messaging","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_connected","connection_id":"conn_abc123","client_ip":"192.168.1.0/24","user_agent":"Mozilla/5.0","user_id":null}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.messaging","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_auth_success","user_id":"u1","connection_id":"conn_abc123","session_id":"s1"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"service.message","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"quota_low","left":3,"connection_id":"conn_abc123","user_id":"u1"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"websocket.messaging","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"ws_disconnected","user_id":"u1","connection_id":"conn_abc123","close_code":1000,"duration_s":0.00,"messages_in":1,"messages_out":1,"close_class":"normal","bytes_in":128,"bytes_out":64,"idle_s":0.00}
}
