package wslog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pairly/pairlog"
)

// Config describes a socket.
type Config struct {
	// Logger writes the lines. Nil means slog.Default().
	Logger *slog.Logger

	// ConnectionID names the socket. Empty means conn_ and twelve random
	// hexadecimal digits.
	ConnectionID string

	// ClientIP and UserAgent are those of the handshake.
	ClientIP, UserAgent string

	// LevelOf returns the level of ws_disconnected. Nil means [LevelOf]. After a
	// panic it is ERROR at least.
	LevelOf func(closeCode int) slog.Level

	// Recover writes panic_recovered at CRITICAL, before the ws_error of a panic.
	// Nil means Logger.
	Recover *slog.Logger

	// Now is the clock that lifetimes are measured by. Nil means time.Now.
	Now func() time.Time
}

// A Socket is one WebSocket connection. All methods are safe for concurrent use.
type Socket struct {
	config Config
	ctx    context.Context
	scope  *pairlog.Scope
	start  time.Time

	user      atomic.Pointer[string] // nil until it is authenticated
	in, out   atomic.Int64           // messages
	bytesIn   atomic.Int64
	bytesOut  atomic.Int64
	lastFrame atomic.Int64 // nanoseconds after start

	mu         sync.Mutex
	closing    *closeFrame // guarded by mu; nil while this side has sent none
	closed     bool        // guarded by mu
	limited    time.Time   // guarded by mu; of the last ws_rate_limited line
	suppressed int         // guarded by mu; refusals since then
	refused    int         // guarded by mu; all refusals
	panicked   bool        // guarded by mu; see Panicked
}

