package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pairly/pairlog/pairly"
)

// A dialect is what differs between the two databases.
type dialect struct {
	name      string // as in the driver field of log lines and in migrations/
	numbered  bool   // placeholders are $1, $2… instead of ?
	forUpdate string // suffix of a SELECT that locks its rows until the end of the transaction
	unique    func(error) bool
	retryable func(error) bool // the same transaction, run again, may pass
	down      func(error) bool // the database is away or cannot serve
}

var sqliteDialect = &dialect{
	name: "sqlite",
	unique: func(err error) bool {
		code := sqliteCode(err)
		return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	},
	// Within the process writers queue in Go; busy remains for other processes.
	retryable: func(err error) bool { return sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY },
	down: func(err error) bool {
		switch sqliteCode(err) & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
			return true
		}
		return false
	},
}

var postgresDialect = &dialect{
	name:      "postgres",
	numbered:  true,
	forUpdate: " FOR UPDATE",
	unique:    func(err error) bool { return sqlState(err) == "23505" },
	// serialization_failure, deadlock_detected
	// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
	retryable: func(err error) bool { s := sqlState(err); return s == "40001" || s == "40P01" },
	down: func(err error) bool {
		var connect *pgconn.ConnectError
		var netErr net.Error
		if errors.As(err, &connect) || errors.As(err, &netErr) {
			return true
		}
		// A server that was killed just hangs up.
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
			return true
		}
		// Connection exceptions, insufficient resources, operator intervention.
		s := sqlState(err)
		return strings.HasPrefix(s, "08") || strings.HasPrefix(s, "53") || (strings.HasPrefix(s, "57P0"))
	},
}

func sqliteCode(err error) int {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func sqlState(err error) string {
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// classify turns an error that says "the database is away" into a
// pairly.EUnavailable, and returns any other as it is. What the caller's
// context did is the caller's.
func (d *dialect) classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if pairly.ErrorKind(err) == pairly.EUnavailable {
		return err
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || d.down(err) {
		return pairly.Errorf(pairly.EUnavailable, "dependency_unavailable", "The service is briefly unavailable.").Wrap(err)
	}
	return err
}

// rebind returns query in the placeholders of the dialect. A ? inside quotes
// or a comment is left alone.
func (s *Store) rebind(query string) string {
	if !s.d.numbered || !strings.Contains(query, "?") {
		return query
	}
	if q, ok := s.rebound.Load(query); ok {
		return q.(string)
	}
	q := number(query)
	s.rebound.Store(query, q) // statements are constants: the map stays small
	return q
}

func number(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 8)
	n := 0
	var quote byte
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '-' && i+1 < len(query) && query[i+1] == '-':
			end := strings.IndexByte(query[i:], '\n')
			if end < 0 {
				end = len(query) - i
			}
			b.WriteString(query[i : i+end])
			i += end - 1
			continue
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
