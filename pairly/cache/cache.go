// Package cache is the fast copy of what the database knows, shared by all
// instances through Redis, or in memory where there is one instance.
//
// It holds revocations, sliding logs of requests and locks. Nothing depends
// on it: the database is the source of truth. While a configured Redis is
// away memory stands in, which costs the sharing between instances and
// nothing else.
package cache

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog/pairly"
)

// Config says how to open a [Cache]. The zero value works.
type Config struct {
	// Log is the logger core.redis; nil discards.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// MaxKeys bounds the keys in memory; 0 means 50000.
	MaxKeys int
	// Hook sees every command to Redis; nil means none.
	Hook redis.Hook
	// Supervise calls the loop that waits for Redis, and returns when the loop has:
	// so that a service can keep a panic of it from ending the process. Nil
	// means a plain call.
	Supervise func(loop func())
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxKeys == 0 {
		c.MaxKeys = 50_000
	}
	if c.Supervise == nil {
		c.Supervise = func(loop func()) { loop() }
	}
	return c
}

// A Cache is safe for concurrent use. Its methods do not fail: what Redis
// does not answer in half a second, memory does.
type Cache struct {
	c      Config
	memory *memory
	redis  *remote // nil when there is none
}

// Open returns a cache on the Redis at url (redis:// or rediss://), or in
// memory when url is empty. It fails only on a url that cannot be parsed: a
// Redis that is away is waited for in the background. Close the cache when
// done.
func Open(ctx context.Context, url string, c Config) (*Cache, error) {
	c = c.withDefaults()
	cache := &Cache{c: c, memory: newMemory(c.MaxKeys)}
	if url == "" {
		return cache, nil
	}
	r, err := openRemote(ctx, url, c)
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	cache.redis = r
	return cache, nil
}

// Close ends the connection to Redis and the wait for it.
func (c *Cache) Close() error {
	if c.redis == nil {
		return nil
	}
	return c.redis.close()
}

// Degraded reports whether a Redis is configured and away; readiness checks
// ask it.
func (c *Cache) Degraded() bool { return c.redis != nil && !c.redis.up.Load() }

// Shared reports whether a Redis is configured.
func (c *Cache) Shared() bool { return c.redis != nil }

// Set keeps value under key for ttl.
func (c *Cache) Set(ctx context.Context, key, value string, ttl time.Duration) {
	if ttl <= 0 {
		return
	}
	if c.redis != nil && c.redis.set(ctx, key, value, ttl) {
		return
	}
	c.memory.set(key, value, c.c.Now(), ttl)
}

// Exists reports whether any of keys is held.
func (c *Cache) Exists(ctx context.Context, keys ...string) bool {
	if c.redis != nil {
		if found, ok := c.redis.exists(ctx, keys); ok {
			return found
		}
	}
	return c.memory.exists(keys, c.c.Now())
}

// Delete forgets keys.
func (c *Cache) Delete(ctx context.Context, keys ...string) {
	if c.redis != nil {
		c.redis.delete(ctx, keys)
	}
	c.memory.delete(keys) // also what is left of a time without Redis
}

// Hit adds one event at now to the sliding log under key, unless the log
// already holds max events younger than window, and returns how many there
// are with this one: max+1 when it was not added.
func (c *Cache) Hit(ctx context.Context, key string, now time.Time, window time.Duration, max int) int {
	if c.redis != nil {
		if n, ok := c.redis.hit(ctx, key, now, window, max); ok {
			return n
		}
	}
	return c.memory.hit(key, now, window, max)
}

// Lock takes the lock of that name for at most ttl; ok is false when another
// one holds it. unlock gives it back, unless it has run out and passed to
// another one meanwhile. While Redis is away the lock holds in this process
// only.
func (c *Cache) Lock(ctx context.Context, name string, ttl time.Duration) (unlock func(), ok bool) {
	owner := pairly.NewUUID()
	key := "lock:" + name
	if c.redis != nil {
		if got, answered := c.redis.lock(ctx, key, owner, ttl); answered {
			return c.locked(ctx, name, ttl, got, func() { c.redis.unlock(context.WithoutCancel(ctx), key, owner) })
		}
	}
	return c.locked(ctx, name, ttl, c.memory.lock(key, owner, c.c.Now(), ttl), func() { c.memory.unlock(key, owner) })
}

func (c *Cache) locked(ctx context.Context, name string, ttl time.Duration, got bool, unlock func()) (func(), bool) {
	if got {
		return unlock, true
	}
	c.c.Log.LogAttrs(ctx, slog.LevelDebug, "lock_not_acquired",
		slog.String("lock_name", name),
		slog.Int64("ttl_seconds", int64(ttl/time.Second)))
	return func() {}, false
}
