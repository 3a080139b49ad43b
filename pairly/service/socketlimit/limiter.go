package socketlimit

import (
	"context"
	"log/slog"
	"time"
)

// CloseAbuse is the WebSocket close code for a connection of a user who went
// on sending over too many refused windows.
const CloseAbuse = 4429

// keyLife is how long a window is remembered, counted from its opening; what
// is left of it tells a refused client when to come back, but at least
// minRetry.
const (
	keyLife  = 10 * time.Second
	minRetry = 5 * time.Second
)

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

func (c Config) withDefaults() Config {
	if c.Counter == nil {
		c.Counter = NewMemory()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PerUser == 0 {
		c.PerUser = 30
	}
	if c.PerIP == 0 {
		c.PerIP = 60
	}
	if c.Window == 0 {
		c.Window = 5 * time.Second
	}
	if c.AbuseWindows == 0 {
		c.AbuseWindows = 10
	}
	if c.AbuseInterval == 0 {
		c.AbuseInterval = 10 * time.Minute
	}
	return c
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
type Limiter struct {
	c        Config
	fallback *Memory // used while Counter fails
}

// New returns a limiter.
func New(c Config) *Limiter {
	return &Limiter{c: c.withDefaults(), fallback: NewMemory()}
}

// Allow counts a frame of a user from an address and says whether it may
// pass. An empty ip is not counted. The first refusal of a window writes
// ws_rate_limit_exceeded; the others of that window write nothing, so that a
// flood of frames is not a flood of lines.
func (l *Limiter) Allow(ctx context.Context, userID, ip string) Verdict {
	now := l.c.Now()
	if v := l.count(ctx, now, "user", userID, userID, l.c.PerUser); !v.Allowed {
		if v.First {
			refused, _ := l.hit(ctx, "refused:"+userID, l.c.AbuseInterval, now)
			v.Abuse = refused >= int64(l.c.AbuseWindows)
		}
		return v
	}
	if ip == "" {
		return Verdict{Allowed: true}
	}
	return l.count(ctx, now, "ip", ip, userID, l.c.PerIP)
}

func (l *Limiter) count(ctx context.Context, now time.Time, scope, subject, userID string, limit int) Verdict {
	n, age := l.hit(ctx, scope+":"+subject, l.c.Window, now)
	if n <= int64(limit) {
		return Verdict{Allowed: true}
	}
	wait := max(keyLife-age, minRetry)
	v := Verdict{RetryAfter: int((wait + time.Second - 1) / time.Second), First: n == int64(limit)+1}
	if v.First {
		l.c.Log.LogAttrs(ctx, slog.LevelWarn, "ws_rate_limit_exceeded",
			slog.String("user_id", userID),
			slog.String("scope", scope),
			slog.Int64("count", n),
			slog.Int("limit", limit),
			slog.Float64("window_seconds", l.c.Window.Seconds()),
			slog.Int("retry_after", v.RetryAfter))
	}
	return v
}

// hit counts in the process's own memory when the shared counter fails: a
// limit for each instance is better than none.
func (l *Limiter) hit(ctx context.Context, key string, window time.Duration, now time.Time) (int64, time.Duration) {
	n, age, err := l.c.Counter.Hit(ctx, key, window, now)
	if err != nil {
		n, age, _ = l.fallback.Hit(ctx, key, window, now)
	}
	return n, age
}
