// Package pgxlog logs what goes through pgx: slow, failed and repeated
// statements, slow transactions and batches, connecting, the state of the pool,
// and the counts of a request's statements on its request line.
//
//	config, err := pgxpool.ParseConfig(url)
//	config.ConnConfig.Tracer = pgxlog.New(pgxlog.Config{
//		Logger: p.Logger("db.query"),
//		Pool:   p.Logger("db.pool"),
//	}.With(p.Settings()))
//
// It does for pgx's own interface what pairlog's sqllog does for database/sql,
// with the same events and fields. A statement that takes longer than
// [Config.Slow] gives
//
//	{"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","request_id":"550e8400-e29b-41d4-a716-446655440000","event":"slow_query","operation":"SELECT","table":"messages","statement":"SELECT id FROM messages WHERE receiver_id = ? ORDER BY sent_at","duration_ms":312.40,"rows":50,"threshold_ms":200.00,"caller":"store/message.go:88"}
//
// and the request line of a request that sent three statements has
//
//	"db":{"count":3,"ms":314.02,"slowest":"SELECT id FROM messages WHERE receiver_id = ? ORDER BY sent_at","slowest_ms":312.40}
//
// All other statements only count; what that costs is in BenchmarkQuery. Where
// pgx is used through database/sql (pgx's stdlib), use this package or sqllog,
// not both.
//
// # What it never logs
//
// Arguments, and other values: the statement of a line is a fingerprint in which
// every literal is a placeholder, and of an error only its type and SQLSTATE are
// on the line: the caller who handles the error logs it. Of a connection it logs
// the host and the database, never the user or the password.
//
// # What counts as a statement
//
// Query, QueryRow and Exec, each query of a batch, and a CopyFrom, which is
// written COPY table (columns) FROM STDIN. BEGIN, COMMIT and ROLLBACK are
// statements like others. What pgx prepares on the way is no statement of its own.
//
// # Times
//
// The duration of a query is the time from sending it until its rows are closed.
// So a caller who works slowly between two rows makes a slow query. That of a
// batch's query is the time from reading the result before it until its own
// result is read; that of the whole batch is in slow_batch, which is written when
// the batch was slow and none of its queries alone.
package pgxlog
