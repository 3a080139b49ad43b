package storetest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
)

// T0 is the time at which the suites begin.
var T0 = time.Date(2025, 1, 15, 10, 30, 45, 123e6, time.UTC)

// User adds an account for a test; email tells it from others.
func User(t testing.TB, st *store.Store, email string, role pairly.Role) *pairly.User {
	t.Helper()
	u := &pairly.User{ID: pairly.NewID(T0), Email: email, PasswordHash: "$x", Name: "Test", Role: role, CreatedAt: T0, UpdatedAt: T0}
	if err := st.InsertUser(context.Background(), u); err != nil {
		t.Fatal(err)
	}
	return u
}

// Session adds a live session of u for a test.
func Session(t testing.TB, st *store.Store, u *pairly.User, at time.Time) *pairly.Session {
	t.Helper()
	se := &pairly.Session{
		ID: pairly.NewUUID(), UserID: u.ID, DeviceInfo: "unknown", IP: "203.0.113.7",
		RefreshTokenID: pairly.NewUUID(), RefreshJTIHash: "h1", RefreshExpires: at.Add(7 * 24 * time.Hour),
		Generation: 1, LastActiveAt: at, CreatedAt: at,
	}
	if err := st.InsertSession(context.Background(), se); err != nil {
		t.Fatal(err)
	}
	return se
}

// Identity is the conformance suite of accounts, sessions, fingerprints,
// guards, bans and audit records. open returns a new, empty store.
func Identity(t *testing.T, open func(t *testing.T) *store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *store.Store)
	}{
		{"Users", testUsers},
		{"Suspension", testSuspension},
		{"Sessions", testSessions},
		{"RevokeSessions", testRevokeSessions},
		{"Rotate", testRotate},
		{"RotateRace", testRotateRace},
		{"Touch", testTouch},
		{"Fingerprints", testFingerprints},
		{"Failures", testFailures},
		{"FailureRace", testFailureRace},
		{"Bans", testBans},
		{"Audit", testAudit},
		{"AuditRollsBack", testAuditRollsBack},
		{"Savepoint", testSavepoint},
		{"WritersQueue", testWritersQueue},
		{"Purge", testPurge},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := pairly.ErrorCode(err); got != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func testUsers(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleCreator)
	for _, read := range []func() (*pairly.User, error){
		func() (*pairly.User, error) { return st.User(ctx, u.ID) },
		func() (*pairly.User, error) { return st.UserByEmail(ctx, "a@example.com") },
	} {
		got, err := read()
		check(t, err)
		if *got != *u {
			t.Errorf("got %+v, want %+v", *got, *u)
		}
	}
	_, err := st.User(ctx, pairly.NewID(T0))
	wantCode(t, err, "user_not_found")
	_, err = st.UserByEmail(ctx, "b@example.com")
	wantCode(t, err, "user_not_found")

	// The duplicate must not end the transaction around it.
	err = st.InTx(ctx, func(ctx context.Context) error {
		wantCode(t, st.InsertUser(ctx, &pairly.User{ID: pairly.NewID(T0), Email: "a@example.com", PasswordHash: "$", Name: "B", Role: pairly.RoleFan, CreatedAt: T0}), "email_exists")
		return st.SetRole(ctx, u.ID, pairly.RoleAdmin, T0)
	})
	check(t, err)
	got, err := st.User(ctx, u.ID)
	check(t, err)
	if got.Role != pairly.RoleAdmin {
		t.Errorf("role after SetRole: got %s, want admin", got.Role)
	}
	wantCode(t, st.SetRole(ctx, pairly.NewID(T0), pairly.RoleAdmin, T0), "user_not_found")
}

