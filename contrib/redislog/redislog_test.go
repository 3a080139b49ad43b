package redislog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/redislog"
	"github.com/pairly/pairlog/logtest"
)

// canary is what the tests send as keys and values: no line may have it.
const canary = "canary7f3a"

// The driver prints what the hook logs, which fills the tests' output.
func TestMain(m *testing.M) {
	redis.SetLogger(redislog.Driver(slog.New(slog.DiscardHandler)))
	os.Exit(m.Run())
}

// clock is a clock that a test turns, or that goes on by itself with every look.
type clock struct {
	mu   sync.Mutex
	at   time.Time
	step time.Duration
}

func newClock(step time.Duration) *clock {
	return &clock{at: time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC), step: step}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.step)
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// open returns a client of a server, its hook, and what they log.
func open(t *testing.T, s *server, c redislog.Config, clock *clock) (*redis.Client, *redislog.Hook, *logtest.Recorder) {
	t.Helper()
	// The address of a server is an IP here, which would be masked.
	logs := logtest.NewWith(t, pairlog.Config{Level: slog.LevelDebug, PIIMode: "full"})
	c.Logger = logs.Logger("core.redis")
	rdb := newClient(t, s.addr)
	hook := redislog.Instrument(rdb, c)
	redislog.SetClock(hook, clock.now)
	t.Cleanup(func() {
		if text := logs.Text(); strings.Contains(text, canary) {
			t.Errorf("a key or value was logged:\n%s", text)
		}
	})
	return rdb, hook, logs
}

func events(logs *logtest.Recorder) []string {
	var names []string
	for _, r := range logs.Records() {
		names = append(names, r.Event())
	}
	return names
}

func wantEvents(t *testing.T, logs *logtest.Recorder, want ...string) {
	t.Helper()
	if got := events(logs); !slices.Equal(got, want) {
		t.Fatalf("events = %v, want %v", got, want)
	}
}

func TestQuietWhenAllIsWell(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	if err := rdb.Set(ctx, canary, canary, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := rdb.Get(ctx, canary).Result(); got != canary || err != nil {
		t.Fatalf("Get = %q, %v", got, err)
	}
	if err := rdb.Get(ctx, canary+"none").Err(); !errors.Is(err, redis.Nil) {
		t.Fatalf("Get of nothing = %v, want redis.Nil", err)
	}
	wantEvents(t, logs, "redis_connected")
	r := logs.One("redis_connected")
	if got, want := r.Level()+" "+r.RequestID(), "INFO r1"; got != want {
		t.Errorf("redis_connected at %q, want %q", got, want)
	}
	if got, want := r.String("host"), rdb.Options().Addr; got != want {
		t.Errorf("host = %q, want %q", got, want)
	}
	if !r.Has("latency_ms") || r.Has("down_ms") {
		t.Errorf("latency_ms, no down_ms wanted: %s", r.Line)
	}

	gathered := scope.Gathered(nil)
	if len(gathered) != 1 || gathered[0].Key != "redis" {
		t.Fatalf("gathered %v, want redis", gathered)
	}
	counts := members(gathered[0].Value)
	if got, want := counts["count"].Int64(), int64(3); got != want {
		t.Errorf("redis.count = %d, want %d", got, want)
	}
	if _, failed := counts["failed"]; failed {
		t.Error("a missing key counts as failed")
	}
}

func members(v slog.Value) map[string]slog.Value {
	m := make(map[string]slog.Value)
	for _, a := range v.Resolve().Group() {
		m[a.Key] = a.Value
	}
	return m
}

func TestSlowCommand(t *testing.T) {
	// Each look at the clock takes 60 ms: that is what a command takes.
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(60*time.Millisecond))
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	if err := rdb.Set(ctx, canary, canary, 0).Err(); err != nil {
		t.Fatal(err)
	}
	r := logs.One("redis_slow_command")
	if got, want := r.Level(), "WARNING"; got != want {
		t.Errorf("level = %s, want %s", got, want)
	}
	if got, want := r.String("command"), "set"; got != want {
		t.Errorf("command = %q, want %q", got, want)
	}
	if got, want := r.Int("keys"), int64(1); got != want {
		t.Errorf("keys = %d, want %d", got, want)
	}
	if got, want := r.Float("duration_ms"), 60.0; got != want {
		t.Errorf("duration_ms = %v, want %v", got, want)
	}
	if got, want := r.Float("threshold_ms"), 50.0; got != want {
		t.Errorf("threshold_ms = %v, want %v", got, want)
	}
	if got, want := r.String("caller"), "redislog/redislog_test.go:"; !strings.HasPrefix(got, want) {
		t.Errorf("caller = %q, want it to begin with %q", got, want)
	}
	counts := members(scope.Gathered(nil)[0].Value)
	if got, want := counts["ms"].Float64(), 60.0; got != want {
		t.Errorf("redis.ms = %v, want %v", got, want)
	}
	if got, want := counts["slowest"].String(), "set"; got != want {
		t.Errorf("redis.slowest = %q, want %q", got, want)
	}
}

