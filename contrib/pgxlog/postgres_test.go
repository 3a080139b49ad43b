package pgxlog_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/contrib/pgxlog"
	"github.com/pairly/pairlog/logtest"
)

// openPostgres returns a pool of one connection to the PostgreSQL to test with,
// with a temporary table, and what it logs.
func openPostgres(t *testing.T, c pgxlog.Config) (*pgxpool.Pool, *logtest.Recorder) {
	t.Helper()
	url := os.Getenv("PAIRLY_TEST_POSTGRES")
	if url == "" {
		t.Skip("PAIRLY_TEST_POSTGRES is not set: a URL such as postgres://postgres@127.0.0.1:5432/postgres")
	}
	logs := newLogs(t)
	c.Logger, c.Pool = logs.Logger("db.query"), logs.Logger("db.pool")
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	config.ConnConfig.Tracer = pgxlog.New(c)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), "CREATE TEMPORARY TABLE messages (id INT PRIMARY KEY, body TEXT NOT NULL, data JSONB)"); err != nil {
		t.Fatal(err)
	}
	logs.One("db_connected")
	logs.Reset()
	return pool, logs
}

func TestPostgresStatements(t *testing.T) {
	pool, logs := openPostgres(t, pgxlog.Config{Queries: true, Slow: time.Hour})
	ctx, scope := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "r1"})
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(pool.Exec(ctx, "INSERT INTO messages (id, body) VALUES ($1, $2), ($3, $4)", 1, canary, 2, canary))
	must(pool.Exec(ctx, "INSERT INTO messages (id, body) VALUES (3, '"+canary+"')"))
	must(pool.Exec(ctx, "UPDATE messages SET body = @body WHERE id = @id", pgx.NamedArgs{"body": canary, "id": 1}))
	rows, err := pool.Query(ctx, "SELECT id FROM messages WHERE body = $1", canary)
	must(pgx.CollectRows(rows, pgx.RowTo[int32]))
	must(nil, err)
	if err := pool.QueryRow(ctx, "SELECT body FROM messages WHERE id = $1", 99).Scan(new(string)); !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("Scan = %v, want ErrNoRows", err)
	}
	must(pool.Exec(ctx, "SELECT id FROM messages WHERE body = $1", pgx.QueryExecModeSimpleProtocol, canary))
	must(pool.CopyFrom(ctx, pgx.Identifier{"messages"}, []string{"id", "body"},
		pgx.CopyFromRows([][]any{{10, canary}, {11, canary}, {12, canary}, {13, canary}})))

	var got []string
	for _, r := range logs.Event("query_executed") {
		got = append(got, r.String("table")+" "+r.String("statement"))
		if r.RequestID() != "r1" || r.Level() != "DEBUG" {
			t.Errorf("want r1 at DEBUG: %s", r.Line)
		}
	}
	want := []string{
		"messages INSERT INTO messages (id, body) VALUES (?)",
		"messages INSERT INTO messages (id, body) VALUES (?)",
		"messages UPDATE messages SET body = ? WHERE id = ?",
		"messages SELECT id FROM messages WHERE body = ?",
		"messages SELECT body FROM messages WHERE id = ?",
		"messages SELECT id FROM messages WHERE body = ?",
		"messages COPY messages (id, body) FROM STDIN",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var counts []int64
	for _, r := range logs.Event("query_executed") {
		counts = append(counts, r.Int("rows"))
	}
	if want := []int64{2, 1, 1, 3, 0, 3, 4}; !slices.Equal(counts, want) {
		t.Errorf("rows = %d, want %d", counts, want)
	}
	if got, want := members(scope.Gathered(nil)[0].Value)["count"].Int64(), int64(7); got != want {
		t.Errorf("db.count = %d, want %d", got, want)
	}
}

