package realtime

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coder/websocket"
	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/token"
	"github.com/pairly/pairlog/wslog"
)

// KindUpgrade is the kind of the error for a request that should have asked
// for a WebSocket; its HTTP status is 426.
const KindUpgrade pairly.Kind = "upgrade_required"

// CheckUpgrade returns why r cannot become a socket, nil when it can: a
// *pairly.Error that the API answers in its own shape. A request that does
// not ask for a WebSocket is upgrade_required.
func (h *Hub) CheckUpgrade(r *http.Request) error {
	switch {
	case !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket"):
		return pairly.Errorf(KindUpgrade, "upgrade_required", "This address speaks WebSocket only.")
	case r.Header.Get("Sec-WebSocket-Version") != "13" || !validKey(r.Header.Values("Sec-WebSocket-Key")):
		return pairly.Errorf(pairly.EBadRequest, "handshake_invalid", "The WebSocket handshake is not valid.")
	case !h.allowsOrigin(r):
		return pairly.Errorf(pairly.EForbidden, "origin_not_allowed", "This page may not open a socket here.")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return pairly.Errorf(pairly.EUnavailable, "shutting_down", "The service is stopping; please connect again.")
	}
	return nil
}

// hasToken looks for a token in a comma-separated header, in any case.
func hasToken(header http.Header, name, token string) bool {
	for _, line := range header.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// validKey checks the nonce of RFC 6455, section 4.1: 16 bytes in base64.
func validKey(keys []string) bool {
	if len(keys) != 1 {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(keys[0]))
	return err == nil && len(raw) == 16
}

// allowsOrigin guards against pages of other sites that open sockets in the
// name of their visitors. Programs send no Origin.
func (h *Hub) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.c.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// Chat upgrades r, which passed [Hub.CheckUpgrade], to the chat socket of the
// user with the id and serves it until it is closed. The context of r carries
// the request as [pairly.WithRequest] put it. An error means that nothing was
// written; once the socket is accepted there is none.
func (h *Hub) Chat(w http.ResponseWriter, r *http.Request, userID string) error {
	// A refused token is told of by ws_auth_failed and the close code alone.
	ctx, cancel := context.WithCancel(token.Quiet(context.WithoutCancel(r.Context())))
	defer cancel()
	c := &conn{
		hub: h, ctx: ctx, cancel: cancel,
		id: newConnectionID(), claimed: userID, ip: pairly.RequestFrom(ctx).ClientIP, opened: h.c.Now(),
		out: make(chan outgoing, h.c.Backlog), beat: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	c.touch()
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // allowsOrigin has looked
		OnPingReceived:     func(context.Context, []byte) bool { c.touch(); return true },
		OnPongReceived:     func(context.Context, []byte) { c.touch() },
	})
	if err != nil {
		return err
	}
	ws.SetReadLimit(-1) // read bounds frames itself, so that it can say 1009 and be heard
	c.ws = ws
	if !h.add(c) { // began to stop while the upgrade was under way
		_ = ws.Close(websocket.StatusGoingAway, "the service is stopping")
		return nil
	}
	defer h.remove(c)
	c.run()
	return nil
}

// run serves an accepted connection to its end.
func (c *conn) run() {
	c.ctx, c.sock = wslog.Open(c.ctx, wslog.Config{
		Logger: c.hub.c.Log, ConnectionID: c.id,
		ClientIP: c.ip, UserAgent: pairly.RequestFrom(c.ctx).UserAgent,
		LevelOf: endLevel, Recover: c.hub.c.Recover, Now: c.hub.c.Now,
	})
	c.done.Go(c.runWriter)
	readErr := c.guard(c.serve)
	c.shut(0, "") // where nobody else did
	c.done.Wait()
	if c.authed.Load() {
		c.hub.leave(c)
	}
	c.sock.Close(c.endedWith(readErr))
	if c.authed.Load() {
		c.hub.c.Presence.SetOffline(context.WithoutCancel(c.ctx), c.actor.UserID, c.id)
	}
}

// endLevel is the level of every ws_disconnected but that of a panic: that phones
// lose their connection is everyday, and what is our fault has its ws_error.
func endLevel(int) slog.Level { return slog.LevelInfo }

// guard runs serve and turns a panic into the end of this one connection.
func (c *conn) guard(serve func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = pairlog.Recovered(v)
			c.sock.Panicked(err, slog.String("endpoint", pairly.RequestFrom(c.ctx).Endpoint))
			c.shut(closeInternal, "internal error")
		}
	}()
	return serve()
}

// runWriter is write, and closes the connection in its place when it panics.
func (c *conn) runWriter() {
	if c.guard(func() error { c.write(); return nil }) == nil {
		return
	}
	c.mu.Lock()
	code, reason := c.closeCode, c.reason
	c.mu.Unlock()
	if code == 0 {
		_ = c.ws.CloseNow() // the connection is gone either way
		return
	}
	_ = c.ws.Close(websocket.StatusCode(code), reason) // an error means that the peer did not answer
}

// fail reports an error that is not the client's, and closes with 1011. What
// a cut connection was doing fails because it was cut; that is not reported.
func (c *conn) fail(err error) {
	if c.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return
	}
	c.sock.Error(err)
	c.shut(closeInternal, "internal error")
}
