// Package audit records who did what to whom: a row in the database, in the
// transaction of the change, and a line in the log after its commit.
package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	// It sees reason, before, after and details, for the row and the line.
	Redact func(dst, raw []byte) []byte
	Now    func() time.Time // nil means time.Now
}

// A Service is the [pairly.Auditor] of the backend; safe for concurrent use.
type Service struct{ c Config }

var _ pairly.Auditor = (*Service)(nil)

// New returns a service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.HealthLog == nil {
		c.HealthLog = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c: c}
}

// Record implements [pairly.Auditor]. The actor and the request are those of
// ctx. Within a transaction the row is part of it; the line follows the
// commit. When the row cannot be written, audit_write_failed says so, and
//
//   - in a transaction Record returns the error, so that the change does not
//     happen; but
//   - a record marked Denial, and any record outside a transaction, tells of
//     what stands regardless: its line is still written and Record returns nil.
func (s *Service) Record(ctx context.Context, r pairly.AuditRecord) error {
	r.Time = s.c.Now().UTC()
	r.ID = pairly.NewID(r.Time)
	r.Actor = pairly.ActorFrom(ctx)
	r.RequestID = pairly.RequestFrom(ctx).ID
	s.sanitize(&r)
	if err := s.insert(ctx, r); err != nil {
		s.c.HealthLog.LogAttrs(ctx, pairly.LevelCritical, "audit_write_failed",
			slog.String("audit_event", r.Event),
			slog.String("error_type", pairly.ErrorType(err)))
		if pairly.InTransaction(ctx) && !r.Denial {
			return fmt.Errorf("record %s: %w", r.Event, err)
		}
	}
	pairly.AfterCommit(ctx, func() { s.c.Log.LogAttrs(ctx, r.Level, r.Event, line(r)...) })
	return nil
}

func (s *Service) insert(ctx context.Context, r pairly.AuditRecord) error {
	insert := func(ctx context.Context) error { return s.c.Store.InsertAudit(ctx, r) }
	switch {
	case !pairly.InTransaction(ctx):
		// A client that hangs up does not get out of the trail.
		return insert(context.WithoutCancel(ctx))
	case r.Denial:
		// The failure must not take the transaction with it.
		return s.c.Store.Savepoint(ctx, insert)
	}
	return insert(ctx)
}

// sanitize gives r states of its own, in which times have the form of the log
// and no secrets are left. What cannot be encoded is left out.
func (s *Service) sanitize(r *pairly.AuditRecord) {
	for _, state := range []*map[string]any{&r.Before, &r.After, &r.Details} {
		if *state != nil {
			*state = plain(*state).(map[string]any)
		}
	}
	if s.c.Redact == nil {
		return
	}
	type parts struct {
		Reason  string         `json:"reason,omitempty"`
		Before  map[string]any `json:"before,omitempty"`
		After   map[string]any `json:"after,omitempty"`
		Details map[string]any `json:"details,omitempty"`
	}
	raw, err := json.Marshal(parts{r.Reason, r.Before, r.After, r.Details})
	var p parts
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(s.c.Redact(nil, raw)))
		d.UseNumber()
		err = d.Decode(&p)
	}
	if err != nil {
		p = parts{} // better incomplete than with a secret
	}
	r.Reason, r.Before, r.After, r.Details = p.Reason, numbers(p.Before), numbers(p.After), numbers(p.Details)
}

// numbers gives the numbers of a decoded state their types back.
func numbers(m map[string]any) map[string]any {
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			numbers(v)
		case json.Number:
			if n, err := v.Int64(); err == nil {
				m[k] = n
			} else if f, err := v.Float64(); err == nil {
				m[k] = f
			}
		}
	}
	return m
}

// plain copies a state and writes times as log lines do.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = plain(e)
		}
		return m
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return v
}
