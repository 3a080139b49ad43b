package realtime

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/coder/websocket"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/token"
)

var errFrameTooBig = errors.New("frame is longer than 16 KiB")

// serve reads the token and then frame after frame. It returns why reading
// ended. After the connection was shut it reads on, and drops what comes,
// until the peer has answered the close frame.
func (c *conn) serve() error {
	for {
		kind, data, err := c.read()
		switch {
		case errors.Is(err, errFrameTooBig):
			c.shut(closeTooBig, "frames are at most 16 KiB")
			c.failedTimeout()
			return err
		case err != nil:
			c.failedTimeout()
			return err
		case c.ending():
		case !c.authed.Load():
			c.authenticate(data)
		default:
			c.answer(kind, data)
		}
	}
}

// read returns the next frame.
func (c *conn) read() (websocket.MessageType, []byte, error) {
	kind, r, err := c.ws.Reader(c.ctx)
	if err != nil {
		return 0, nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFrameBytes+1))
	if err != nil {
		return 0, nil, err
	}
	if len(data) > maxFrameBytes {
		return 0, nil, errFrameTooBig
	}
	c.touch()
	return kind, data, nil
}

func (c *conn) ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// authenticate handles the first frame (M2 and M3): the token must hold, and
// must be that of the user whom the path names.
func (c *conn) authenticate(data []byte) {
	var f authFrame
	if json.Unmarshal(data, &f) != nil || f.Token == "" {
		c.refuse("missing", "", CloseUnauthorized)
		return
	}
	u, claims, err := c.hub.c.Auth.Authenticate(c.ctx, f.Token)
	switch {
	case err != nil && internal(err):
		c.fail(err)
		return
	case err != nil && pairly.ErrorCode(err) == "account_suspended":
		c.refuse("suspended", "", CloseForbidden)
		return
	case err != nil:
		c.refuse(reasonOf(err), "", CloseUnauthorized)
		return
	case u.ID != c.claimed:
		c.refuse("mismatch", u.ID, CloseForbidden)
		return
	}
	c.claims = claims
	c.accept(pairly.Actor{UserID: u.ID, Role: u.Role, IP: c.ip, SessionID: claims.SessionID})
}

// accept makes c a connection of the actor. The frame "connected" comes last:
// whoever has read it can be reached.
func (c *conn) accept(actor pairly.Actor) {
	c.actor = actor
	c.ctx = pairly.WithActor(c.ctx, actor)
	if !c.hub.join(c) {
		c.refuse("too_many_sockets", actor.UserID, CloseAbuse)
		return
	}
	c.lastBeat.Store(c.hub.c.Now().UnixNano())
	c.authed.Store(true)
	c.sock.Authenticated(actor.UserID, actor.SessionID)
	c.hub.c.Presence.SetOnline(c.ctx, actor.UserID, c.id)
	c.send(outgoing{data: connectedFrame(actor.UserID, c.id)})
}

// reasonOf names a token's fault for the log.
func reasonOf(err error) string {
	if f := (*token.Failure)(nil); errors.As(err, &f) {
		switch f.Reason {
		case token.ReasonExpired, token.ReasonType, token.ReasonRevoked:
			return f.Reason
		}
	}
	return "invalid"
}

// refuse ends a connection that did not authenticate. subject is the user
// whose token it was, if it was anybody's.
func (c *conn) refuse(reason, subject string, code int) {
	var whose []slog.Attr
	if subject != "" {
		whose = append(whose, slog.String("user_id", subject))
	}
	c.sock.AuthFailed(reason, c.claimed, code, whose...)
	c.shut(code, "authentication failed")
}

// failedTimeout writes the line of the keeper's verdict, which it leaves to
// the connection's own goroutine, so that lines stay in order.
func (c *conn) failedTimeout() {
	c.mu.Lock()
	timeout := c.closeCode == CloseAuthTimeout
	c.mu.Unlock()
	if timeout {
		c.refuse("timeout", "", CloseAuthTimeout)
	}
}

// answer handles a frame of an authenticated client.
func (c *conn) answer(kind websocket.MessageType, data []byte) {
	f, frameType, invalid := parseFrame(data)
	if kind != websocket.MessageText {
		frameType, invalid = frameUnreadable, invalidPayload("Frames are text.")
	}
	c.sock.Received(frameType, len(data))
	if ok, err := c.recheck(); !ok {
		if err != nil {
			c.fail(err)
		}
		return
	}
	if frameType == framePing && invalid == nil {
		c.pong()
		return
	}
	c.chat(f, frameType, invalid)
}

// pong answers a ping, which counts against the rate like any frame.
func (c *conn) pong() {
	if v := c.hub.c.Limiter.Allow(c.ctx, c.actor.UserID, c.ip); !v.Allowed {
		if v.First {
			c.sock.RateLimited(time.Duration(v.RetryAfter) * time.Second)
		}
		c.send(outgoing{data: errorFrame(pairly.Errorf(pairly.ETooMany, "rate_limited", "Too many frames.").
			With("retry_after", v.RetryAfter))})
		if v.Abuse {
			c.shut(CloseAbuse, "too many frames")
		}
		return
	}
	c.hub.c.Presence.Heartbeat(c.ctx, c.actor.UserID, c.id)
	c.send(outgoing{data: pongFrame})
}

// chat hands a frame to the message service, which decides in the order rate,
// mute, schema, and the rest, and answers (M4 to M7).
func (c *conn) chat(f clientFrame, frameType string, invalid *pairly.Error) {
	res, err := c.hub.c.Messages.Send(c.ctx, message.SendRequest{
		From: c.actor.UserID, To: f.RecipientID, Content: f.Content, ClientMessageID: f.ClientMessageID,
		ConnectionID: c.id, ClientIP: c.ip, FrameType: frameType, Invalid: invalid,
	})
	if err != nil {
		c.reject(err)
		return
	}
	m := res.Message
	c.send(outgoing{data: sentFrame(m.ID, m.ClientMessageID, m.CreditsCharged, res.NewBalance)})
	if !res.Deliver {
		return
	}
	frame := newMessageFrame(m.ID, m.FromUserID, m.Content, m.CreatedAt)
	for _, to := range c.hub.of(m.ToUserID) {
		to.send(outgoing{data: frame, messageID: m.ID, since: m.CreatedAt})
	}
}

// reject answers a frame that was refused; the connection stays open unless
// the fault is ours, or the client goes on and on.
func (c *conn) reject(err error) {
	if internal(err) {
		c.fail(err)
		return
	}
	e := (*pairly.Error)(nil)
	errors.As(err, &e)
	c.send(outgoing{data: errorFrame(e)})
	if message.Abusive(err) {
		c.shut(CloseAbuse, "too many frames")
	}
}

// internal reports whether an error is the service's own fault, not an answer
// to the client. Text that could not be judged is an answer: send it again.
func internal(err error) bool {
	if pairly.ErrorCode(err) == "moderation_unavailable" {
		return false
	}
	switch pairly.ErrorKind(err) {
	case pairly.EInternal, pairly.EUnavailable, pairly.EProvider:
		return true
	}
	return false
}
