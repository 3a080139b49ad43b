package redislog_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/redislog"
	"github.com/pairly/pairlog/logtest"
)

// redisURL returns the address of the Redis to test with, as redis://host:port/db.
func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("PAIRLY_TEST_REDIS")
	if url == "" {
		t.Skip("PAIRLY_TEST_REDIS is not set: a URL such as redis://127.0.0.1:6379/0")
	}
	return url
}

func TestRedis(t *testing.T) {
	opts, err := redis.ParseURL(redisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	logs := logtest.New(t)
	rdb := redis.NewClient(opts)
	t.Cleanup(func() { rdb.Close() })
	hook := redislog.Instrument(rdb, redislog.Config{Logger: logs.Logger("core.redis"), Commands: true, Slow: time.Nanosecond})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	useRedis(t, ctx, rdb)
	hook.Disconnected(ctx, "closed")

	var got []string
	for _, r := range logs.Records() {
		got = append(got, strings.TrimSpace(r.Event()+" "+r.String("command")+" "+r.String("error_code")))
	}
	want := []string{
		"redis_connected",
		"redis_slow_command set",
		"redis_command_failed lpush WRONGTYPE",
		"redis_slow_command get",
		"redis_command_failed evalsha NOSCRIPT",
		"redis_slow_command eval",
		"redis_slow_command multi",
		"redis_command blpop",
		"redis_disconnected",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if text := logs.Text(); strings.Contains(text, canary) {
		t.Errorf("a key or value was logged:\n%s", text)
	}
	counts := members(scope.Gathered(nil)[0].Value)
	if got, want := counts["count"].Int64(), int64(8); got != want {
		t.Errorf("redis.count = %d, want %d", got, want)
	}
	if counts["ms"].Float64() <= 0 {
		t.Errorf("redis.ms = %v", counts["ms"])
	}
}

// useRedis sends commands of every kind and closes the client.
func useRedis(t *testing.T, ctx context.Context, rdb *redis.Client) {
	t.Helper()
	key := canary + "-" + t.Name()
	if err := rdb.Set(ctx, key, canary, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	if err := rdb.LPush(ctx, key, canary).Err(); err == nil {
		t.Fatal("LPush on a string succeeded")
	}
	if err := rdb.Get(ctx, key+"none").Err(); !errors.Is(err, redis.Nil) {
		t.Fatalf("Get = %v, want redis.Nil", err)
	}
	// A script that the server does not know: EVALSHA, then EVAL.
	script := redis.NewScript("return redis.call('GET', KEYS[1]) -- " + time.Now().String())
	if got, err := script.Run(ctx, rdb, []string{key}).Text(); got != canary || err != nil {
		t.Fatalf("script = %q, %v", got, err)
	}
	if _, err := rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Expire(ctx, key, time.Minute)
		p.Del(ctx, key)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	rdb.BLPop(ctx, 10*time.Millisecond, key)
	if err := rdb.Close(); err != nil {
		t.Fatal(err)
	}
}
