package realtime

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/wslog"
)

// Close codes of RFC 6455, section 7.4, that the hub uses itself.
const (
	closeGoingAway = int(websocket.StatusGoingAway)
	closeAbnormal  = int(websocket.StatusAbnormalClosure) // never sent: the connection was lost or cut
	closeTooBig    = int(websocket.StatusMessageTooBig)
	closeInternal  = int(websocket.StatusInternalError)
	closeTryLater  = int(websocket.StatusTryAgainLater)
)

// An outgoing is a frame on its way to the client.
type outgoing struct {
	data      []byte
	messageID string    // of a delivery, empty for answers
	since     time.Time // of a delivery: when the message was sent
}

// A conn is one open socket.
type conn struct {
	hub    *Hub
	ws     *websocket.Conn
	ctx    context.Context // carries the socket's scope; ends with cancel
	cancel context.CancelFunc
	sock   *wslog.Socket // set by run, before anything can be logged

	id      string
	claimed string // the user that the path names
	ip      string
	opened  time.Time // by the hub's clock

	// actor and claims are written by the reader before it joins the hub, and
	// not changed after that; authed publishes them to the keeper.
	actor  pairly.Actor
	claims *pairly.Claims
	authed atomic.Bool

	out  chan outgoing // read by the writer alone
	beat chan struct{} // from the keeper to the writer; holds one
	stop chan struct{} // closed by shut: the writer sends what waits and closes
	done sync.WaitGroup

	mu        sync.Mutex
	closed    bool   // stop is closed; nothing is queued any more
	closeCode int    // 0: the connection is lost, there is nobody to tell
	reason    string // at most 123 bytes

	lastTraffic atomic.Int64 // hub's clock, Unix nanoseconds
	pingSent    atomic.Int64 // the same, 0 when no ping is unanswered
	lastBeat    atomic.Int64 // the same
}

// A lossReason is why a delivery was not even tried; it is the error_type of
// its line.
type lossReason string

// The reasons.
const (
	backlogFull lossReason = "backlog_full"
	closed      lossReason = "closed"
)

// Error tells of the reason.
func (r lossReason) Error() string { return "deliver message: " + string(r) }

// ErrorType returns the reason.
func (r lossReason) ErrorType() string { return string(r) }

// shut ends the connection: what waits is still sent, then a close frame with
// code and reason. The first call decides; code 0 says that the connection is
// lost already. It does not wait. Safe for concurrent use.
func (c *conn) shut(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed, c.closeCode, c.reason = true, code, reason
	close(c.stop)
}

// cut ends the connection without another word. Safe for concurrent use.
func (c *conn) cut() {
	c.shut(0, "")
	c.cancel()
}

// send queues a frame for the writer. A client that lets the backlog fill up
// is cut off: a socket without bound would hold the process's memory.
func (c *conn) send(o outgoing) {
	c.mu.Lock()
	full := false
	if !c.closed {
		select {
		case c.out <- o:
			c.mu.Unlock()
			return
		default:
			full = true
		}
	}
	c.mu.Unlock()
	if full {
		c.undelivered(o, backlogFull)
		c.shut(closeTryLater, "the connection is too slow")
		return
	}
	c.undelivered(o, closed)
}

// write is the writer: it alone sends frames and closes the connection.
func (c *conn) write() {
	lost := false
	for open := true; open; {
		select {
		case o := <-c.out:
			lost = lost || !c.writeFrame(o)
		case <-c.beat:
			c.checkIn()
		case <-c.stop:
			open = false
		}
	}
	// closed is set, so nothing is queued behind what is there.
	for len(c.out) > 0 {
		o := <-c.out
		if lost || c.closeCode == 0 {
			c.undelivered(o, closed)
			continue
		}
		lost = !c.writeFrame(o)
	}
	if lost || c.closeCode == 0 {
		_ = c.ws.CloseNow() // the connection is gone either way
		return
	}
	_ = c.ws.Close(websocket.StatusCode(c.closeCode), c.reason) // an error means that the peer did not answer
}

// writeFrame sends one frame and reports whether it went out. Where it did
// not, the connection is lost.
func (c *conn) writeFrame(o outgoing) bool {
	ctx, cancel := context.WithTimeout(c.ctx, c.hub.c.WriteWithin)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageText, o.data); err != nil {
		c.undelivered(o, err)
		c.shut(0, "")
		return false
	}
	if o.messageID == "" {
		c.sock.Sent(len(o.data))
		return true
	}
	c.sock.Delivered(o.messageID, len(o.data), c.hub.c.Now().Sub(o.since))
	return true
}

// undelivered tells of a delivery that did not reach the socket. The message
// itself is safe: it is in the history.
func (c *conn) undelivered(o outgoing, why error) {
	if o.messageID != "" {
		c.sock.DeliveryFailed(o.messageID, why)
	}
}

// checkIn keeps the user online and ends the socket of a session that ended,
// also when the client says nothing.
func (c *conn) checkIn() {
	c.hub.c.Presence.Heartbeat(c.ctx, c.actor.UserID, c.id)
	c.recheck()
}

// recheck ends the socket when its session or its user may not go on, and
// reports whether they may. A check that fails is reported and refuses
// nothing but the frame at hand.
func (c *conn) recheck() (bool, error) {
	err := c.hub.c.Auth.Recheck(c.ctx, c.claims)
	switch pairly.ErrorKind(err) {
	case "":
		return true, nil
	case pairly.EForbidden:
		c.shut(CloseForbidden, "the account is suspended")
		return false, nil
	case pairly.EUnauthorized, pairly.ENotFound:
		c.shut(CloseUnauthorized, "the session has ended")
		return false, nil
	}
	return false, err
}

// endedWith returns the close code and reason for the log: ours where we
// closed, else the code of the peer, whose reason is its own text; and 1006
// where the connection ended without one.
func (c *conn) endedWith(readErr error) (code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed && c.closeCode != 0 {
		return c.closeCode, c.reason
	}
	if code := websocket.CloseStatus(readErr); code != -1 {
		return int(code), ""
	}
	return closeAbnormal, ""
}

func (c *conn) touch() {
	c.lastTraffic.Store(c.hub.c.Now().UnixNano())
	c.pingSent.Store(0)
}

// ping asks the peer for a sign of life; any frame answers it.
func (c *conn) ping() {
	err := c.ws.Ping(c.ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		c.shut(0, "") // the connection is closed: the reader sees it too
	}
}