func testSuspension(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	changed := func(got bool, err error, want bool) {
		t.Helper()
		check(t, err)
		if got != want {
			t.Errorf("changed: got %t, want %t", got, want)
		}
	}
	got, err := st.SuspendUser(ctx, u.ID, "admin1", "Terms violation", T0)
	changed(got, err, true)
	got, err = st.SuspendUser(ctx, u.ID, "admin2", "Other", T0.Add(time.Hour))
	changed(got, err, false)
	now, err := st.User(ctx, u.ID)
	check(t, err)
	if !now.IsSuspended || now.SuspendedBy != "admin1" || now.SuspensionReason != "Terms violation" || !now.SuspendedAt.Equal(T0) {
		t.Errorf("suspended user: got %+v", *now)
	}
	got, err = st.UnsuspendUser(ctx, u.ID, T0)
	changed(got, err, true)
	got, err = st.UnsuspendUser(ctx, u.ID, T0)
	changed(got, err, false)
	if now, err = st.User(ctx, u.ID); err != nil || now.IsSuspended || now.SuspendedBy != "" || !now.SuspendedAt.IsZero() {
		t.Errorf("user after unsuspension: got %+v, %v", *now, err)
	}
}

func testSessions(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	old := Session(t, st, u, T0)
	young := Session(t, st, u, T0.Add(time.Minute))
	got, err := st.Session(ctx, old.ID)
	check(t, err)
	if *got != *old {
		t.Errorf("got %+v, want %+v", *got, *old)
	}
	all, err := st.Sessions(ctx, u.ID)
	check(t, err)
	if len(all) != 2 || all[0].ID != young.ID || all[1].ID != old.ID {
		t.Errorf("Sessions: got %d, want the younger, then the older", len(all))
	}

	jti := pairly.NewUUID()
	if _, revoked, err := st.SessionState(ctx, old.ID, jti); err != nil || revoked {
		t.Errorf("SessionState: got %t, %v, want not revoked", revoked, err)
	}
	check(t, st.RevokeToken(ctx, jti, u.ID, T0.Add(time.Minute)))
	check(t, st.RevokeToken(ctx, jti, u.ID, T0.Add(time.Minute)))
	if _, revoked, err := st.SessionState(ctx, old.ID, jti); err != nil || !revoked {
		t.Errorf("SessionState after RevokeToken: got %t, %v, want revoked", revoked, err)
	}

	if was, err := st.RevokeSession(ctx, old.ID, pairly.RevokedLogout, T0); err != nil || !was {
		t.Errorf("RevokeSession: got %t, %v, want true", was, err)
	}
	if was, err := st.RevokeSession(ctx, old.ID, pairly.RevokedReuse, T0); err != nil || was {
		t.Errorf("RevokeSession again: got %t, %v, want false", was, err)
	}
	got, err = st.Session(ctx, old.ID)
	check(t, err)
	if !got.Revoked || got.RevokeReason != pairly.RevokedLogout || !got.RevokedAt.Equal(T0) {
		t.Errorf("revoked session: got %+v, want the first reason", *got)
	}
	_, err = st.Session(ctx, pairly.NewUUID())
	wantCode(t, err, "session_not_found")
	_, _, err = st.SessionState(ctx, pairly.NewUUID(), jti)
	wantCode(t, err, "session_not_found")
}

func testRevokeSessions(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u, other := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	first, second, kept := Session(t, st, u, T0), Session(t, st, u, T0.Add(time.Second)), Session(t, st, u, T0)
	foreign := Session(t, st, other, T0)
	ids, err := st.RevokeSessions(ctx, u.ID, kept.ID, pairly.RevokedSuspended, T0)
	check(t, err)
	if len(ids) != 2 || ids[0] != first.ID || ids[1] != second.ID {
		t.Errorf("RevokeSessions: got %v, want the two others, oldest first", ids)
	}
	for id, want := range map[string]bool{first.ID: true, second.ID: true, kept.ID: false, foreign.ID: false} {
		se, err := st.Session(ctx, id)
		check(t, err)
		if se.Revoked != want {
			t.Errorf("session %s: got revoked %t, want %t", id, se.Revoked, want)
		}
	}
	if ids, err = st.RevokeSessions(ctx, u.ID, kept.ID, pairly.RevokedSuspended, T0); err != nil || ids != nil {
		t.Errorf("RevokeSessions again: got %v, %v, want none", ids, err)
	}
}

func rotation(se *pairly.Session, n string) pairly.Rotation {
	return pairly.Rotation{
		SessionID: se.ID, OldTokenID: se.RefreshTokenID, OldJTIHash: se.RefreshJTIHash,
		NewTokenID: pairly.NewUUID(), NewJTIHash: n, RefreshExpires: T0.Add(8 * 24 * time.Hour), At: T0.Add(time.Hour),
	}
}

