package redislog_test

import (
	"context"
	"net"
	"os"
	"regexp"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/redislog"
)

// steady writes lines that are the same at each run.
type steady struct{}

var varying = regexp.MustCompile(`("[a-z_]*ms":)[0-9.]+`)

func (steady) Write(p []byte) (int, error) {
	if _, err := os.Stdout.Write(varying.ReplaceAll(p, []byte("${1}0.00"))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// example opens a pipeline whose lines are the same at each run.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON,
		Out:    steady{},
		Now:    func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

func ExampleInstrument() {
	p := example()
	rdb := redis.NewClient(&redis.Options{
		Addr:          "redis.internal:6379",
		MaxRetries:    -1,
		DialerRetries: 1,
		// For the example: nobody is there.
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		},
	})
	hook := redislog.Instrument(rdb, redislog.Config{Logger: p.Logger("core.redis"), Fallback: "database"})

	ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	rdb.Get(ctx, "session:u42")
	rdb.Get(ctx, "session:u43")
	p.Logger("api.request").LogAttrs(ctx, 0, "http_request", scope.Gathered(nil)...)

	rdb.Close()
	hook.Disconnected(ctx, "shutdown")
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"ERROR","logger":"core.redis","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"redis_unavailable","host":"redis.internal:6379","error_type":"OpError","error_code":"connection_refused","retry_in_ms":0.00}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"core.redis","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"redis_degraded_operation","operation":"get","fallback":"database","count":1}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","redis":{"count":2,"ms":0.00,"failed":2,"slowest":"get","slowest_ms":0.00}}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"core.redis","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"redis_disconnected","reason":"shutdown"}
}
