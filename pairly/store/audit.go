package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
)

// InsertAudit adds a record to the trail.
func (s *Store) InsertAudit(ctx context.Context, r pairly.AuditRecord) error {
	targetType, targetID := r.Target.Type, r.Target.ID
	if targetType == "" && (r.Target.UserID != "" || r.Target.Email != "") {
		targetType, targetID = "user", r.Target.UserID
	}
	var states [3]any
	for i, m := range []map[string]any{r.Before, r.After, r.Details} {
		if m == nil {
			continue
		}
		text, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("insert audit record %s: %w", r.Event, err)
		}
		states[i] = string(text)
	}
	_, err := s.exec(ctx, `INSERT INTO audit_logs (id, request_id, event, action, level, severity,
			actor_user_id, actor_role, actor_ip, actor_session_id, actor_fingerprint,
			target_type, target_id, target_email, reason, before_state, after_state, details, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, nullText(r.RequestID), r.Event, r.Action, levelName(r.Level), string(r.Severity),
		nullText(r.Actor.UserID), nullText(string(r.Actor.Role)), nullText(r.Actor.IP), nullText(r.Actor.SessionID), nullText(r.Actor.Fingerprint),
		nullText(targetType), nullText(targetID), nullText(r.Target.Email), nullText(r.Reason),
		states[0], states[1], states[2], millis(r.Time))
	if err != nil {
		return fmt.Errorf("insert audit record %s: %w", r.Event, err)
	}
	return nil
}

func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelWarn:
		return "INFO"
	case l < slog.LevelError:
		return "WARNING"
	case l < pairly.LevelCritical:
		return "ERROR"
	}
	return "CRITICAL"
}

func levelOf(name string) slog.Level {
	switch name {
	case "WARNING":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	case "CRITICAL":
		return pairly.LevelCritical
	}
	return slog.LevelInfo
}

// A Seq is a record's place in the trail. Places grow in the order of
// insertion; rolled-back transactions leave gaps.
type Seq int64

// AuditRecords returns the records after that place, in order, limit at most,
// and the place of the last one.
func (s *Store) AuditRecords(ctx context.Context, after Seq, limit int) ([]pairly.AuditRecord, Seq, error) {
	last := after
	out, err := list(ctx, s, func(r scanner) (pairly.AuditRecord, error) {
		rec, seq, err := scanAudit(r)
		last = seq
		return rec, err
	}, `SELECT seq, id, request_id, event, action, level, severity,
			actor_user_id, actor_role, actor_ip, actor_session_id, actor_fingerprint,
			target_type, target_id, target_email, reason, before_state, after_state, details, created_at
		FROM audit_logs WHERE seq > ? ORDER BY seq LIMIT ?`, int64(after), limit)
	if err != nil {
		return nil, after, fmt.Errorf("read audit records: %w", err)
	}
	return out, last, nil
}

func scanAudit(r scanner) (pairly.AuditRecord, Seq, error) {
	var rec pairly.AuditRecord
	var seq Seq
	var level string
	var states [3]string
	err := r.Scan(&seq, &rec.ID, textOrNull[string]{&rec.RequestID}, &rec.Event, &rec.Action, &level, &rec.Severity,
		textOrNull[string]{&rec.Actor.UserID}, textOrNull[pairly.Role]{&rec.Actor.Role}, textOrNull[string]{&rec.Actor.IP},
		textOrNull[string]{&rec.Actor.SessionID}, textOrNull[string]{&rec.Actor.Fingerprint},
		textOrNull[string]{&rec.Target.Type}, textOrNull[string]{&rec.Target.ID}, textOrNull[string]{&rec.Target.Email}, textOrNull[string]{&rec.Reason},
		textOrNull[string]{&states[0]}, textOrNull[string]{&states[1]}, textOrNull[string]{&states[2]}, stamp{&rec.Time})
	if err != nil {
		return rec, 0, err
	}
	rec.Level = levelOf(level)
	if rec.Target.Type == "user" {
		rec.Target = pairly.Target{UserID: rec.Target.ID, Email: rec.Target.Email}
	}
	for i, to := range []*map[string]any{&rec.Before, &rec.After, &rec.Details} {
		if states[i] == "" {
			continue
		}
		if err := json.Unmarshal([]byte(states[i]), to); err != nil {
			return rec, 0, fmt.Errorf("decode audit record %s: %w", rec.ID, err)
		}
	}
	return rec, seq, nil
}