func testRotate(t *testing.T, st *store.Store) {
	ctx := context.Background()
	se := Session(t, st, User(t, st, "a@example.com", pairly.RoleFan), T0)
	r := rotation(se, "h2")
	if ok, err := st.RotateSession(ctx, r); err != nil || !ok {
		t.Fatalf("RotateSession: got %t, %v, want true", ok, err)
	}
	got, err := st.Session(ctx, se.ID)
	check(t, err)
	if got.RefreshTokenID != r.NewTokenID || got.RefreshJTIHash != "h2" || got.Generation != 2 || !got.RefreshExpires.Equal(r.RefreshExpires) {
		t.Errorf("rotated session: got %+v", *got)
	}
	if at, ok, err := st.RefreshRotatedAt(ctx, se.RefreshTokenID); err != nil || !ok || !at.Equal(r.At) {
		t.Errorf("RefreshRotatedAt: got %v, %t, %v, want %v", at, ok, err, r.At)
	}
	if _, ok, err := st.RefreshRotatedAt(ctx, r.NewTokenID); err != nil || ok {
		t.Errorf("RefreshRotatedAt of the current one: got %t, %v, want false", ok, err)
	}
	if ok, err := st.RotateSession(ctx, rotation(se, "h3")); err != nil || ok {
		t.Errorf("RotateSession of the old generation: got %t, %v, want false", ok, err)
	}
	wrong := rotation(got, "h3")
	wrong.OldJTIHash = "other"
	if ok, err := st.RotateSession(ctx, wrong); err != nil || ok {
		t.Errorf("RotateSession with another jti: got %t, %v, want false", ok, err)
	}
	if _, err := st.RevokeSession(ctx, se.ID, pairly.RevokedLogout, T0); err != nil {
		t.Fatal(err)
	}
	if ok, err := st.RotateSession(ctx, rotation(got, "h3")); err != nil || ok {
		t.Errorf("RotateSession of a revoked session: got %t, %v, want false", ok, err)
	}
}

// race runs fn n times at once and waits.
func race(n int, fn func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	wg.Wait()
}

func testRotateRace(t *testing.T, st *store.Store) {
	se := Session(t, st, User(t, st, "a@example.com", pairly.RoleFan), T0)
	var mu sync.Mutex
	won := 0
	race(8, func(int) {
		ok, err := st.RotateSession(context.Background(), rotation(se, "h2"))
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Error(err)
		}
		if ok {
			won++
		}
	})
	if won != 1 {
		t.Errorf("of 8 rotations of one generation %d won, want 1", won)
	}
}

func testTouch(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	se := Session(t, st, u, T0)
	f := func(at, want time.Time, wantUser time.Time) {
		t.Helper()
		check(t, st.TouchSession(ctx, se.ID, at))
		got, err := st.Session(ctx, se.ID)
		check(t, err)
		user, err := st.User(ctx, u.ID)
		check(t, err)
		if !got.LastActiveAt.Equal(want) || !user.LastActiveAt.Equal(wantUser) {
			t.Errorf("touched at %v: got %v and user %v, want %v and %v", at, got.LastActiveAt, user.LastActiveAt, want, wantUser)
		}
	}
	f(T0.Add(59*time.Second), T0, time.Time{})
	f(T0.Add(60*time.Second), T0.Add(60*time.Second), T0.Add(60*time.Second))
	f(T0.Add(61*time.Second), T0.Add(60*time.Second), T0.Add(60*time.Second))
}

