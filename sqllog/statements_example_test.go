package sqllog_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/sqllog"
)

func ExampleParse() {
	st := sqllog.Parse("select id from users -- by name\n where name = 'Ann' and age in (30, 31)", false)
	fmt.Println(st.Operation(), st.Table())
	fmt.Println(st.Fingerprint())
	// Output:
	// SELECT users
	// select id from users where name = ? and age in (?)
}

// An adapter to a client that is not database/sql accounts for what it sends.
func ExampleStatements() {
	p, _ := pairlog.Open(pairlog.Config{
		Format: pairlog.FormatJSON, Out: steady{os.Stdout},
		Now: func() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC) },
	})
	statements := sqllog.NewStatements(sqllog.Config{Logger: p.Logger("db.query")})

	statements.Done(context.Background(), sqllog.Execution{
		Statement: statements.Statement("DELETE FROM sessions WHERE expires_at < 1736937045"),
		Took:      312 * time.Millisecond,
		Rows:      40,
	})
	p.Close(context.Background())
	// Output:
	// {"timestamp":"2025-01-15T10:30:45.123Z","level":"WARNING","logger":"db.query","event":"slow_query","operation":"DELETE","table":"sessions","statement":"DELETE FROM sessions WHERE expires_at < ?","duration_ms":0.00,"rows":40,"threshold_ms":0.00,"caller":"store/user.go:88"}
}
