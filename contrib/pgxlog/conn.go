package pgxlog

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pairly/pairlog/sqllog"
)

// maxPrepared is how many prepared statements of a connection are known by name.
// A program that makes more of them has made their names up; lines then show the
// name as the statement.
const maxPrepared = 256

// connState is what is known of a connection. It is kept in the connection, whose
// use is serialized.
type connState struct {
	prepared map[string]*sqllog.Statement // by the name that the program gave
	tx       *tx                          // the open transaction, or nil
}

// A tx is an open transaction.
type tx struct {
	start      time.Duration
	statements int
}

// stateKey is where a connection keeps its state.
const stateKey = packagePath

// stateOf returns the state of a connection. Where it has none yet it is made if
// wanted, or else nil.
func stateOf(conn *pgx.Conn, wanted bool) *connState {
	if conn == nil || conn.PgConn() == nil {
		return nil
	}
	data := conn.PgConn().CustomData()
	s, _ := data[stateKey].(*connState)
	if s == nil && wanted && data != nil {
		s = new(connState)
		data[stateKey] = s
	}
	return s
}

// remember notes the statement that a name stands for from now on.
func remember(conn *pgx.Conn, name string, st *sqllog.Statement) {
	if name == "" {
		return
	}
	s := stateOf(conn, true)
	if s == nil {
		return
	}
	if s.prepared == nil {
		s.prepared = make(map[string]*sqllog.Statement)
	}
	if _, known := s.prepared[name]; known || len(s.prepared) < maxPrepared {
		s.prepared[name] = st
	}
}

// statement returns what is known of an SQL text, which may be the name of a
// prepared statement.
func (t *Tracer) statement(conn *pgx.Conn, sql string) *sqllog.Statement {
	if s := stateOf(conn, false); s != nil {
		if st, ok := s.prepared[sql]; ok {
			return st
		}
	}
	return t.statements.Statement(sql)
}

// endInTx takes account of n statements of a call that has ended, the last one
// with this tag: they began a transaction, were part of one, or ended it.
func (t *Tracer) endInTx(c *call, conn *pgx.Conn, n int, tag pgconn.CommandTag) {
	if conn == nil || conn.PgConn() == nil {
		return
	}
	const idle = 'I' // see pgconn.PgConn.TxStatus
	open := conn.PgConn().TxStatus() != idle
	s := stateOf(conn, open)
	if s == nil {
		return
	}
	switch {
	case open && s.tx == nil:
		s.tx = &tx{start: c.start, statements: max(n-1, 0)} // BEGIN does not count
	case open:
		s.tx.statements += n
	case s.tx != nil:
		held, statements := t.now()-s.tx.start, s.tx.statements+max(n-1, 0)
		s.tx = nil
		// PostgreSQL answers the COMMIT of a transaction that has failed with
		// ROLLBACK: the tag is the truth.
		outcome := "rollback"
		if tag.String() == "COMMIT" {
			outcome = "commit"
		}
		t.statements.EndTx(c.Context, held, statements, outcome)
	}
}
