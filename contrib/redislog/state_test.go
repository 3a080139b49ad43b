package redislog_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog/contrib/redislog"
)

func TestOutage(t *testing.T) {
	s := newServer(t, store())
	clock := newClock(0)
	rdb, _, logs := open(t, s, redislog.Config{Fallback: "memory"}, clock)
	ctx := t.Context()
	rdb.Ping(ctx)
	s.stop()

	for range 3 {
		rdb.Get(ctx, canary)
	}
	rdb.Set(ctx, canary, canary, 0)
	wantEvents(t, logs, "redis_connected", "redis_unavailable", "redis_degraded_operation", "redis_degraded_operation")
	r := logs.One("redis_unavailable")
	if got, want := r.Level()+" "+r.String("host"), "ERROR "+s.addr; got != want {
		t.Errorf("redis_unavailable %q, want %q", got, want)
	}
	if got, want := r.String("error_type")+" "+r.String("error_code"), "SyscallError connection_refused"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if !r.Has("retry_in_ms") {
		t.Errorf("want retry_in_ms: %s", r.Line)
	}
	d := logs.Event("redis_degraded_operation")
	if got, want := d[0].Level()+" "+d[0].String("operation")+" "+d[0].String("fallback"), "WARNING get memory"; got != want {
		t.Errorf("redis_degraded_operation %q, want %q", got, want)
	}
	if got, want := []int64{d[0].Int("count"), d[1].Int("count")}, []int64{1, 1}; !slices.Equal(got, want) {
		t.Errorf("counts = %d, want %d", got, want)
	}

	logs.Reset()
	clock.advance(10 * time.Second)
	rdb.Get(ctx, canary)
	if got, want := logs.One("redis_degraded_operation").Int("count"), int64(3); got != want {
		t.Errorf("count = %d, want the %d since the line before", got, want)
	}

	logs.Reset()
	clock.advance(time.Second)
	s.start(t)
	if err := rdb.Set(ctx, canary, canary, 0).Err(); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, logs, "redis_connected")
	r = logs.One("redis_connected")
	if got, want := r.Float("down_ms"), 11000.0; got != want {
		t.Errorf("down_ms = %v, want %v", got, want)
	}
	if got, want := r.Int("missed"), int64(5); got != want {
		t.Errorf("missed = %d, want %d", got, want)
	}
}

func TestDisconnected(t *testing.T) {
	rdb, hook, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	ctx := t.Context()
	rdb.Ping(ctx)
	logs.Reset()
	rdb.Close()
	hook.Disconnected(ctx, "shutdown")
	rdb.Get(ctx, canary)
	wantEvents(t, logs, "redis_disconnected", "redis_command_failed")
	if got, want := logs.One("redis_disconnected").String("reason"), "shutdown"; got != want {
		t.Errorf("reason = %q, want %q", got, want)
	}
}

func TestNeverThere(t *testing.T) {
	s := newServer(t, store())
	s.stop()
	rdb, _, logs := open(t, s, redislog.Config{}, newClock(0))
	rdb.Ping(t.Context())
	wantEvents(t, logs, "redis_unavailable", "redis_degraded_operation")
	if got, want := logs.One("redis_degraded_operation").String("fallback"), "none"; got != want {
		t.Errorf("fallback = %q, want %q", got, want)
	}
}

func TestFlapping(t *testing.T) {
	var answer atomic.Bool
	s := newServer(t, func([]string) string {
		if answer.Load() {
			return "+OK\r\n"
		}
		return "" // hangs up
	})
	clock := newClock(0)
	rdb, _, logs := open(t, s, redislog.Config{}, clock)
	for range 5 {
		answer.Store(true)
		rdb.Ping(t.Context())
		answer.Store(false)
		rdb.Ping(t.Context())
	}
	// One outage has its two lines; the four within 10 s of it have none of
	// their own.
	count := func(event string) int { return len(logs.Event(event)) }
	if got, want := []int{count("redis_unavailable"), count("redis_connected")}, []int{1, 2}; !slices.Equal(got, want) {
		t.Errorf("unavailable, connected = %v, want %v", got, want)
	}
	logs.Reset()
	clock.advance(10 * time.Second)
	answer.Store(true)
	rdb.Ping(t.Context())
	answer.Store(false)
	rdb.Ping(t.Context())
	if got, want := count("redis_unavailable"), 1; got != want {
		t.Errorf("unavailable = %d, want %d", got, want)
	}
}

func TestServerThatServesNobody(t *testing.T) {
	for _, reply := range []string{
		"-LOADING Redis is loading the dataset in memory\r\n",
		"-CLUSTERDOWN The cluster is down\r\n",
		"-NOAUTH Authentication required.\r\n",
		"-ERR max number of clients reached\r\n",
	} {
		s := newServer(t, func([]string) string { return reply })
		rdb, _, logs := open(t, s, redislog.Config{}, newClock(0))
		rdb.Get(t.Context(), canary)
		wantEvents(t, logs, "redis_unavailable", "redis_degraded_operation")
		if !logs.One("redis_unavailable").Has("error_code") {
			t.Errorf("%q: no error_code", reply)
		}
	}
}

func TestNoState(t *testing.T) {
	s := newServer(t, store())
	rdb, _, logs := open(t, s, redislog.Config{NoState: true}, newClock(0))
	rdb.Ping(t.Context())
	s.stop()
	rdb.Ping(t.Context())
	wantEvents(t, logs, "redis_command_failed")
	if got, want := logs.One("redis_command_failed").Level(), "DEBUG"; got != want {
		t.Errorf("level = %s, want %s", got, want)
	}
}

func TestOutageOfRing(t *testing.T) {
	s := newServer(t, store())
	logs := newRing(t, s, func(ring *redis.Ring) { ring.Get(t.Context(), canary) })
	r := logs.One("redis_connected")
	if got, want := r.String("host"), s.addr; got != want {
		t.Errorf("host = %q, want %q", got, want)
	}
	if got, want := len(logs.Event("redis_command")), 1; got != want {
		t.Errorf("a command of a ring was counted %d times, want %d", got, want)
	}
}
