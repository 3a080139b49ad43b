package sqllog_test

import (
	"context"
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

func ExampleOpenDB() {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON, Out: steady{os.Stdout}, Level: slog.LevelDebug, Queries: true,
		Now: func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	connector := &fake{rows: 2} // in a service, the connector of its driver

	db := sqllog.OpenDB(connector, sqllog.Config{Logger: p.Logger("db.query")}.With(p.Settings()))
	defer db.Close()
	ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	rows, _ := db.QueryContext(ctx, "SELECT id FROM users WHERE email = 'ann@example.com'")
	for rows.Next() {
	}
	rows.Close()
	// What httplog does when the request ends:
	p.Logger("api.request").LogAttrs(ctx, slog.LevelInfo, "http_request", scope.Gathered(nil)...)
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"DEBUG","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"query_executed","operation":"SELECT","table":"users","statement":"SELECT id FROM users WHERE email = ?","duration_ms":0.00,"rows":2}
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"INFO","logger":"api.request","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"http_request","db":{"count":1,"ms":0.00,"slowest":"SELECT id FROM users WHERE email = ?","slowest_ms":0.00}}
}
