package pgxlog_test

import (
	"context"
	"log/slog"
	"net"
	"os"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/pgxlog"
)

// steady writes lines that are the same at each run.
type steady struct{}

var (
	times  = regexp.MustCompile(`("[a-z_]*ms":)[0-9.]+`)
	places = regexp.MustCompile(`(_test.go:)[0-9]+`)
)

func (steady) Write(p []byte) (int, error) {
	out := places.ReplaceAll(times.ReplaceAll(p, []byte("${1}0.00")), []byte("${1}1"))
	if _, err := os.Stdout.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// dial stands for a PostgreSQL server.
func dial(context.Context, string, string) (net.Conn, error) {
	client, conn := net.Pipe()
	go func() {
		defer conn.Close()
		_ = (&session{s: &server{answer: answer}, b: pgproto3.NewBackend(conn, conn), status: 'I'}).run()
	}()
	return client, nil
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

func ExampleNew() {
	p := example()
	config, _ := pgx.ParseConfig("postgres://app@db.internal/pairly?sslmode=disable")
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"db.internal"}, nil }
	config.DialFunc = dial
	config.Tracer = pgxlog.New(pgxlog.Config{
		Logger: p.Logger("db.query"),
		Pool:   p.Logger("db.pool"),
		Slow:   time.Nanosecond, // for the example: everything is slow
	})

	ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	conn, _ := pgx.ConnectConfig(ctx, config)
	conn.Exec(ctx, "UPDATE users SET name = $1 WHERE id = $2", "Ada", "u42")
	conn.Close(ctx)
	p.Logger("api.request").LogAttrs(ctx, slog.LevelInfo, "http_request", scope.Gathered(nil)...)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"db.pool","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"db_connected","driver":"pgx","host":"db.internal","database":"pairly","duration_ms":0.00}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"slow_query","operation":"UPDATE","table":"users","statement":"UPDATE users SET name = ? WHERE id = ?","duration_ms":0.00,"rows":5,"threshold_ms":0.00,"caller":"pgxlog/example_test.go:1"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","db":{"count":1,"ms":0.00,"slowest":"UPDATE users SET name = ? WHERE id = ?","slowest_ms":0.00}}
}