func TestPostgresErrors(t *testing.T) {
	pool, logs := openPostgres(t, pgxlog.Config{})
	ctx := t.Context()
	pool.Exec(ctx, "INSERT INTO messages (id, body) VALUES ($1, $2)", 1, canary)
	pool.Exec(ctx, "INSERT INTO messages (id, body) VALUES ($1, $2)", 1, canary)
	pool.Exec(ctx, "SELECT nothing FROM messages WHERE body = $1", canary)
	pool.CopyFrom(ctx, pgx.Identifier{"messages"}, []string{"nothing"}, pgx.CopyFromRows([][]any{{canary}}))
	pool.CopyFrom(ctx, pgx.Identifier{"messages"}, []string{"id", "body"}, pgx.CopyFromRows([][]any{{1, canary}}))
	b := new(pgx.Batch)
	b.Queue("INSERT INTO messages (id, body) VALUES ($1, $2)", 5, canary)
	b.Queue("INSERT INTO messages (id, body) VALUES ($1, $2)", 5, canary)
	b.Queue("SELECT 1")
	pool.SendBatch(ctx, b).Close()

	var got []string
	for _, r := range logs.Event("query_failed") {
		got = append(got, r.Level()+" "+r.String("operation")+" "+r.String("error_code"))
		if !strings.HasPrefix(r.String("caller"), "pgxlog/postgres_test.go:") {
			t.Errorf("caller = %q: %s", r.String("caller"), r.Line)
		}
	}
	want := []string{
		"ERROR INSERT 23505",
		"ERROR SELECT 42703",
		"ERROR COPY 42703",
		"ERROR COPY 23505",
		"ERROR INSERT 23505",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPostgresCanceled(t *testing.T) {
	pool, logs := openPostgres(t, pgxlog.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	go cancel()
	conn.Exec(ctx, "SELECT pg_sleep(60)")
	r := logs.One("query_failed")
	if got, want := r.Level(), "DEBUG"; got != want {
		t.Errorf("level = %s, want %s: %s", got, want, r.Line)
	}
}

func TestPostgresTransaction(t *testing.T) {
	pool, logs := openPostgres(t, pgxlog.Config{SlowTx: time.Nanosecond, Slow: -1})
	insert := func(ctx context.Context, tx pgx.Tx, id int) {
		t.Helper()
		if _, err := tx.Exec(ctx, "INSERT INTO messages (id, body) VALUES ($1, $2)", id, canary); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	check := func(outcome string, statements int64) {
		t.Helper()
		r := logs.One("slow_transaction")
		if got := r.String("outcome"); got != outcome {
			t.Errorf("outcome = %q, want %q", got, outcome)
		}
		if got := r.Int("statements"); got != statements {
			t.Errorf("statements = %d, want %d", got, statements)
		}
		logs.Reset()
	}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		insert(ctx, tx, 1)
		insert(ctx, tx, 2)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check("commit", 2)

	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		insert(ctx, tx, 3)
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("no error")
	}
	check("rollback", 1)

	// A batch that begins a transaction by itself, on a connection that is kept.
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	b := new(pgx.Batch)
	b.Queue("BEGIN")
	b.Queue("INSERT INTO messages (id, body) VALUES (7, 'x')")
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		t.Fatal(err)
	}
	logs.None("slow_transaction")
	if _, err := conn.Exec(ctx, "COMMIT"); err != nil {
		t.Fatal(err)
	}
	check("commit", 1)
}

func TestPostgresPool(t *testing.T) {
	pool, logs := openPostgres(t, pgxlog.Config{})
	before := pool.Stat()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pgxlog.LogPool(t.Context(), logs.Logger("db.pool"), before, pool.Stat())
	r := logs.One("db_pool_stats")
	if got, want := r.Level(), "DEBUG"; got != want {
		t.Errorf("level = %s, want %s", got, want)
	}
	if got, want := []int64{r.Int("open"), r.Int("in_use"), r.Int("idle"), r.Int("max_open")}, []int64{1, 1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("open, in_use, idle, max_open = %d, want %d", got, want)
	}

	// A caller that has to wait for another is worth a warning. That it does
	// wait cannot be seen from here, so try until it did.
	before = pool.Stat()
	for deadline := time.Now().Add(10 * time.Second); pool.Stat().EmptyAcquireCount() == before.EmptyAcquireCount(); {
		if time.Now().After(deadline) {
			t.Fatal("nobody had to wait")
		}
		failed := make(chan error)
		go func() {
			_, err := pool.Exec(t.Context(), "SELECT 1")
			failed <- err
		}()
		runtime.Gosched()
		conn.Release()
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
		if conn, err = pool.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	conn.Release()
	logs.Reset()
	pgxlog.LogPool(t.Context(), logs.Logger("db.pool"), before, pool.Stat())
	r = logs.One("db_pool_stats")
	if got, want := r.Level(), "WARNING"; got != want {
		t.Errorf("level = %s, want %s: %s", got, want, r.Line)
	}
}

func TestWatchPool(t *testing.T) {
	logs := newLogs(t)
	config, err := pgxpool.ParseConfig("postgres://someone@127.0.0.1:1/pairly?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			pgxlog.WatchPool(ctx, pool, logs.Logger("db.pool"), 0)
			close(done)
		}()
		time.Sleep(3*time.Minute + time.Second)
		cancel()
		<-done
	})
	if got, want := len(logs.Event("db_pool_stats")), 3; got != want {
		t.Errorf("%d lines in three minutes, want %d", got, want)
	}
}
