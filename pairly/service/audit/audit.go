// Package audit records who did what to whom: a row in the database, in the
// transaction of the change, and a line in the log after its commit.
package audit

import (
	"context"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A Store is what the service needs of the database.
type Store interface {
	Savepoint(ctx context.Context, fn func(ctx context.Context) error) error
	InsertAudit(ctx context.Context, r pairly.AuditRecord) error
}

// Config holds what the service works with; Store is required.
type Config struct {
	Store     Store
	Log       *slog.Logger // audit; nil discards
	HealthLog *slog.Logger // service.audit; nil discards
	// Redact, when set, appends raw, a JSON text, to dst with secrets replaced.
	Redact func(dst, raw []byte) []byte
	Now    func() time.Time // nil means time.Now
}

// A Service is the [pairly.Auditor] of the backend; safe for concurrent use.
type Service struct{ c Config }

var _ pairly.Auditor = (*Service)(nil)

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// Record implements [pairly.Auditor].
func (s *Service) Record(ctx context.Context, r pairly.AuditRecord) error { return nil }
