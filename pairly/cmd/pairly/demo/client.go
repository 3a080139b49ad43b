package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/pairly/pairlog"
)

// maxBody bounds what the client reads of an answer, in bytes.
const maxBody = 1 << 20

// A client is one simulated device: an address, a browser and, after login,
// a token. Its methods are safe for concurrent use once it is logged in.
type client struct {
	base      string // http://host:port
	http      *http.Client
	ip        string // told as X-Forwarded-For; the demo trusts its own address as a proxy
	userAgent string
	token     string // access token, empty before login
	refresh   string
	id        string // user id

	recover *slog.Logger // for a panic of what it does with a frame
}

// A statusError is an answer that is not 2xx.
type statusError struct {
	method, path, code string
	status             int
}

// Error returns the request and what the server said to it.
func (e *statusError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.method, e.path, e.status, e.code)
}

// call sends body as JSON (nil: none) and decodes a 2xx answer into out
// (nil: ignored). Any other status is a [*statusError].
func (c *client) call(ctx context.Context, method, path string, body, out any) error {
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		var e struct {
			Code string `json:"error_code"`
		}
		_ = json.Unmarshal(data, &e) // an answer without a code is still a status
		return &statusError{method: method, path: path, status: resp.StatusCode, code: e.Code}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

func (c *client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, r)
	if err != nil {
		return nil, err
	}
	c.headers(req.Header)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

func (c *client) headers(h http.Header) {
	h.Set("X-Forwarded-For", c.ip)
	h.Set("User-Agent", c.userAgent)
	h.Set("Accept-Language", "en-GB,en;q=0.8")
}

// loggedIn is the answer to signup, login and refresh.
type loggedIn struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	User         struct {
		ID string `json:"id"`
	} `json:"user"`
}

func (c *client) authenticate(ctx context.Context, path string, body map[string]any) error {
	var a loggedIn
	if err := c.call(ctx, http.MethodPost, path, body, &a); err != nil {
		return err
	}
	c.token, c.refresh, c.id = a.AccessToken, a.RefreshToken, a.User.ID
	return nil
}

// A chat is an authenticated chat socket. Frames that the server sends are
// handed to the callback from one goroutine, which ends with the socket.
type chat struct {
	conn   *websocket.Conn
	reader *pairlog.Task // ends with the socket
}

// A frame is a message of the server, with the members that the demo reads.
type frame struct {
	Type      string `json:"type"`
	Code      string `json:"code"`
	MessageID string `json:"message_id"`
	SenderID  string `json:"sender_id"`
}

// dial opens the chat socket of the client and logs it in. onFrame is called
// for each frame of the server after that.
func (c *client) dial(ctx context.Context, onFrame func(frame)) (*chat, error) {
	h := http.Header{}
	c.headers(h)
	url := "ws" + strings.TrimPrefix(c.base, "http") + "/api/messages/ws/" + c.id
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: h})
	if err != nil {
		return nil, err
	}
	if err := wsjson.Write(ctx, conn, map[string]string{"token": c.token}); err != nil {
		conn.CloseNow()
		return nil, err
	}
	var hello frame
	if err := wsjson.Read(ctx, conn, &hello); err != nil {
		conn.CloseNow()
		return nil, err
	}
	return &chat{conn, pairlog.Go(ctx, c.recover, func(ctx context.Context) {
		for {
			var f frame
			if err := wsjson.Read(ctx, conn, &f); err != nil {
				return
			}
			onFrame(f)
		}
	})}, nil
}

// say sends a chat message; its result comes as a frame.
func (ch *chat) say(ctx context.Context, to, text, messageID string) error {
	return wsjson.Write(ctx, ch.conn, map[string]string{
		"type": "chat_message", "recipient_id": to, "content": text, "client_message_id": messageID,
	})
}

// hangUp closes the socket and waits for its reader.
func (ch *chat) hangUp() {
	_ = ch.conn.Close(websocket.StatusNormalClosure, "bye") // the server may have closed it already
	_ = ch.reader.Wait()                                    // a panic of it has its line
}
