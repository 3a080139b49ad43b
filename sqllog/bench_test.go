package sqllog_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

// quick is a driver that does nothing.
type quick struct{}

func (quick) Connect(context.Context) (driver.Conn, error) { return quick{}, nil }
func (quick) Driver() driver.Driver                        { return noDriver{} }
func (quick) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (quick) Close() error                                 { return nil }
func (quick) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (quick) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &quickRows{}, nil
}
func (quick) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

type quickRows struct{ read bool }

func (*quickRows) Columns() []string { return []string{"id"} }
func (*quickRows) Close() error      { return nil }
func (r *quickRows) Next(dest []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read = true
	dest[0] = int64(1)
	return nil
}

const text = "SELECT id, email, name, created_at, updated_at, is_suspended, role FROM users WHERE email = $1 AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 10"

func benchQuery(b *testing.B, db *sql.DB) {
	defer db.Close()
	ctx, _ := pairlog.NewScope(b.Context(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	var id int64
	b.ReportAllocs()
	for b.Loop() {
		if err := db.QueryRowContext(ctx, text).Scan(&id); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuery is QueryRowContext and Scan with nothing to log, in a scope:
// its difference to BenchmarkQueryBare is what the log costs.
func BenchmarkQuery(b *testing.B) {
	benchQuery(b, sqllog.OpenDB(quick{}, sqllog.Config{Logger: discard, Repeat: -1}))
}

// BenchmarkQueryBare is the same without sqllog.
func BenchmarkQueryBare(b *testing.B) { benchQuery(b, sql.OpenDB(quick{})) }

// BenchmarkExec and BenchmarkExecBare are ExecContext.
func BenchmarkExec(b *testing.B) {
	benchExec(b, sqllog.OpenDB(quick{}, sqllog.Config{Logger: discard, Repeat: -1}))
}

func BenchmarkExecBare(b *testing.B) { benchExec(b, sql.OpenDB(quick{})) }

func benchExec(b *testing.B, db *sql.DB) {
	defer db.Close()
	ctx, _ := pairlog.NewScope(b.Context(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.ExecContext(ctx, text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFingerprint is a statement that was seen before.
func BenchmarkFingerprint(b *testing.B) {
	lookup := sqllog.NewStatements(sqllog.Config{}).Statement
	b.ReportAllocs()
	for b.Loop() {
		lookup(text)
	}
}

// BenchmarkFingerprintNew is one that was not.
func BenchmarkFingerprintNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parse(text, false)
	}
}

// BenchmarkScope is a scope with three statements and the line that has their
// counts: what a request pays in all for its database's log.
func BenchmarkScope(b *testing.B) {
	p, err := pairlog.Open(pairlog.Config{Format: pairlog.FormatJSON, Out: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close(context.Background())
	log := p.Logger("api.request")
	statements := sqllog.NewStatements(sqllog.Config{Logger: discard})
	st := statements.Statement(strings.Replace(text, "role", "role, locale, time_zone, bio, picture_url, last_seen_at, last_login_at", 1))
	var room [4]slog.Attr
	b.ReportAllocs()
	for b.Loop() {
		ctx, scope := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: "550e8400-e29b-41d4-a716-446655440000"})
		for range 3 {
			statements.Done(ctx, sqllog.Execution{Statement: st, Took: time.Millisecond})
		}
		pairlog.Log(ctx, log, slog.LevelInfo, "closing", scope.Gathered(room[:0])...)
	}
}
