package cache

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog/pairly"
)

func prefixed(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = keyPrefix + k
	}
	return out
}

func (r *remote) set(ctx context.Context, key, value string, ttl time.Duration) bool {
	return r.do(ctx, "set", func(ctx context.Context) error {
		return r.client.Set(ctx, keyPrefix+key, value, ttl).Err()
	})
}

func (r *remote) exists(ctx context.Context, keys []string) (found, ok bool) {
	ok = r.do(ctx, "exists", func(ctx context.Context) error {
		n, err := r.client.Exists(ctx, prefixed(keys)...).Result()
		found = n > 0
		return err
	})
	return found, ok
}

func (r *remote) delete(ctx context.Context, keys []string) {
	r.do(ctx, "delete", func(ctx context.Context) error {
		return r.client.Del(ctx, prefixed(keys)...).Err()
	})
}

// hitScript is a sliding log in a sorted set, scores in milliseconds: it
// drops what has left the window, and adds the event if there is room.
// ARGV: now, window, max, a member name.
var hitScript = redis.NewScript(`
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local n = redis.call('ZCARD', KEYS[1])
if n < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], window)
end
return n + 1
`)

func (r *remote) hit(ctx context.Context, key string, now time.Time, window time.Duration, max int) (n int, ok bool) {
	ok = r.do(ctx, "hit", func(ctx context.Context) error {
		var err error
		n, err = hitScript.Run(ctx, r.client, []string{keyPrefix + key},
			now.UnixMilli(), window.Milliseconds(), max, pairly.NewUUID()).Int()
		return err
	})
	return n, ok
}

func (r *remote) lock(ctx context.Context, key, owner string, ttl time.Duration) (got, ok bool) {
	ok = r.do(ctx, "lock", func(ctx context.Context) error {
		err := r.client.SetArgs(ctx, keyPrefix+key, owner, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
		got = err == nil
		if errors.Is(err, redis.Nil) {
			return nil // somebody has it
		}
		return err
	})
	return got, ok
}

// unlockScript deletes the lock only while it is still the caller's.
var unlockScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

func (r *remote) unlock(ctx context.Context, key, owner string) {
	r.do(ctx, "unlock", func(ctx context.Context) error {
		return unlockScript.Run(ctx, r.client, []string{keyPrefix + key}, owner).Err()
	})
}