func TestSlowOff(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{Slow: -1}, newClock(time.Hour))
	rdb.Ping(t.Context())
	wantEvents(t, logs, "redis_connected")
}

func TestBlockingCommandIsNotSlow(t *testing.T) {
	s := newServer(t, func([]string) string { return "*-1\r\n" })
	rdb, _, logs := open(t, s, redislog.Config{}, newClock(time.Second))
	rdb.BLPop(t.Context(), time.Second, canary)
	rdb.XRead(t.Context(), &redis.XReadArgs{Streams: []string{canary, "0"}, Block: time.Second})
	logs.None("redis_slow_command")
}

func TestCommands(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{Commands: true}, newClock(0))
	rdb.Set(t.Context(), canary, canary, 0)
	rdb.Get(t.Context(), canary+"none")
	recs := logs.Event("redis_command")
	if len(recs) != 2 {
		t.Fatalf("redis_command %d times, want 2", len(recs))
	}
	if got, want := recs[1].Level()+" "+recs[1].String("command"), "DEBUG get"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if recs[1].Has("caller") {
		t.Errorf("a DEBUG line looks for its caller: %s", recs[1].Line)
	}
}

func TestRefusedCommand(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	if rdb.LPush(ctx, canary, canary).Err() == nil {
		t.Fatal("LPush succeeded")
	}
	// Refusing is answering: Redis is there.
	wantEvents(t, logs, "redis_connected", "redis_command_failed")
	r := logs.One("redis_command_failed")
	for key, want := range map[string]string{
		"level": "ERROR", "command": "lpush", "error_type": "RedisError", "error_code": "WRONGTYPE",
	} {
		if got := r.String(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if r.Has("error_message") {
		t.Errorf("the text of the error is logged: %s", r.Line)
	}
	if got, want := members(scope.Gathered(nil)[0].Value)["failed"].Int64(), int64(1); got != want {
		t.Errorf("redis.failed = %d, want %d", got, want)
	}
}

func TestUnknownCommandIsNotRepeated(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	rdb.Do(t.Context(), canary+" "+canary, canary)
	if got, want := logs.One("redis_command_failed").String("command"), "other"; got != want {
		t.Errorf("command = %q, want %q", got, want)
	}
}

func TestExpectedErrors(t *testing.T) {
	own := redislog.Config{Expected: func(err error) bool { return redis.HasErrorPrefix(err, "WRONGTYPE") }}
	rdb, _, logs := open(t, newServer(t, store()), own, newClock(0))
	if err := redis.NewScript("return 1").Run(t.Context(), rdb, []string{canary}).Err(); err != nil {
		t.Fatal(err)
	}
	rdb.LPush(t.Context(), canary, canary)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	rdb.Ping(canceled)
	recs := logs.Event("redis_command_failed")
	var got []string
	for _, r := range recs {
		got = append(got, r.Level()+" "+r.String("command"))
	}
	if want := []string{"DEBUG evalsha", "DEBUG lpush", "DEBUG ping"}; !slices.Equal(got, want) {
		t.Errorf("failed = %q, want %q", got, want)
	}
	logs.None("redis_unavailable")
}

func TestPipeline(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{Commands: true}, newClock(0))
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	_, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Get(ctx, canary)
		p.Set(ctx, canary, canary, 0)
		p.LPush(ctx, canary, canary)
		return nil
	})
	if !errors.Is(err, redis.Nil) {
		t.Fatalf("Pipelined = %v, want redis.Nil of its first command", err)
	}
	// The key that is not there does not hide the error behind it.
	r := logs.One("redis_command_failed")
	if got, want := r.String("command")+" "+r.String("failed_command")+" "+r.String("error_code"), "pipeline lpush WRONGTYPE"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Int("commands"), int64(3); got != want {
		t.Errorf("commands = %d, want %d", got, want)
	}
	if got, want := r.Int("keys"), int64(3); got != want {
		t.Errorf("keys = %d, want %d", got, want)
	}
	if got, want := members(scope.Gathered(nil)[0].Value)["count"].Int64(), int64(3); got != want {
		t.Errorf("redis.count = %d, want %d", got, want)
	}
}

