package redislog_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/redislog"
	"github.com/pairly/pairlog/logtest"
)

// newRing runs f with a ring of one shard and returns what was logged.
func newRing(t *testing.T, s *server, f func(*redis.Ring)) *logtest.Recorder {
	t.Helper()
	logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelDebug, PIIMode: "full"})
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"one": s.addr}, DisableIdentity: true})
	defer ring.Close()
	redislog.Instrument(ring, redislog.Config{Logger: logs.Logger("core.redis"), Commands: true})
	f(ring)
	return logs
}

func TestCommandName(t *testing.T) {
	f := func(want string, args ...any) {
		t.Helper()
		if got := redislog.CommandName(redis.NewCmd(context.Background(), args...)); got != want {
			t.Errorf("name of %q = %q, want %q", args, got, want)
		}
	}
	f("get", "GET", "k")
	f("config get", "config", "GET", "maxmemory")
	f("object encoding", "object", "encoding", "k")
	f("object", "object", "ENC ODING")
	f("xinfo", "xinfo")
	f("json.set", "JSON.SET", "k", "$", "1")
	f("other", "my secret value")
	f("other", "")
	f("other", "averyveryverylongcommandname")
	f("other", 42)
}

func TestKeyCount(t *testing.T) {
	f := func(want int, args ...any) {
		t.Helper()
		if got := redislog.KeyCount(redis.NewCmd(context.Background(), args...)); got != want {
			t.Errorf("keys of %q = %d, want %d", args, got, want)
		}
	}
	f(1, "get", "k")
	f(1, "set", "k", "v", "ex", 10)
	f(1, "hset", "k", "f", "v")
	f(0, "ping")
	f(0, "ping", "hello")
	f(0, "publish", "channel", "message")
	f(0, "scan", 0, "match", "*")
	f(3, "del", "a", "b", "c")
	f(2, "mget", "a", "b")
	f(2, "mset", "a", 1, "b", 2)
	f(2, "rename", "a", "b")
	f(2, "blpop", "a", "b", 0)
	f(3, "bitop", "and", "dest", "a", "b")
	f(2, "eval", "return 1", 2, "a", "b", "arg")
	f(2, "eval", "return 1", "2", "a", "b", "arg")
	f(0, "eval", "return 1", 0)
	f(0, "eval", "return 1", "many", "a")
	f(0, "eval", "return 1", -3)
	f(0, "eval", "return 1", 1<<40)
	f(2, "zunion", 2, "a", "b", "withscores")
	f(3, "zunionstore", "dest", 2, "a", "b")
	f(2, "blmpop", 0, 2, "a", "b", "left")
	f(2, "xread", "count", 10, "streams", "a", "b", "0", "0")
	f(1, "xreadgroup", "group", "g", "c", "STREAMS", "a", ">")
	f(0, "xread", "count", 10)
	f(1, "a.module.command", "k")
}
