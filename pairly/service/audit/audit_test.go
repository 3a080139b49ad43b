package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/audit"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// failing is a store whose audit rows cannot be written while on is set.
type failing struct {
	*store.Store
	on bool
}

func (f *failing) InsertAudit(ctx context.Context, r pairly.AuditRecord) error {
	if !f.on {
		return f.Store.InsertAudit(ctx, r)
	}
	// A statement that the database refuses, which on PostgreSQL would end
	// the transaction around it.
	r.Severity = "none"
	return f.Store.InsertAudit(ctx, r)
}

type setup struct {
	st  *failing
	rec *eventtest.Recorder
	s   *audit.Service
	ctx context.Context
}

func newSetup(t *testing.T, url string, redact func(dst, raw []byte) []byte) setup {
	t.Helper()
	st := &failing{Store: storetest.Open(t, url, store.Config{})}
	rec := eventtest.New()
	s := audit.New(audit.Config{
		Store: st, Log: rec.Logger("audit"), HealthLog: rec.Logger("service.audit"), Redact: redact,
		Now: func() time.Time { return storetest.T0 },
	})
	ctx := pairly.WithRequest(context.Background(), pairly.Request{ID: pairly.NewUUID(), ClientIP: "192.168.1.100"})
	ctx = pairly.WithActor(ctx, pairly.Actor{UserID: "507f1f77bcf86cd799439011", Role: pairly.RoleAdmin, IP: "192.168.1.100", SessionID: "abc123"})
	return setup{st, rec, s, ctx}
}

func suspended() pairly.AuditRecord {
	return pairly.AuditRecord{
		Event: "user_suspended", Action: "suspend_user", Level: slog.LevelInfo, Severity: pairly.SeverityHigh,
		Target: pairly.Target{UserID: "507f1f77bcf86cd799439012", Email: "user@example.com"}, Reason: "Terms violation",
		Before: map[string]any{"is_suspended": false}, After: map[string]any{"is_suspended": true},
	}
}

