package pairlytest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// patience bounds every wait for something that must happen.
const patience = 20 * time.Second

// A Socket is a chat socket of a client.
type Socket struct {
	t         testing.TB
	conn      *websocket.Conn
	RequestID string // of the handshake, and so of every line of the socket
}

// Dial opens the chat socket of the user with the id, without logging in.
func (c *Client) Dial(userID string) *Socket {
	c.t.Helper()
	h := http.Header{}
	c.headers(h)
	url := "ws" + strings.TrimPrefix(c.app.URL, "http") + "/api/messages/ws/" + userID
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: h})
	if err != nil {
		c.t.Fatal(err)
	}
	s := &Socket{t: c.t, conn: conn, RequestID: resp.Header.Get("X-Request-ID")}
	c.t.Cleanup(func() { conn.CloseNow() })
	return s
}

// Chat opens the socket of c and logs in.
func (c *Client) Chat() *Socket {
	c.t.Helper()
	s := c.Dial(c.UserID)
	s.Send(map[string]any{"token": c.Access})
	f := s.Read()
	if got, want := f.Text("type"), "connected"; got != want {
		c.t.Fatalf("frame = %s, want type %q", f.Raw, want)
	}
	return s
}

// Send writes v as one JSON frame.
func (s *Socket) Send(v any) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := wsjson.Write(ctx, s.conn, v); err != nil {
		s.t.Fatal(err)
	}
}

// SendText writes text as one frame, whatever it is.
func (s *Socket) SendText(text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// Say sends a chat message and returns what the service answers.
func (s *Socket) Say(to, content, messageID string) Record {
	s.t.Helper()
	s.Send(map[string]any{
		"type": "chat_message", "recipient_id": to, "content": content, "client_message_id": messageID,
	})
	return s.Read()
}

// TrySay sends a chat message and reports whether the service confirmed it
// before the socket ended. It may be called from any goroutine.
func (s *Socket) TrySay(to, content, messageID string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := wsjson.Write(ctx, s.conn, map[string]any{
		"type": "chat_message", "recipient_id": to, "content": content, "client_message_id": messageID,
	})
	var answer struct {
		Type string `json:"type"`
	}
	return err == nil && wsjson.Read(ctx, s.conn, &answer) == nil && answer.Type == "message_sent"
}

// Read returns the next frame of the service.
func (s *Socket) Read() Record {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	_, b, err := s.conn.Read(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := Parse(string(b))
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// AwaitClose reads until the service closes the socket and returns the code.
func (s *Socket) AwaitClose() int {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		_, _, err := s.conn.Read(ctx)
		if err == nil {
			continue
		}
		var ce websocket.CloseError
		if !errors.As(err, &ce) {
			s.t.Fatalf("socket ended without a close frame: %v", err)
		}
		return int(ce.Code)
	}
}

// Close says goodbye and waits for the service's.
func (s *Socket) Close() {
	s.t.Helper()
	if err := s.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		s.t.Fatal(err)
	}
}
