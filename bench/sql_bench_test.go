package bench

import (
	"bytes"
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

// sqlText is a statement as services have them: 160 bytes, one argument.
const sqlText = "SELECT id, email, name, created_at, updated_at, is_suspended, role FROM users WHERE email = $1 AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 10 OFFSET 0"

// sqlKinds are the two ways to send a statement.
var sqlKinds = []struct {
	name string
	send func(ctx context.Context, db *sql.DB) error
}{
	{"Query", func(ctx context.Context, db *sql.DB) error {
		var id int64
		return db.QueryRowContext(ctx, sqlText, int64(7)).Scan(&id)
	}},
	{"Exec", func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, sqlText, int64(7))
		return err
	}},
}

// requestContext is the context of a request. It cannot be canceled: for one that
// can, database/sql starts a goroutine with each query, whose noise would be all
// that is measured.
func requestContext() context.Context {
	ctx, _ := pairlog.NewScope(context.Background(), pairlog.ScopeConfig{RequestID: webRequest})
	return ctx
}

// BenchmarkSQL is QueryRowContext and Scan, and ExecContext, through each wrapper.
// A wrapper's difference to bare is what it adds.
func BenchmarkSQL(b *testing.B) {
	for _, kind := range sqlKinds {
		for _, r := range sqlRivals {
			b.Run(kind.name+"/"+r.name, func(b *testing.B) {
				db, closeLog := r.open(lockedDiscard{})
				defer closeLog()
				defer db.Close()
				ctx := requestContext()
				b.ReportAllocs()
				cpu := cpuTime()
				for b.Loop() {
					if err := kind.send(ctx, db); err != nil {
						b.Fatal(err)
					}
				}
				reportCPU(b, cpu)
			})
		}
	}
}

// BenchmarkFingerprint is what finding the statement of a known SQL text costs,
// which is part of every query.
func BenchmarkFingerprint(b *testing.B) {
	b.Run("pairlog", func(b *testing.B) {
		statements := sqllog.NewStatements(sqllog.Config{Slow: -1})
		b.ReportAllocs()
		cpu := cpuTime()
		for b.Loop() {
			if statements.Statement(sqlText).Operation() != "SELECT" {
				b.Fatal("wrong statement")
			}
		}
		reportCPU(b, cpu)
	})
}

// Those that are to write nothing of a quick statement write nothing, and the
// others one line of each.
func TestSQLLines(t *testing.T) {
	for _, kind := range sqlKinds {
		for _, r := range sqlRivals {
			var buf bytes.Buffer
			db, closeLog := r.open(&buf)
			const statements = 3
			for range statements {
				if err := kind.send(requestContext(), db); err != nil {
					t.Fatalf("%s/%s: %v", kind.name, r.name, err)
				}
			}
			db.Close()
			closeLog()
			want := 0
			if r.every {
				want = statements
			}
			if got := strings.Count(buf.String(), "FROM users"); got != want {
				t.Errorf("%s/%s wrote %d lines of %d statements, want %d:\n%s", kind.name, r.name, got, statements, want, &buf)
			}
		}
	}
}
