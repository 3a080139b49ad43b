package realtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
)

// The close codes of the sockets, beside the ones of RFC 6455.
const (
	CloseUnauthorized = 4401 // no token, or one that does not hold (any more)
	CloseForbidden    = 4403 // another user's token, or a suspended user
	CloseAuthTimeout  = 4408 // no token in time
	CloseAbuse        = socketlimit.CloseAbuse
)

// An Authenticator knows who holds a token; see package auth. The hub calls it
// with a quiet context: see package token.
type Authenticator interface {
	// Authenticate verifies an access token in full.
	Authenticate(ctx context.Context, accessToken string) (*pairly.User, *pairly.Claims, error)
	// Recheck returns nil while the session of cl is alive and its user is
	// not suspended; its answer may be five seconds old.
	Recheck(ctx context.Context, cl *pairly.Claims) error
}

// Messages sends chat messages; see [message.Service.Send].
type Messages interface {
	Send(ctx context.Context, r message.SendRequest) (message.SendResult, error)
}

// Presence learns who is connected; see package presence.
type Presence interface {
	SetOnline(ctx context.Context, userID, connectionID string)
	Heartbeat(ctx context.Context, userID, connectionID string)
	SetOffline(ctx context.Context, userID, connectionID string)
}

// A Limiter limits pings; chat frames are limited by [Messages].
type Limiter interface {
	Allow(ctx context.Context, userID, ip string) socketlimit.Verdict
}

// Config is what a [Hub] is made of. The services and Log are required;
// durations that are zero take their default.
type Config struct {
	Auth     Authenticator
	Messages Messages
	Presence Presence
	Limiter  Limiter

	Log     *slog.Logger // websocket.messaging
	Recover *slog.Logger // app.recover: panics; default Log

	// Origins are the origins of web pages that may open a socket, such as
	// "https://pairly.example". Clients without an Origin header may, and so
	// may pages of the service's own host.
	Origins []string

	Now  func() time.Time // default time.Now
	Tick time.Duration    // real time between two looks at Now; default 200 ms

	AuthTimeout time.Duration // for the first frame; default 10 s
	PingAfter   time.Duration // without traffic; default 60 s
	PongWithin  time.Duration // else the connection is given up; default 45 s
	BeatEvery   time.Duration // presence beat and recheck of the session; default 15 s
	WriteWithin time.Duration // for one frame, in real time; default 10 s

	Backlog    int // frames that may wait for a slow client; default 128
	MaxPerUser int // sockets of one user; default 32
}

func (c Config) withDefaults() Config {
	if c.Recover == nil {
		c.Recover = c.Log
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.Tick, 200 * time.Millisecond}, {&c.AuthTimeout, 10 * time.Second}, {&c.PingAfter, time.Minute},
		{&c.PongWithin, 45 * time.Second}, {&c.BeatEvery, 15 * time.Second}, {&c.WriteWithin, 10 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Backlog == 0 {
		c.Backlog = 128
	}
	if c.MaxPerUser == 0 {
		c.MaxPerUser = 32
	}
	return c
}

// A Hub knows every open connection of this process. It is safe for
// concurrent use. Call [Hub.Shutdown] when done.
type Hub struct {
	c Config

	mu      sync.Mutex
	conns   map[string]*conn            // by connection id, since the upgrade
	users   map[string]map[string]*conn // user id -> connection id -> authenticated connection
	closing bool
	drained chan struct{} // closed when closing and the last connection is gone

	stop   chan struct{} // closed by Shutdown: ends the keeper
	keeper sync.WaitGroup
}

// New returns a hub, whose keeper runs until [Hub.Shutdown].
func New(c Config) *Hub {
	h := &Hub{
		c:       c.withDefaults(),
		conns:   map[string]*conn{},
		users:   map[string]map[string]*conn{},
		drained: make(chan struct{}),
		stop:    make(chan struct{}),
	}
	h.keeper.Go(func() {
		keep := func(context.Context) { h.keep() }
		// After a panic it goes on with the next tick.
		for pairlog.Go(context.Background(), h.c.Recover, keep).Wait() != nil {
		}
	})
	return h
}

// Connections returns how many sockets are open, authenticated or not.
func (h *Hub) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// newConnectionID returns "conn_" and twelve random hexadecimal characters.
func newConnectionID() string {
	var b [6]byte
	rand.Read(b[:]) // never fails: crypto/rand.Read aborts the process instead
	return "conn_" + hex.EncodeToString(b[:])
}

// add takes a connection into the hub, unless the hub is closing.
func (h *Hub) add(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.conns[c.id] = c
	return true
}

// join makes c a connection of its user, unless he has too many.
func (h *Hub) join(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.users[c.actor.UserID]
	if len(of) >= h.c.MaxPerUser {
		return false
	}
	if of == nil {
		of = map[string]*conn{}
		h.users[c.actor.UserID] = of
	}
	of[c.id] = c
	return true
}

// leave stops deliveries to c; other connections of its user stay.
func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if of := h.users[c.actor.UserID]; of[c.id] == c {
		if delete(of, c.id); len(of) == 0 {
			delete(h.users, c.actor.UserID)
		}
	}
}

// remove forgets c; it is the last that a connection does.
func (h *Hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c.id)
	if h.closing && len(h.conns) == 0 {
		close(h.drained)
	}
}

// of returns the authenticated connections of a user.
func (h *Hub) of(userID string) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	cs := make([]*conn, 0, len(h.users[userID]))
	for _, c := range h.users[userID] {
		cs = append(cs, c)
	}
	return cs
}

// all returns every connection.
func (h *Hub) all() []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	cs := make([]*conn, 0, len(h.conns))
	for _, c := range h.conns {
		cs = append(cs, c)
	}
	return cs
}

// SessionEnded closes the sockets of a session of a user that was revoked. It
// does not wait for them.
func (h *Hub) SessionEnded(userID, sessionID string, reason pairly.RevokeReason) {
	code, text := CloseUnauthorized, "the session has ended"
	if reason == pairly.RevokedSuspended {
		code, text = CloseForbidden, "the account is suspended"
	}
	for _, c := range h.of(userID) {
		if c.actor.SessionID == sessionID {
			c.shut(code, text)
		}
	}
}

// Shutdown refuses new sockets, sends what waits on the open ones, closes
// them with 1001 and waits until each has written its last line. When ctx
// ends first, it cuts the ones that are left and returns the cause.
func (h *Hub) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	if !h.closing {
		h.closing = true
		close(h.stop)
		if len(h.conns) == 0 {
			close(h.drained)
		}
	}
	h.mu.Unlock()
	h.keeper.Wait()
	for _, c := range h.all() {
		c.shut(closeGoingAway, "the service is stopping")
	}
	select {
	case <-h.drained:
		return nil
	case <-ctx.Done():
	}
	for _, c := range h.all() {
		c.cut()
	}
	<-h.drained
	return context.Cause(ctx)
}
