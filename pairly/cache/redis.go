package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/pairly/pairlog/pairly"
)

const (
	keyPrefix = "pairly:"
	// opTimeout bounds what one operation may cost a request before memory
	// takes over.
	opTimeout   = 500 * time.Millisecond
	pingTimeout = 2 * time.Second
	firstRetry  = 500 * time.Millisecond
	lastRetry   = 30 * time.Second
	// sayEvery is the time between two lines about one operation while Redis
	// is away; each carries the count since the last.
	sayEvery = 10 * time.Second
)

// remote is the connection to Redis. When an operation fails it counts as
// away, nothing more is sent to it, and one goroutine pings until it answers.
type remote struct {
	client *redis.Client
	host   string // without credentials
	c      Config

	up   atomic.Bool
	away chan struct{} // wakes the goroutine; holds one
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	missed map[string]*missed // by operation, since Redis went away
}

// missed counts operations that memory did instead.
type missed struct {
	count int64 // since the last line
	said  time.Time
}

// quiet turns the driver's own lines off. It prints them to standard error,
// past the log; what they tell of, redis_unavailable tells.
var quiet sync.Once

type silence struct{}

// Printf drops the line.
func (silence) Printf(context.Context, string, ...any) {}

func openRemote(ctx context.Context, rawURL string, c Config) (*remote, error) {
	opts, err := redis.ParseURL(rawURL)
	if err != nil {
		var bare *url.Error
		if errors.As(err, &bare) {
			err = bare.Err // without the URL, which may hold a password
		}
		return nil, fmt.Errorf("parse Redis URL: %w", err)
	}
	quiet.Do(func() { redis.SetLogger(silence{}) })
	opts.MaxRetries = -1 // memory is the retry
	opts.DialerRetries = 1
	opts.DialTimeout = time.Second
	opts.ReadTimeout, opts.WriteTimeout, opts.PoolTimeout = opTimeout, opTimeout, opTimeout
	opts.DisableIdentity = true
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	run, stop := context.WithCancel(context.Background())
	r := &remote{
		client: redis.NewClient(opts), host: opts.Addr, c: c,
		away: make(chan struct{}, 1), stop: stop, missed: make(map[string]*missed),
	}
	if c.Hook != nil {
		r.client.AddHook(c.Hook)
	}
	if err := r.ping(ctx); err != nil {
		r.unavailable(ctx, err)
	}
	r.done.Go(func() { c.Supervise(func() { r.reconnect(run) }) })
	return r, nil
}

// ping tries once, and says so when Redis answers.
func (r *remote) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	start := time.Now()
	if err := r.client.Ping(ctx).Err(); err != nil {
		return err
	}
	r.mu.Lock()
	clear(r.missed)
	r.mu.Unlock()
	// The line first: once up is set the next failure may have one of its own.
	r.c.Log.LogAttrs(ctx, slog.LevelInfo, "redis_connected",
		slog.String("host", r.host),
		slog.Duration("latency_ms", time.Since(start)))
	r.up.Store(true)
	return nil
}

func (r *remote) unavailable(ctx context.Context, err error) {
	r.c.Log.LogAttrs(ctx, slog.LevelError, "redis_unavailable",
		slog.String("host", r.host),
		slog.String("error_type", pairly.ErrorType(err)),
		slog.Duration("retry_in_ms", firstRetry))
	select {
	case r.away <- struct{}{}:
	default:
	}
}

// reconnect waits until Redis is away, then pings it, less and less often,
// until it answers; and so on until ctx ends.
func (r *remote) reconnect(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.away:
		}
		for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			if r.ping(ctx) == nil {
				break
			}
		}
	}
}

func (r *remote) close() error {
	r.stop()
	r.done.Wait()
	err := r.client.Close()
	if r.up.Swap(false) {
		r.c.Log.LogAttrs(context.Background(), slog.LevelInfo, "redis_disconnected", slog.String("reason", "closed"))
	}
	return err
}

// do runs an operation on Redis and reports whether Redis answered. It did
// not when it is away, or is found to be.
func (r *remote) do(ctx context.Context, operation string, run func(ctx context.Context) error) bool {
	if !r.up.Load() {
		r.miss(ctx, operation)
		return false
	}
	opCtx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	err := run(opCtx)
	if err == nil || errors.Is(err, redis.Nil) {
		return true
	}
	if ctx.Err() != nil {
		return false // the caller left: no verdict on Redis
	}
	if r.up.CompareAndSwap(true, false) {
		r.unavailable(ctx, err)
	}
	r.miss(ctx, operation)
	return false
}

// miss counts an operation that memory does instead.
func (r *remote) miss(ctx context.Context, operation string) {
	now := r.c.Now()
	r.mu.Lock()
	m := r.missed[operation]
	if m == nil {
		m = new(missed)
		r.missed[operation] = m
	}
	m.count++
	count := m.count
	say := m.said.IsZero() || now.Sub(m.said) >= sayEvery
	if say {
		m.count, m.said = 0, now
	}
	r.mu.Unlock()
	if say {
		r.c.Log.LogAttrs(ctx, slog.LevelWarn, "redis_degraded_operation",
			slog.String("operation", operation),
			slog.String("fallback", "memory"),
			slog.Int64("count", count))
	}
}
