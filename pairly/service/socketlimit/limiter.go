package socketlimit

import (
	"context"
	"log/slog"
	"time"
)

// CloseAbuse is the WebSocket close code for a connection of a user who went
// on sending over too many refused windows.
const CloseAbuse = 4429

// Config is what a [Limiter] is made of. Log is required.
type Config struct {
	Log     *slog.Logger     // service.ws_rate_limiter
	Counter Counter          // default: the memory of this process
	Now     func() time.Time // default time.Now

	PerUser       int           // messages of a user in a window; default 30
	PerIP         int           // messages from an address in a window; default 60
	Window        time.Duration // default 5 s
	AbuseWindows  int           // refused windows that mean abuse; default 10
	AbuseInterval time.Duration // within this time; default 10 min
}

// A Counter counts hits in windows. Implementations are safe for concurrent
// use.
type Counter interface {
	// Hit counts one hit on key. The first hit opens a window of the given
	// length; hits after its end open the next one. It returns the hits of
	// the window, this one included, and how long ago the window opened.
	Hit(ctx context.Context, key string, window time.Duration, now time.Time) (count int, age time.Duration, err error)
}

// A Verdict says what to do with a frame.
type Verdict struct {
	Allowed    bool
	RetryAfter int  // in seconds, when not allowed
	First      bool // the first refusal of its window: worth a line
	Abuse      bool // the socket must be closed with CloseAbuse
}

// Limiter counts the messages of users and addresses. It is safe for
// concurrent use.
type Limiter struct{ c Config }

// New returns a limiter.
func New(c Config) *Limiter { return &Limiter{c: c} }

// Allow counts a frame of a user from an address and says whether it may
// pass. An empty ip is not counted.
func (l *Limiter) Allow(ctx context.Context, userID, ip string) Verdict {
	return Verdict{Allowed: true}
}
