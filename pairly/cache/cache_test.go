package cache_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/cache"
)

// redisEnv names the environment variable with the URL of a Redis for tests.
const redisEnv = "PAIRLY_TEST_REDIS"

func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv(redisEnv)
	if url == "" {
		t.Skipf("%s is not set: no Redis to test on", redisEnv)
	}
	return url
}

func open(t *testing.T, url string, c cache.Config) *cache.Cache {
	t.Helper()
	ca, err := cache.Open(context.Background(), url, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ca.Close(); err != nil {
			t.Error(err)
		}
	})
	return ca
}

// each runs test in memory and on Redis, with a key that no other test has.
func each(t *testing.T, test func(t *testing.T, c *cache.Cache, key string)) {
	t.Run("memory", func(t *testing.T) { test(t, open(t, "", cache.Config{}), "k") })
	t.Run("redis", func(t *testing.T) {
		c := open(t, redisURL(t), cache.Config{})
		if c.Degraded() {
			t.Fatal("Redis does not answer")
		}
		test(t, c, pairly.NewUUID())
	})
}

func TestSet(t *testing.T) {
	each(t, func(t *testing.T, c *cache.Cache, key string) {
		ctx := context.Background()
		f := func(want bool, keys ...string) {
			t.Helper()
			if got := c.Exists(ctx, keys...); got != want {
				t.Errorf("Exists(%v) = %t, want %t", keys, got, want)
			}
		}
		f(false, key)
		c.Set(ctx, key, "1", time.Hour)
		f(true, key)
		f(true, key+"other", key)
		f(false, key+"other")
		c.Delete(ctx, key)
		f(false, key)
		c.Set(ctx, key, "1", -time.Second)
		f(false, key)
		c.Set(ctx, key, "1", 20*time.Millisecond)
		deadline := time.Now().Add(5 * time.Second)
		for c.Exists(ctx, key) {
			if time.Now().After(deadline) {
				t.Fatal("the key outlives its time")
			}
		}
	})
}

func TestHit(t *testing.T) {
	each(t, func(t *testing.T, c *cache.Cache, key string) {
		t0 := time.UnixMilli(1_736_937_045_123)
		f := func(after time.Duration, want int) {
			t.Helper()
			if got := c.Hit(context.Background(), key, t0.Add(after), time.Minute, 3); got != want {
				t.Errorf("Hit after %v = %d, want %d", after, got, want)
			}
		}
		f(0, 1)
		f(10*time.Second, 2)
		f(20*time.Second, 3)
		f(30*time.Second, 4) // refused, not added
		f(59*time.Second, 4)
		f(60*time.Second, 3) // the first has left the window
		f(61*time.Second, 4)
		f(70*time.Second, 3)
		f(5*time.Minute, 1)
		c.Delete(context.Background(), key)
		f(5*time.Minute, 1)
	})
}

func TestHitRace(t *testing.T) {
	each(t, func(t *testing.T, c *cache.Cache, key string) {
		t0 := time.UnixMilli(1_736_937_045_123)
		var mu sync.Mutex
		seen := make(map[int]int)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				n := c.Hit(context.Background(), key, t0, time.Minute, 10)
				mu.Lock()
				defer mu.Unlock()
				seen[n]++
			})
		}
		wg.Wait()
		for n := 1; n <= 10; n++ {
			if seen[n] != 1 {
				t.Errorf("count %d was given %d times, want once", n, seen[n])
			}
		}
		if seen[11] != 10 {
			t.Errorf("%d were refused, want 10", seen[11])
		}
	})
}

func TestLock(t *testing.T) {
	each(t, func(t *testing.T, c *cache.Cache, key string) {
		ctx := context.Background()
		unlock, ok := c.Lock(ctx, key, time.Hour)
		if !ok {
			t.Fatal("first Lock: got false, want true")
		}
		if _, ok := c.Lock(ctx, key, time.Hour); ok {
			t.Error("second Lock: got true, want false")
		}
		unlock()
		// A lock that ran out belongs to the next one; the first must not give
		// it back.
		first, ok := c.Lock(ctx, key, 20*time.Millisecond)
		if !ok {
			t.Fatal("Lock after unlock: got false, want true")
		}
		deadline := time.Now().Add(5 * time.Second)
		var second func()
		for ok = false; !ok; second, ok = c.Lock(ctx, key, time.Hour) {
			if time.Now().After(deadline) {
				t.Fatal("the lock outlives its time")
			}
		}
		first()
		if _, ok := c.Lock(ctx, key, time.Hour); ok {
			t.Error("Lock after a late unlock of the former owner: got true, want false")
		}
		second()
		if unlock, ok := c.Lock(ctx, key, time.Hour); !ok {
			t.Error("Lock after the owner's unlock: got false, want true")
		} else {
			unlock()
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	c := open(t, "", cache.Config{MaxKeys: 100})
	ctx := context.Background()
	for i := range 1000 {
		c.Set(ctx, fmt.Sprint(i), "1", time.Hour)
		c.Hit(ctx, fmt.Sprint(i), time.Now(), time.Minute, 5)
	}
	held := 0
	for i := range 1000 {
		if c.Exists(ctx, fmt.Sprint(i)) {
			held++
		}
	}
	if held == 0 || held > 100 {
		t.Errorf("of 1000 keys %d are held, want 1 to 100", held)
	}
	if !c.Exists(ctx, "999") {
		t.Error("the newest key is gone")
	}
}

func TestBadURL(t *testing.T) {
	for _, url := range []string{
		"http://localhost", "redis://:geheim@localhost:port/0", "redis://:geheim%zz@localhost/0", "redis://:geheim@localhost/x",
	} {
		c, err := cache.Open(context.Background(), url, cache.Config{})
		if err == nil {
			c.Close()
			t.Fatalf("Open(%q): got no error, want one", url)
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("Open(%q): the error shows the password: %v", url, err)
		}
	}
}