func testFingerprints(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u, other := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	f := &pairly.Fingerprint{
		Hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", SessionID: pairly.NewUUID(),
		UserAgent: "UA", AcceptLang: "en", Browser: "firefox", OS: "linux", DeviceType: "desktop", LastSeen: T0,
	}
	got, err := st.RegisterFingerprint(ctx, f, "203.0.113.1")
	check(t, err)
	if got.UsageCount != 1 || got.UserID != "" || got.Browser != "firefox" || !got.CreatedAt.Equal(T0) {
		t.Errorf("new device: got %+v", *got)
	}
	f.UserID, f.LastSeen = u.ID, T0.Add(time.Hour)
	if got, err = st.RegisterFingerprint(ctx, f, "203.0.113.2"); err != nil || got.UsageCount != 2 || got.UserID != u.ID || !got.LastSeen.Equal(f.LastSeen) || !got.CreatedAt.Equal(T0) {
		t.Errorf("second sighting: got %+v, %v", *got, err)
	}
	session := f.SessionID
	f.UserID, f.SessionID = other.ID, ""
	if got, err = st.RegisterFingerprint(ctx, f, "203.0.113.2"); err != nil || got.UsageCount != 3 || got.UserID != u.ID || got.SessionID != session {
		t.Errorf("sighting with another user: got %+v, %v, want the first owner and session", *got, err)
	}
	if got, err = st.Fingerprint(ctx, f.Hash); err != nil || got.UsageCount != 3 {
		t.Errorf("Fingerprint: got %+v, %v", got, err)
	}
	_, err = st.Fingerprint(ctx, "none")
	wantCode(t, err, "fingerprint_not_found")
	ips, err := st.FingerprintIPs(ctx, f.Hash, T0)
	check(t, err)
	if len(ips) != 2 {
		t.Errorf("FingerprintIPs: got %v, want 2 addresses", ips)
	}
	for user, want := range map[string]int{u.ID: 1, other.ID: 1, pairly.NewID(T0): 0} {
		all, err := st.Fingerprints(ctx, user, T0)
		check(t, err)
		if len(all) != want {
			t.Errorf("Fingerprints(%s): got %d, want %d", user, len(all), want)
		}
	}
	if all, err := st.Fingerprints(ctx, u.ID, T0.Add(2*time.Hour)); err != nil || len(all) != 0 {
		t.Errorf("Fingerprints since later: got %d, %v, want 0", len(all), err)
	}
}

var limit3 = pairly.FailureLimit{Limit: 3, Window: time.Hour, Lock: 30 * time.Minute}

func testFailures(t *testing.T, st *store.Store) {
	ctx := context.Background()
	f := func(after time.Duration, wantCount int64, wantLock time.Duration) {
		t.Helper()
		got, err := st.CountFailure(ctx, "user", "u1", limit3, T0.Add(after))
		check(t, err)
		want := time.Time{}
		if wantLock > 0 {
			want = T0.Add(wantLock)
		}
		if got.Count != wantCount || !got.LockedUntil.Equal(want) {
			t.Errorf("failure after %v: got count %d, locked until %v, want %d, %v", after, got.Count, got.LockedUntil, wantCount, want)
		}
		read, err := st.FailedLogin(ctx, "user", "u1")
		check(t, err)
		if read != got {
			t.Errorf("FailedLogin: got %+v, want %+v", read, got)
		}
	}
	f(0, 1, 0)
	f(time.Minute, 2, 0)
	f(2*time.Minute, 3, 32*time.Minute)
	f(3*time.Minute, 4, 32*time.Minute) // the lock does not move
	f(32*time.Minute, 1, 0)             // the lock is over: a new counter
	f(33*time.Minute, 2, 0)
	f(92*time.Minute, 1, 0) // the window is over
	if cleared, err := st.ClearFailures(ctx, "user", "u1"); err != nil || !cleared {
		t.Errorf("ClearFailures: got %t, %v, want true", cleared, err)
	}
	if cleared, err := st.ClearFailures(ctx, "user", "u1"); err != nil || cleared {
		t.Errorf("ClearFailures again: got %t, %v, want false", cleared, err)
	}
	one := pairly.FailureLimit{Limit: 1, Window: time.Hour, Lock: time.Minute}
	if got, err := st.CountFailure(ctx, "ip", "203.0.113.1", one, T0); err != nil || !got.LockedUntil.Equal(T0.Add(time.Minute)) {
		t.Errorf("limit of 1: got %+v, %v, want a lock at once", got, err)
	}
}

func testFailureRace(t *testing.T, st *store.Store) {
	var mu sync.Mutex
	seen := make(map[int64]int)
	race(10, func(int) {
		got, err := st.CountFailure(context.Background(), "user", "u1", limit3, T0)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Error(err)
		}
		seen[got.Count]++
	})
	for n := int64(1); n <= 10; n++ {
		if seen[n] != 1 {
			t.Errorf("count %d was given %d times, want once", n, seen[n])
		}
	}
}

