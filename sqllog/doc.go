// Package sqllog logs what goes through database/sql: slow, failed and repeated
// statements, slow transactions, the state of the pool, and the counts of a
// request's statements on its request line.
//
//	db, err := sqllog.Open("sqlite", "app.db", sqllog.Config{
//		Logger: pipeline.Logger("db.query"),
//		Slow:   200 * time.Millisecond,
//	})
//
// A statement that takes longer than that gives
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"slow_query","operation":"SELECT","table":"messages","statement":"SELECT id FROM messages WHERE receiver_id = ? ORDER BY sent_at","duration_ms":312.40,"rows":50,"threshold_ms":200.00,"caller":"store/message.go:88"}
//
// and the request line of a request that sent three statements has
//
//	"db":{"count":3,"ms":314.02,"slowest":"SELECT id FROM messages WHERE receiver_id = ? ORDER BY sent_at","slowest_ms":312.40}
//
// with the first 200 bytes of the slowest. All other statements only count; what that
// costs is in BenchmarkQuery.
//
// # What it wraps stays what it is
//
// A wrapped connector, connection, statement or result set has exactly the
// optional interfaces of package driver that the one below has, in every
// combination: database/sql treats the wrapped driver as it treats the bare one.
// Type assertions to the driver's own types, in [sql.Conn.Raw], need [Unwrap].
//
// # What it never logs
//
// Values. The statement of a line is a fingerprint in which every literal is a
// placeholder, arguments are left out unless [Config.Args] allows them by name,
// and of an error only its type and code are on the line: the caller who
// handles the error logs it.
//
// # Times
//
// The duration of a query is the time from sending it until its rows are closed,
// since many drivers execute while rows are read. So a caller who works slowly
// between two rows makes a slow query.
package sqllog
