package bench

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Events are the calls that are compared, bound to one logger. Each writes
// one record, Disabled none.
type Events struct {
	NoFields func() // a message alone
	With10   func() // ten fields in With, none at the call
	Zap10    func() // the ten fields of zap's own benchmark: arrays, objects, an error
	Web      func() // the record of a web request, twelve fields
	Fresh    func() // the web record with address, path, agent and ids of its own each time
	Scoped   func() // seven fields in With or scope, five at the call
	Disabled func() // twelve fields at a level that is off
	Off      func() // a message alone at a level that is off
	Close    func() // flushes
}

// The web record. The values are made once, as a handler would have them at
// hand; none is secret, so that every logger writes the same.
const (
	webMethod    = "POST"
	webPath      = "/api/auth/login"
	webRoute     = "POST /api/auth/login"
	webQuery     = "page=2&sort=newest"
	webIP        = "192.168.1.100"
	webAgent     = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
	webUser      = "507f1f77bcf86cd799439011"
	webRequest   = "550e8400-e29b-41d4-a716-446655440000"
	webStatus    = 200
	webDuration  = 145.23
	webSize      = 1024
	webProtocol  = "HTTP/1.1"
	eventName    = "http_request"
	scopedLogger = "api.request"
)

// A visit is what differs from request to request.
type visit struct{ path, ip, agent, user, request string }

// visits are as many as no logger can remember; next gives them in turn. They
// are built beforehand so that every logger pays for logging only.
var visits = func() []visit {
	out := make([]visit, 1<<14)
	for i := range out {
		out[i] = visit{
			path:    fmt.Sprintf("/api/profiles/%06d%018x", i, uint64(i)*0x9E3779B97F4A7C15>>4),
			ip:      fmt.Sprintf("%d.%d.%d.%d", 11+i%80, i%251, i/251%251, 1+i%250),
			agent:   fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", 100+i%7919, 100+i%7919),
			user:    fmt.Sprintf("%08x%016x", 0x507f1f77+i, uint64(i+1)*0x9E3779B97F4A7C15),
			request: fmt.Sprintf("%08x-e29b-41d4-a716-%012x", i*2654435761&0xffffffff, uint64(i)*0x9E3779B97F4A7C15>>16),
		}
	}
	return out
}()

var visited atomic.Uint32

func next() *visit { return &visits[visited.Add(1)%uint32(len(visits))] }

func webAttrs() []slog.Attr {
	return []slog.Attr{
		slog.String("method", webMethod),
		slog.String("path", webPath),
		slog.String("route", webRoute),
		slog.String("query", webQuery),
		slog.String("client_ip", webIP),
		slog.String("user_agent", webAgent),
		slog.String("user_id", webUser),
		slog.String("correlation_id", webRequest),
		slog.Int("status_code", webStatus),
		slog.Float64("duration_ms", webDuration),
		slog.Int("response_size_bytes", webSize),
		slog.String("protocol", webProtocol),
	}
}

// A user and the slices below are those of zap's benchmark suite
// (go.uber.org/zap/benchmarks/scenario_bench_test.go), so that its figures can
// be held against ours.
type user struct {
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"createdAt"`
}

type users []*user

var (
	errExample = errors.New("fail")
	tenInts    = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 0}
	tenStrings = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	someTime   = time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC)
	tenTimes   = []time.Time{someTime, someTime, someTime, someTime, someTime, someTime, someTime, someTime, someTime, someTime}
	oneUser    = &user{Name: "Jane Doe", Email: "jane@test.com", CreatedAt: time.Date(1980, 1, 1, 12, 0, 0, 0, time.UTC)}
	tenUsers   = users{oneUser, oneUser, oneUser, oneUser, oneUser, oneUser, oneUser, oneUser, oneUser, oneUser}
)

// with10Attrs are ten plain fields of the kinds that a service adds once.
func with10Attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("service", "pairly"),
		slog.String("version", "1.4.2"),
		slog.String("host", "api-7"),
		slog.String("region", "eu-central"),
		slog.String("environment", "production"),
		slog.Int("shard", 12),
		slog.Int("pid", 4711),
		slog.Bool("canary", false),
		slog.Float64("weight", 0.25),
		slog.String("build", "2025w03"),
	}
}

func toAny(attrs []slog.Attr) []any {
	out := make([]any, len(attrs))
	for i, a := range attrs {
		out[i] = a
	}
	return out
}