func testBans(t *testing.T, st *store.Store) {
	ctx := context.Background()
	b := pairly.IPBan{IP: "203.0.113.9", BannedAt: T0, BannedUntil: T0.Add(time.Hour), Source: pairly.BanRateLimit}
	insert := func(b pairly.IPBan, want bool) {
		t.Helper()
		if got, err := st.InsertBan(ctx, b); err != nil || got != want {
			t.Errorf("InsertBan at %v: got %t, %v, want %t", b.BannedAt, got, err, want)
		}
	}
	insert(b, true)
	later := b
	later.BannedAt, later.BannedUntil = T0.Add(time.Minute), T0.Add(2*time.Hour)
	insert(later, false)
	got, ok, err := st.Ban(ctx, b.IP, T0)
	check(t, err)
	if !ok || got != b {
		t.Errorf("Ban: got %+v, %t, want %+v", got, ok, b)
	}
	if _, ok, err = st.Ban(ctx, b.IP, T0.Add(time.Hour)); err != nil || ok {
		t.Errorf("Ban at its end: got %t, %v, want none", ok, err)
	}
	later.Source, later.BannedBy = pairly.BanAdmin, "admin1"
	if changed, err := st.ExtendBan(ctx, later); err != nil || !changed {
		t.Errorf("ExtendBan: got %t, %v, want true", changed, err)
	}
	if changed, err := st.ExtendBan(ctx, later); err != nil || changed {
		t.Errorf("ExtendBan to the same end: got %t, %v, want false", changed, err)
	}
	again := b
	again.BannedAt, again.BannedUntil = T0.Add(2*time.Hour), T0.Add(3*time.Hour)
	insert(again, true)
	second := pairly.IPBan{IP: "2001:db8::1", BannedAt: T0.Add(150 * time.Minute), BannedUntil: T0.Add(4 * time.Hour), Source: pairly.BanAdmin}
	insert(second, true)
	all, err := st.Bans(ctx, T0.Add(150*time.Minute))
	check(t, err)
	if len(all) != 2 || all[0].IP != second.IP {
		t.Errorf("Bans: got %+v, want two, the newest first", all)
	}
	if was, err := st.DeleteBan(ctx, b.IP); err != nil || !was {
		t.Errorf("DeleteBan: got %t, %v, want true", was, err)
	}
	if was, err := st.DeleteBan(ctx, b.IP); err != nil || was {
		t.Errorf("DeleteBan again: got %t, %v, want false", was, err)
	}
}

func testAudit(t *testing.T, st *store.Store) {
	ctx := context.Background()
	recs := []pairly.AuditRecord{
		{
			ID: pairly.NewID(T0), Time: T0, Event: "user_suspended", Action: "suspend_user", Level: slog.LevelInfo, Severity: pairly.SeverityHigh,
			Target: pairly.Target{UserID: "u2", Email: "user@example.com"}, Reason: "Terms violation",
			Before: map[string]any{"is_suspended": false}, After: map[string]any{"is_suspended": true}, Details: map[string]any{"n": 2.0},
			Actor:     pairly.Actor{UserID: "u1", Role: pairly.RoleAdmin, IP: "192.168.1.100", SessionID: "abc123", Fingerprint: "f"},
			RequestID: pairly.NewUUID(),
		},
		{ID: pairly.NewID(T0), Time: T0, Event: "ip_banned", Action: "ban_ip", Level: slog.LevelWarn, Severity: pairly.SeverityHigh, Target: pairly.Target{Type: "ip", ID: "203.0.113.1"}},
		{ID: pairly.NewID(T0), Time: T0, Event: "x", Action: "y", Level: slog.LevelError, Severity: pairly.SeverityCritical},
	}
	for _, r := range recs {
		check(t, st.InsertAudit(ctx, r))
	}
	got, last, err := st.AuditRecords(ctx, 0, 2)
	check(t, err)
	rest, _, err := st.AuditRecords(ctx, last, 10)
	check(t, err)
	got = append(got, rest...)
	if len(got) != 3 {
		t.Fatalf("AuditRecords: got %d, want 3", len(got))
	}
	for i, want := range recs {
		g := got[i]
		if g.ID != want.ID || g.Event != want.Event || g.Action != want.Action || g.Level != want.Level || g.Severity != want.Severity ||
			g.Target != want.Target || g.Actor != want.Actor || g.RequestID != want.RequestID || g.Reason != want.Reason || !g.Time.Equal(want.Time) {
			t.Errorf("record %d: got %+v, want %+v", i, g, want)
		}
	}
	if got[0].Before["is_suspended"] != false || got[0].After["is_suspended"] != true || got[0].Details["n"] != 2.0 || got[1].Before != nil {
		t.Errorf("states: got %v, %v, %v, %v", got[0].Before, got[0].After, got[0].Details, got[1].Before)
	}
}

