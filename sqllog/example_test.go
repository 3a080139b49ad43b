package sqllog_test

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

// steady writes every duration as zero and every caller as the same.
type steady struct{ io.Writer }

var (
	durations = regexp.MustCompile(`ms":[0-9.]+`)
	callers   = regexp.MustCompile(`"caller":"[^"]*"`)
)

func (s steady) Write(p []byte) (int, error) {
	out := durations.ReplaceAll(p, []byte(`ms":0.00`))
	out = callers.ReplaceAll(out, []byte(`"caller":"store/user.go:88"`))
	if _, err := s.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// example opens a pipeline whose lines are the same at each run.
func example() *pairlog.Pipeline {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON, Out: steady{os.Stdout}, Level: slog.LevelDebug, Queries: true,
		Now: func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	return p
}

func init() { sql.Register("sqlite", &fake{rows: 2}) }

func ExampleOpen() {
	p := example()
	db, err := sqllog.Open("sqlite", "app.db", sqllog.Config{
		Logger: p.Logger("db.query"),
		Slow:   time.Nanosecond, // for the example: everything is slow
		Repeat: 2,               // the default is 20
	}) // in a service: }.With(p.Settings()))
	if err != nil {
		panic(err)
	}
	defer db.Close()

	ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	for _, id := range []string{"u1", "u2"} {
		db.ExecContext(ctx, "UPDATE users SET seen_at = now() WHERE id = ?", id)
	}
	// What httplog does when the request ends:
	p.Logger("api.request").LogAttrs(ctx, slog.LevelInfo, "http_request", scope.Gathered(nil)...)
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"slow_query","operation":"UPDATE","table":"users","statement":"UPDATE users SET seen_at = now() WHERE id = ?","duration_ms":0.00,"rows":2,"threshold_ms":0.00,"caller":"store/user.go:88"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"query_repeated","operation":"UPDATE","table":"users","statement":"UPDATE users SET seen_at = now() WHERE id = ?","repeats":2,"caller":"store/user.go:88"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"slow_query","operation":"UPDATE","table":"users","statement":"UPDATE users SET seen_at = now() WHERE id = ?","duration_ms":0.00,"rows":2,"threshold_ms":0.00,"caller":"store/user.go:88"}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","db":{"count":2,"ms":0.00,"slowest":"UPDATE users SET seen_at = now() WHERE id = ?","slowest_ms":0.00,"repeats":2}}
}

func ExampleOpenDB() {
	p := example()              // with LOG_QUERIES=true and LOG_LEVELS=db=DEBUG
	connector := &fake{rows: 2} // in a service, the connector of its driver

	db := sqllog.OpenDB(connector, sqllog.Config{Logger: p.Logger("db.query")}.With(p.Settings()))
	defer db.Close()
	ctx := context.Background()
	rows, err := db.QueryContext(ctx, "SELECT id FROM users WHERE email = 'ann@example.com'")
	if err != nil {
		panic(err)
	}
	for rows.Next() {
	}
	rows.Close() // the line is written here
	p.Close(ctx)
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"db.query","event":"query_executed","operation":"SELECT","table":"users","statement":"SELECT id FROM users WHERE email = ?","duration_ms":0.00,"rows":2}
}
