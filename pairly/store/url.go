package store

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// A target is a parsed database URL.
type target struct {
	dialect  *dialect
	host     string // without credentials; "local" for SQLite
	database string // name or file
	memory   bool
	url      string // PostgreSQL: as given
	query    string // SQLite: parameters for the driver
}

func parseURL(raw string) (target, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	switch {
	case ok && scheme == "sqlite":
		path, query, _ := strings.Cut(rest, "?")
		if path == "" {
			return target{}, fmt.Errorf("parse database URL: want a file after sqlite://")
		}
		return target{dialect: sqliteDialect, host: "local", database: path, memory: path == ":memory:", query: query}, nil
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		c, err := pgx.ParseConfig(raw)
		if err != nil {
			return target{}, err // pgx hides the password in its message
		}
		return target{dialect: postgresDialect, host: fmt.Sprintf("%s:%d", c.Host, c.Port), database: c.Database, url: raw}, nil
	}
	return target{}, fmt.Errorf("parse database URL: want sqlite:// or postgres://")
}

func (t target) connector() (driver.Connector, error) {
	if t.dialect == postgresDialect {
		c, err := pgx.ParseConfig(t.url)
		if err != nil {
			return nil, err
		}
		return stdlib.GetConnector(*c), nil
	}
	// Every BEGIN is IMMEDIATE: a transaction that reads first and writes later
	// would otherwise fail when another one wrote in between. Commits are
	// synced (FULL): the audit trail and the ledger rest on them.
	settings := "_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	if t.query != "" {
		settings += "&" + t.query // later pragmas win
	}
	if t.memory {
		return sqlite.NewConnector("file::memory:?" + settings)
	}
	// The file holds password hashes: it is created here, so that SQLite takes
	// the mode over for its journal files too.
	f, err := os.OpenFile(t.database, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	file := (&url.URL{Path: t.database}).EscapedPath()
	return sqlite.NewConnector("file:" + file + "?" + settings)
}
