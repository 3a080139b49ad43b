package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/pairly/pairlog/pairly"
)

// migrations holds one folder a dialect; both have the same file names, and
// the files of one name say the same in two dialects.
//
//go:embed migrations
var migrations embed.FS

// migrate applies the migrations that the database lacks, each in its own
// transaction. On PostgreSQL several instances may start at once: one applies,
// the others wait for it.
func (s *Store) migrate(ctx context.Context, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations/"+s.d.name)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	opts := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(slog.New(slog.DiscardHandler)),
	}
	if s.d == postgresDialect {
		dialect = goose.DialectPostgres
		opts = append(opts, goose.WithSessionLocker(schemaLock{}))
	}
	p, err := goose.NewProvider(dialect, s.db, files, opts...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	applied, err := p.Up(ctx)
	if partial := (*goose.PartialError)(nil); errors.As(err, &partial) {
		applied = partial.Applied
	}
	for _, m := range applied {
		text, err := fs.ReadFile(files, path.Base(m.Source.Path))
		if err != nil {
			return err
		}
		log.LogAttrs(ctx, slog.LevelInfo, "migration_applied",
			slog.String("migration_id", migrationID(m)),
			slog.Duration("duration_ms", m.Duration),
			slog.Int("statements", countStatements(string(text))))
	}
	if err != nil {
		id := ""
		if partial := (*goose.PartialError)(nil); errors.As(err, &partial) {
			id = migrationID(partial.Failed)
		}
		log.LogAttrs(ctx, pairly.LevelCritical, "migration_failed",
			slog.String("migration_id", id),
			slog.String("error_type", pairly.ErrorType(err)),
			slog.String("error_message", err.Error()))
		return fmt.Errorf("migrate %s database: %w", s.d.name, err)
	}
	return nil
}

func migrationID(m *goose.MigrationResult) string {
	return strings.TrimSuffix(path.Base(m.Source.Path), ".sql")
}

// countStatements counts what the Up part of a migration runs: a block
// between StatementBegin and StatementEnd is one statement.
func countStatements(text string) int {
	n, block := 0, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "-- +goose Down"):
			return n
		case strings.HasPrefix(line, "-- +goose StatementBegin"):
			block = true
		case strings.HasPrefix(line, "-- +goose StatementEnd"):
			block = false
			n++
		case !block && !strings.HasPrefix(line, "--") && strings.HasSuffix(line, ";"):
			n++
		}
	}
	return n
}

// A schemaLock serializes migrations of one PostgreSQL schema. Unlike goose's
// own locker it waits in the database instead of polling, and does not stop
// migrations of other schemas.
type schemaLock struct{}

var _ lock.SessionLocker = schemaLock{}

const schemaLockKey = `hashtext('pairly migrations ' || coalesce(current_schema(), ''))`

// SessionLock waits for the lock.
func (schemaLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock("+schemaLockKey+")")
	return err
}

// SessionUnlock gives the lock back.
func (schemaLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock("+schemaLockKey+")")
	return err
}
