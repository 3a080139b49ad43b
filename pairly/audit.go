package pairly

import (
	"context"
	"log/slog"
	"time"
)

// A Severity ranks an audit record.
type Severity string

// The severities, lowest first.
const (
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// An AuditRecord says who did what to whom. The actor comes from the
// context: see [WithActor].
type AuditRecord struct {
	ID       string // set by the auditor
	Time     time.Time
	Event    string // snake_case, such as "user_suspended"
	Action   string // snake_case verb, such as "suspend_user"
	Level    slog.Level
	Severity Severity
	Target   Target
	Reason   string
	Before   map[string]any // changed, non-sensitive members only; nil when there is none
	After    map[string]any
	Details  map[string]any
	// Denial marks the record of a refusal or of a revocation: what it tells of
	// stands even when the record cannot be written. All others fail the
	// transaction that they are written in.
	Denial bool

	Actor     Actor  // set by the auditor
	RequestID string // set by the auditor
}

// A Target is what an audited action was done to: a user, with or without
// e-mail, or anything else by type and id.
type Target struct {
	Type   string // "" means user
	ID     string
	UserID string
	Email  string
}

// An Auditor records what happened. Within a transaction the record commits
// with it, and an error must fail it; the log line follows the commit.
// Implementations are safe for concurrent use.
type Auditor interface {
	Record(ctx context.Context, r AuditRecord) error
}