func TestTransaction(t *testing.T) {
	s := newServer(t, func(args []string) string {
		switch args[0] {
		case "multi":
			return "+OK\r\n"
		case "exec":
			return "*2\r\n+OK\r\n:1\r\n"
		}
		return "+QUEUED\r\n"
	})
	rdb, _, logs := open(t, s, redislog.Config{Commands: true}, newClock(0))
	_, err := rdb.TxPipelined(t.Context(), func(p redis.Pipeliner) error {
		p.Set(t.Context(), canary, canary, 0)
		p.Incr(t.Context(), canary)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r := logs.One("redis_command")
	if got, want := r.String("command"), "multi"; got != want {
		t.Errorf("command = %q, want %q", got, want)
	}
	if got, want := r.Int("commands"), int64(2); got != want {
		t.Errorf("commands = %d, want %d", got, want)
	}
}

func TestNoScope(t *testing.T) {
	rdb, _, _ := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	if err := rdb.Ping(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestConcurrentUse(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(0))
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				rdb.Set(ctx, canary, canary, 0)
			}
		})
	}
	wg.Wait()
	if got, want := members(scope.Gathered(nil)[0].Value)["count"].Int64(), int64(160); got != want {
		t.Errorf("redis.count = %d, want %d", got, want)
	}
	wantEvents(t, logs, "redis_connected")
}

func TestDriverMessages(t *testing.T) {
	logs := logtest.New(t)
	d := redislog.Driver(logs.Logger("core.redis"))
	d.Printf(t.Context(), "sentinel: new master=%q addr=%q", "m1", "10.0.0.1:6379")
	d.Printf(t.Context(), "dial redis://user:%s@host: %s", "hunter2secret", strings.Repeat("x", 1000))
	recs := logs.Event("redis_driver_message")
	if got, want := recs[0].Message(), `sentinel: new master="m1" addr=`; !strings.HasPrefix(got, want) {
		t.Errorf("message = %q, want it to begin with %q", got, want)
	}
	if got := recs[1].Message(); strings.Contains(got, "hunter2") || len(got) > 350 {
		t.Errorf("message = %q, want it short and redacted", got)
	}
}

// The functions of go-redis that are inlined into the one that calls them are named
// after that one.
func TestCallerOfTransaction(t *testing.T) {
	rdb, _, logs := open(t, newServer(t, store()), redislog.Config{}, newClock(60*time.Millisecond))
	tx := rdb.TxPipeline()
	tx.Set(t.Context(), canary, canary, 0)
	_, _, line, _ := runtime.Caller(0)
	_, _ = tx.Exec(t.Context()) // the server knows no transactions, which is logged
	want := fmt.Sprintf("redislog/redislog_test.go:%d", line+1)
	if got := logs.One("redis_command_failed").String("caller"); got != want {
		t.Errorf("caller = %q, want %q", got, want)
	}
}