// Open writes ws_connected and returns a context with the socket's scope, for
// everything that is done on behalf of the socket, and the socket. Ctx should
// be that of the handshake's request.
func Open(ctx context.Context, c Config) (context.Context, *Socket) {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.ConnectionID == "" {
		c.ConnectionID = newConnectionID()
	}
	if c.LevelOf == nil {
		c.LevelOf = LevelOf
	}
	if c.Recover == nil {
		c.Recover = c.Logger
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Socket{config: c, start: c.Now()}
	s.ctx, s.scope = pairlog.NewScope(ctx, pairlog.ScopeConfig{
		Attrs: []slog.Attr{slog.String(pairlog.KeyConnectionID, c.ConnectionID)},
	})
	s.Log(slog.LevelInfo, "ws_connected", s.connection(),
		slog.String(pairlog.KeyClientIP, c.ClientIP),
		slog.String(pairlog.KeyUserAgent, c.UserAgent),
		s.userID())
	return s.ctx, s
}

func newConnectionID() string {
	var b [6]byte
	rand.Read(b[:]) // never fails: see its documentation
	return "conn_" + hex.EncodeToString(b[:])
}

// ID returns the connection_id.
func (s *Socket) ID() string { return s.config.ConnectionID }

// Context returns the context of [Open].
func (s *Socket) Context() context.Context { return s.ctx }

// Log writes an event of the socket that this package has no method for. The
// scope adds connection_id and user_id where attrs has them not.
func (s *Socket) Log(level slog.Level, event string, attrs ...slog.Attr) {
	pairlog.Log(s.ctx, s.config.Logger, level, event, attrs...)
}

// Authenticated writes ws_auth_success. From now on the socket's lines have the
// user's id.
func (s *Socket) Authenticated(userID, sessionID string) {
	s.user.Store(&userID)
	s.scope.Add(slog.String(pairlog.KeyUserID, userID))
	s.Log(slog.LevelInfo, "ws_auth_success", s.userID(), s.connection(),
		slog.String(pairlog.KeySessionID, sessionID))
}

// AuthFailed writes ws_auth_failed: why (missing, invalid, mismatch, timeout,
// suspended), who the client claimed to be, if anyone, and the code that the
// socket will be closed with. Attrs are what else is known, such as whose token
// it was.
func (s *Socket) AuthFailed(reason, claimedUserID string, closeCode int, attrs ...slog.Attr) {
	s.Log(slog.LevelWarn, "ws_auth_failed", append([]slog.Attr{s.connection(),
		slog.String("reason", reason),
		{Key: "claimed_user_id", Value: orNull(claimedUserID)},
		slog.Int("close_code", closeCode)}, attrs...)...)
}

// Received counts a message that came in, of length bytes, and writes
// ws_message_received at DEBUG. It is where the socket's scope begins its next piece
// of work, see [pairlog.Scope.Renew].
func (s *Socket) Received(frameType string, length int) {
	s.scope.Renew()
	s.in.Add(1)
	s.bytesIn.Add(int64(length))
	s.touch()
	if s.debugs() {
		s.Log(slog.LevelDebug, "ws_message_received", s.userID(), s.connection(),
			slog.String("frame_type", frameType),
			slog.Int("message_length", length))
	}
}

// Sent counts a message that went out, of length bytes, and writes ws_frame_sent at
// DEBUG.
func (s *Socket) Sent(length int) {
	s.went(length)
	if s.debugs() {
		s.Log(slog.LevelDebug, "ws_frame_sent", s.userID(), s.connection(),
			slog.Int("message_length", length))
	}
}

// Delivered is [Socket.Sent] for a message with an id: its line is
// ws_message_delivered. The latency is from when the message was accepted until
// now.
func (s *Socket) Delivered(messageID string, length int, latency time.Duration) {
	s.went(length)
	if s.debugs() {
		s.Log(slog.LevelDebug, "ws_message_delivered", s.userID(), s.connection(),
			slog.String("message_id", messageID),
			slog.Float64("latency_ms", round(latency.Seconds()*1000)),
			slog.Int("message_length", length))
	}
}

// went counts a message that went out.
func (s *Socket) went(length int) {
	s.out.Add(1)
	s.bytesOut.Add(int64(length))
	s.touch()
}

// debugs reports whether a line at DEBUG would be written or recorded: for each
// message there is one, whose attrs need not be made otherwise.
func (s *Socket) debugs() bool { return s.config.Logger.Enabled(s.ctx, slog.LevelDebug) }

// DeliveryFailed writes ws_delivery_failed.
func (s *Socket) DeliveryFailed(messageID string, err error) {
	s.Log(slog.LevelWarn, "ws_delivery_failed", s.userID(), s.connection(),
		slog.String("message_id", messageID),
		slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
}

// Rejected writes ws_message_rejected: a message that broke a rule.
func (s *Socket) Rejected(errorCode, frameType string) {
	s.Log(slog.LevelWarn, "ws_message_rejected", s.userID(), s.connection(),
		slog.String(pairlog.KeyErrorCode, errorCode),
		slog.String("frame_type", frameType))
}

// limitEvery is how often a socket has a ws_rate_limited line: a client that
// floods must not flood the log.
const limitEvery = time.Second

// RateLimited writes ws_rate_limited for a message that came too soon, at most
// once a second; the line counts those it stands for in suppressed, and
// ws_disconnected all of them. RetryAfter is what the client is told; it is written
// in whole seconds, rounded up.
func (s *Socket) RateLimited(retryAfter time.Duration) {
	now := s.config.Now()
	s.mu.Lock()
	s.refused++
	if !s.limited.IsZero() && now.Sub(s.limited) < limitEvery {
		s.suppressed++
		s.mu.Unlock()
		return
	}
	suppressed := s.suppressed
	s.limited, s.suppressed = now, 0
	s.mu.Unlock()
	attrs := []slog.Attr{s.userID(), s.connection(),
		slog.Int64("retry_after", int64(math.Ceil(retryAfter.Seconds())))}
	if suppressed > 0 {
		attrs = append(attrs, slog.Int("suppressed", suppressed))
	}
	s.Log(slog.LevelWarn, "ws_rate_limited", attrs...)
}

// Error writes ws_error with the error's stack: something on this side went
// wrong. That a connection was lost is no such error; Close tells of it.
func (s *Socket) Error(err error) {
	s.Log(slog.LevelError, "ws_error", s.userID(), s.connection(), pairlog.Err(err))
}

func (s *Socket) touch() { s.lastFrame.Store(int64(s.config.Now().Sub(s.start))) }

func (s *Socket) connection() slog.Attr {
	return slog.String(pairlog.KeyConnectionID, s.config.ConnectionID)
}

func (s *Socket) userID() slog.Attr {
	v := slog.AnyValue(nil)
	if id := s.user.Load(); id != nil {
		v = slog.StringValue(*id)
	}
	return slog.Attr{Key: pairlog.KeyUserID, Value: v}
}

func orNull(s string) slog.Value {
	if s == "" {
		return slog.AnyValue(nil)
	}
	return slog.StringValue(s)
}

// round rounds to two decimals.
func round(f float64) float64 { return math.Round(f*100) / 100 }