func testAuditRollsBack(t *testing.T, st *store.Store) {
	ctx := context.Background()
	cause := errors.New("no")
	err := st.InTx(ctx, func(ctx context.Context) error {
		r := pairly.AuditRecord{ID: pairly.NewID(T0), Time: T0, Event: "x", Action: "y", Severity: pairly.SeverityLow}
		if err := st.InsertAudit(ctx, r); err != nil {
			return err
		}
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("InTx: got %v, want the cause", err)
	}
	if got, _, err := st.AuditRecords(ctx, 0, 10); err != nil || len(got) != 0 {
		t.Errorf("records after a rollback: got %d, %v, want 0", len(got), err)
	}
}

func testSavepoint(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	err := st.InTx(ctx, func(ctx context.Context) error {
		if err := st.SetRole(ctx, u.ID, pairly.RoleCreator, T0); err != nil {
			return err
		}
		// A statement that the database refuses, after one that it took.
		err := st.Savepoint(ctx, func(ctx context.Context) error {
			if _, err := st.CountFailure(ctx, "user", "u1", limit3, T0); err != nil {
				return err
			}
			_, err := st.CountFailure(ctx, "nobody", "u1", limit3, T0)
			return err
		})
		if err == nil {
			t.Error("a counter of an unknown scope: got no error, want one")
		}
		_, err = st.CountFailure(ctx, "user", "u2", limit3, T0)
		return err
	})
	check(t, err)
	got, err := st.User(ctx, u.ID)
	check(t, err)
	inside, err := st.FailedLogin(ctx, "user", "u1")
	check(t, err)
	after, err := st.FailedLogin(ctx, "user", "u2")
	check(t, err)
	if got.Role != pairly.RoleCreator || inside.Count != 0 || after.Count != 1 {
		t.Errorf("after a failed savepoint: got role %s, counts %d and %d, want creator, 0, 1", got.Role, inside.Count, after.Count)
	}
}

func testWritersQueue(t *testing.T, st *store.Store) {
	u := User(t, st, "a@example.com", pairly.RoleFan)
	race(16, func(i int) {
		err := st.InTx(context.Background(), func(ctx context.Context) error {
			if _, err := st.User(ctx, u.ID); err != nil { // reads first, writes later
				return err
			}
			_, err := st.CountFailure(ctx, "user", u.ID, limit3, T0)
			return err
		})
		if err != nil {
			t.Errorf("transaction %d: %v", i, err)
		}
	})
	if got, err := st.FailedLogin(context.Background(), "user", u.ID); err != nil || got.Count != 16 {
		t.Errorf("after 16 transactions at once: got count %d, %v, want 16", got.Count, err)
	}
}

func testPurge(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleFan)
	se := Session(t, st, u, T0)
	if _, err := st.RotateSession(ctx, rotation(se, "h2")); err != nil {
		t.Fatal(err)
	}
	check(t, st.RevokeToken(ctx, pairly.NewUUID(), u.ID, T0.Add(time.Minute)))
	if _, err := st.CountFailure(ctx, "user", u.ID, limit3, T0); err != nil {
		t.Fatal(err)
	}
	if _, err := st.InsertBan(ctx, pairly.IPBan{IP: "203.0.113.1", BannedAt: T0, BannedUntil: T0.Add(time.Hour), Source: pairly.BanFraud}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int64
	}{{0, 0}, {2 * time.Hour, 2}, {25 * time.Hour, 1}, {8 * 24 * time.Hour, 1}, {9 * 24 * time.Hour, 0}} {
		if got, err := st.Purge(ctx, T0.Add(c.after)); err != nil || got != c.want {
			t.Errorf("Purge after %v: got %d, %v, want %d", c.after, got, err, c.want)
		}
	}
}