func (x setup) rows(t *testing.T) []pairly.AuditRecord {
	t.Helper()
	rows, _, err := x.st.AuditRecords(context.Background(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRecordAfterCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		x := newSetup(t, url, nil)
		err := x.st.InTx(x.ctx, func(ctx context.Context) error {
			if err := x.s.Record(ctx, suspended()); err != nil {
				return err
			}
			x.rec.Want(t) // nothing before the commit
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		l := x.rec.Find(t, "A:user_suspended")
		x.rec.Want(t, "A:user_suspended")
		want := []string{"actor", "target", "action", "reason", "before_state", "after_state", "severity"}
		if got := l.Keys(); !slices.Equal(got, want) {
			t.Errorf("keys: got %v, want %v", got, want)
		}
		f := func(path, want string) {
			t.Helper()
			if got := l.Text(path); got != want {
				t.Errorf("%s: got %s, want %s", path, got, want)
			}
		}
		f("actor", "[user_id=507f1f77bcf86cd799439011 role=admin ip_address=192.168.1.100 session_id=abc123]")
		f("target", "[user_id=507f1f77bcf86cd799439012 email=user@example.com]")
		f("action", "suspend_user")
		f("reason", "Terms violation")
		f("before_state", "[is_suspended=false]")
		f("after_state", "[is_suspended=true]")
		f("severity", "high")
		rows := x.rows(t)
		if len(rows) != 1 || rows[0].Event != "user_suspended" || rows[0].Actor.UserID != "507f1f77bcf86cd799439011" ||
			rows[0].RequestID != pairly.RequestFrom(x.ctx).ID || !rows[0].Time.Equal(storetest.T0) {
			t.Errorf("rows: got %+v", rows)
		}
	})
}

func TestNulls(t *testing.T) {
	x := newSetup(t, storetest.SQLite(t), nil)
	ctx := pairly.WithRequest(context.Background(), pairly.Request{ClientIP: "203.0.113.7"})
	err := x.s.Record(ctx, pairly.AuditRecord{
		Event: "ip_banned", Action: "ban_ip", Level: slog.LevelWarn, Severity: pairly.SeverityHigh,
		Target: pairly.Target{Type: "ip", ID: "203.0.113.7"}, After: map[string]any{"until": storetest.T0, "banned": true},
		Before:  map[string]any{},
		Details: map[string]any{"n": int64(3)},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := x.rec.Find(t, "A:ip_banned")
	x.rec.Want(t, "A:ip_banned")
	f := func(path, want string) {
		t.Helper()
		if got := l.Text(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	f("actor.user_id", "null")
	f("actor.role", "null")
	f("actor.ip_address", "203.0.113.7")
	f("actor.session_id", "null")
	f("target", "[type=ip id=203.0.113.7]")
	f("reason", "null")
	f("before_state", "null")
	f("after_state.banned", "true")
	f("after_state.until", "2025-01-15T10:30:45.123Z")
	f("details.n", "3")
	if l.Level != slog.LevelWarn {
		t.Errorf("level: got %v, want WARN", l.Level)
	}
}

func TestRollback(t *testing.T) {
	x := newSetup(t, storetest.SQLite(t), nil)
	cause := errors.New("no")
	err := x.st.InTx(x.ctx, func(ctx context.Context) error {
		if err := x.s.Record(ctx, suspended()); err != nil {
			return err
		}
		return cause
	})
	if !errors.Is(err, cause) || len(x.rows(t)) != 0 {
		t.Errorf("got %v and %d rows, want the cause and none", err, len(x.rows(t)))
	}
	x.rec.Want(t)
}

// No record, no change.
func TestFailureFailsTheChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		x := newSetup(t, url, nil)
		u := storetest.User(t, x.st.Store, "a@example.com", pairly.RoleFan)
		x.st.on = true
		err := x.st.InTx(x.ctx, func(ctx context.Context) error {
			if _, err := x.st.SuspendUser(ctx, u.ID, "a", "b", storetest.T0); err != nil {
				return err
			}
			return x.s.Record(ctx, suspended())
		})
		if err == nil {
			t.Error("got no error, want the audit's")
		}
		l := x.rec.Find(t, "L:audit_write_failed")
		x.rec.Want(t, "L:audit_write_failed")
		if l.Level != pairly.LevelCritical || l.Text("audit_event") != "user_suspended" || l.Text("error_type") == "" {
			t.Errorf("audit_write_failed: got %+v", l)
		}
		if got, err := x.st.User(x.ctx, u.ID); err != nil || got.IsSuspended {
			t.Errorf("the change: got suspended %t, %v, want it undone", got.IsSuspended, err)
		}
	})
}

// A refusal stands without its record, and so do the counters around it.
func TestDenialStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		x := newSetup(t, url, nil)
		x.st.on = true
		denied := pairly.AuditRecord{Event: "login_failed", Action: "login", Level: slog.LevelWarn, Severity: pairly.SeverityMedium, Denial: true}
		err := x.st.InTx(x.ctx, func(ctx context.Context) error {
			if _, err := x.st.CountFailure(ctx, "ip", "x", pairly.FailureLimit{Limit: 3}, storetest.T0); err != nil {
				return err
			}
			return x.s.Record(ctx, denied)
		})
		if err != nil {
			t.Fatal(err)
		}
		x.rec.Want(t, "L:audit_write_failed", "A:login_failed")
		if f, err := x.st.FailedLogin(x.ctx, "ip", "x"); err != nil || f.Count != 1 {
			t.Errorf("counter: got %d, %v, want 1", f.Count, err)
		}
		// Outside a transaction every record is of that kind.
		denied.Denial = false
		if err := x.s.Record(x.ctx, denied); err != nil {
			t.Error(err)
		}
		x.rec.Want(t, "L:audit_write_failed", "A:login_failed")
	})
}

// Who hangs up is recorded all the same.
func TestCancelledRequest(t *testing.T) {
	x := newSetup(t, storetest.SQLite(t), nil)
	ctx, cancel := context.WithCancel(x.ctx)
	cancel()
	if err := x.s.Record(ctx, suspended()); err != nil {
		t.Fatal(err)
	}
	x.rec.Want(t, "A:user_suspended")
	if n := len(x.rows(t)); n != 1 {
		t.Errorf("rows: got %d, want 1", n)
	}
}

func TestRedact(t *testing.T) {
	planted := "hunter" + "2-planted"
	x := newSetup(t, storetest.SQLite(t), func(dst, raw []byte) []byte {
		return append(dst, strings.ReplaceAll(string(raw), planted, "[REDACTED]")...)
	})
	r := suspended()
	r.Reason = "said " + planted
	r.After["note"] = map[string]any{"inner": planted}
	r.Details = map[string]any{"count": int64(9_007_199_254_740_993), "share": 0.5}
	if err := x.s.Record(x.ctx, r); err != nil {
		t.Fatal(err)
	}
	l := x.rec.Find(t, "A:user_suspended")
	x.rec.Want(t, "A:user_suspended")
	row := x.rows(t)[0]
	if got := l.Text("reason"); got != "said [REDACTED]" || row.Reason != got {
		t.Errorf("reason: got %q in the line, %q in the row", got, row.Reason)
	}
	if got := l.Text("after_state.note.inner"); got != "[REDACTED]" {
		t.Errorf("after_state.note.inner: got %q", got)
	}
	if got := l.Text("details.count"); got != "9007199254740993" {
		t.Errorf("details.count: got %s, want it exact", got)
	}
	if got := l.Text("details.share"); got != "0.5" {
		t.Errorf("details.share: got %s, want 0.5", got)
	}
	if r.After["note"].(map[string]any)["inner"] != planted {
		t.Error("the caller's map was changed")
	}
}
