package audit

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/pairly/pairlog/pairly"
)

// line returns the attributes of r's log line. Their order, and which are
// null rather than absent, is the record contract.
func line(r pairly.AuditRecord) []slog.Attr {
	actor := []slog.Attr{
		text("user_id", r.Actor.UserID),
		text("role", string(r.Actor.Role)),
		text("ip_address", r.Actor.IP),
		text("session_id", r.Actor.SessionID),
	}
	if f := r.Actor.Fingerprint; f != "" {
		actor = append(actor, slog.String("fingerprint_hash", f[:min(len(f), 12)]))
	}
	attrs := []slog.Attr{
		{Key: "actor", Value: slog.GroupValue(actor...)},
		target(r.Target),
		slog.String("action", r.Action),
		text("reason", r.Reason),
		state("before_state", r.Before),
		state("after_state", r.After),
		slog.String("severity", string(r.Severity)),
	}
	if len(r.Details) > 0 {
		attrs = append(attrs, state("details", r.Details))
	}
	return attrs
}

func target(t pairly.Target) slog.Attr {
	var attrs []slog.Attr
	switch {
	case t.Type != "":
		attrs = []slog.Attr{slog.String("type", t.Type), text("id", t.ID)}
		if t.UserID != "" {
			attrs = append(attrs, slog.String("user_id", t.UserID))
		}
	case t.UserID != "" || t.Email != "":
		attrs = []slog.Attr{text("user_id", t.UserID), text("email", t.Email)}
	default:
		return slog.Any("target", nil)
	}
	return slog.Attr{Key: "target", Value: slog.GroupValue(attrs...)}
}

// text is a string, or null for "".
func text(key, s string) slog.Attr {
	if s == "" {
		return slog.Any(key, nil)
	}
	return slog.String(key, s)
}

// state is an object with its members in the order of their keys, or null
// where there is none: a group without members would vanish.
func state(key string, m map[string]any) slog.Attr {
	if len(m) == 0 {
		return slog.Any(key, nil)
	}
	attrs := make([]slog.Attr, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if sub, ok := m[k].(map[string]any); ok {
			attrs = append(attrs, state(k, sub))
			continue
		}
		attrs = append(attrs, slog.Any(k, m[k]))
	}
	return slog.Attr{Key: key, Value: slog.GroupValue(attrs...)}
}
