package token_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/cache"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/token"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// counting is a store that counts the look-ups of sessions, and can be away.
type counting struct {
	*store.Store
	mu      sync.Mutex
	lookups int
	away    error
	// during, when set, runs inside the next look-up, after the database has
	// answered.
	during func()
}

func (c *counting) SessionState(ctx context.Context, id, jti string) (*pairly.Session, bool, error) {
	c.mu.Lock()
	c.lookups++
	away, during := c.away, c.during
	c.during = nil
	c.mu.Unlock()
	if away != nil {
		return nil, false, away
	}
	se, revoked, err := c.Store.SessionState(ctx, id, jti)
	if during != nil {
		during()
	}
	return se, revoked, err
}

type world struct {
	t      *testing.T
	st     *counting
	cache  *cache.Cache
	events *eventtest.Recorder
	s      *token.Service
	user   *pairly.User
	now    time.Time
}

var secret = []byte(strings.Repeat("k", 32))

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, st: &counting{Store: storetest.Open(t, storetest.SQLite(t), store.Config{})}, events: eventtest.New(), now: storetest.T0}
	var err error
	if w.cache, err = cache.Open(context.Background(), "", cache.Config{Now: w.clock}); err != nil {
		t.Fatal(err)
	}
	w.s = w.instance(secret)
	w.user = storetest.User(t, w.st.Store, "a@example.com", pairly.RoleFan)
	return w
}

func (w *world) clock() time.Time { return w.now }

func (w *world) instance(secret []byte) *token.Service {
	w.t.Helper()
	s, err := token.New(token.Config{Store: w.st, Cache: w.cache, Log: w.events.Logger("service.token"), Secret: secret, Now: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// login returns an access token of a new session with its claims.
func (w *world) login() (raw string, cl *pairly.Claims) {
	w.t.Helper()
	se := storetest.Session(w.t, w.st.Store, w.user, w.now)
	raw, cl, err := w.s.CreateAccess(context.Background(), w.user, se.ID, se.RefreshTokenID)
	if err != nil {
		w.t.Fatal(err)
	}
	w.events.Take()
	return raw, cl
}

// verify checks that the access token gets that code, "" for good, and, when
// it is refused, that the line gives that reason.
func (w *world) verify(s *token.Service, raw, code, reason string) {
	w.t.Helper()
	_, err := s.Verify(context.Background(), raw, pairly.TokenAccess)
	if got := pairly.ErrorCode(err); got != code {
		w.t.Errorf("Verify: got %v, want code %q", err, code)
	}
	if code == "" {
		w.events.Want(w.t)
		return
	}
	if got := w.events.Find(w.t, "L:token_verify_failed").Text("reason"); got != reason {
		w.t.Errorf("reason: got %s, want %s", got, reason)
	}
	var f *token.Failure
	if !errors.As(err, &f) || f.Reason != reason {
		w.t.Errorf("cause: got %v, want a Failure for %s", err, reason)
	}
	w.events.Want(w.t, "L:token_verify_failed")
}

func TestCreatePair(t *testing.T) {
	w := newWorld(t)
	sid, rtid := pairly.NewUUID(), pairly.NewUUID()
	pair, err := w.s.CreatePair(context.Background(), w.user, sid, rtid)
	if err != nil {
		t.Fatal(err)
	}
	lines := w.events.Lines()
	w.events.Want(t, "L:token_created", "L:token_created")
	for i, want := range []struct{ typ, expires string }{{"access", "2025-01-15T11:00:45.123Z"}, {"refresh", "2025-01-22T10:30:45.123Z"}} {
		l := lines[i]
		if got := strings.Join(l.Keys(), " "); got != "user_id token_type expires_at jti" {
			t.Errorf("keys: got %s", got)
		}
		if l.Text("user_id") != w.user.ID || l.Text("token_type") != want.typ || l.Text("expires_at") != want.expires {
			t.Errorf("token_created: got %s, %s, %s, want %+v", l.Text("user_id"), l.Text("token_type"), l.Text("expires_at"), want)
		}
	}
	cl, err := w.s.Parse(context.Background(), pair.Refresh, pairly.TokenRefresh)
	if err != nil {
		t.Fatal(err)
	}
	if cl.UserID != w.user.ID || cl.Role != pairly.RoleFan || cl.SessionID != sid || cl.RTID != rtid || cl.JTI != lines[1].Text("jti") ||
		token.HashJTI(cl.JTI) != pair.RefreshJTIHash || !pair.RefreshExpires.Equal(storetest.T0.Add(7*24*time.Hour)) {
		t.Errorf("claims: got %+v of %+v", cl, pair)
	}
	w.events.Take()
}

// Nothing is said of a token whose session was never made.
func TestCreateInRolledBackTransaction(t *testing.T) {
	w := newWorld(t)
	cause := errors.New("no")
	err := w.st.InTx(context.Background(), func(ctx context.Context) error {
		if _, err := w.s.CreatePair(ctx, w.user, pairly.NewUUID(), pairly.NewUUID()); err != nil {
			return err
		}
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
	w.events.Want(t)
}

func TestVerify(t *testing.T) {
	w := newWorld(t)
	raw, _ := w.login()
	w.verify(w.s, raw, "", "")
	w.now = storetest.T0.Add(30*time.Minute - 2*time.Second)
	w.verify(w.s, raw, "", "")
	w.now = storetest.T0.Add(30*time.Minute + time.Second)
	w.verify(w.s, raw, "token_expired", token.ReasonExpired)
}

// forge signs claims as the service would, but for what change does.
func (w *world) forge(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	w.t.Helper()
	se := storetest.Session(w.t, w.st.Store, w.user, w.now)
	c := jwt.MapClaims{
		"sub": w.user.ID, "sid": se.ID, "rtid": se.RefreshTokenID, "jti": pairly.NewUUID(), "token_type": "access",
		"iss": "pairly", "aud": []string{"pairly-api"}, "exp": w.now.Add(time.Hour).Unix(), "iat": w.now.Unix(),
	}
	if change != nil {
		change(c)
	}
	raw, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func TestVerifyRefuses(t *testing.T) {
	w := newWorld(t)
	hs := jwt.SigningMethodHS256
	w.verify(w.s, w.forge(hs, secret, nil), "", "") // the forgery is right but for the change
	f := func(raw, code, reason string) {
		t.Helper()
		w.verify(w.s, raw, code, reason)
	}
	f("", "token_invalid", token.ReasonMalformed)
	f("any text", "token_invalid", token.ReasonMalformed)
	f("a.b.c", "token_invalid", token.ReasonMalformed)
	f(w.forge(hs, []byte("another key"), nil), "token_invalid", token.ReasonSignature)
	f(w.forge(jwt.SigningMethodHS512, secret, nil), "token_invalid", token.ReasonSignature)
	f(w.forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), "token_invalid", token.ReasonSignature)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["exp"] = w.now.Add(-time.Second).Unix() }), "token_expired", token.ReasonExpired)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { delete(c, "exp") }), "token_invalid", token.ReasonMalformed)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["iss"] = "other" }), "token_invalid", token.ReasonAudience)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["aud"] = "other" }), "token_invalid", token.ReasonAudience)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { delete(c, "aud") }), "token_invalid", token.ReasonMalformed)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["token_type"] = "refresh" }), "token_invalid", token.ReasonType)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { delete(c, "token_type") }), "token_invalid", token.ReasonType)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["sid"] = pairly.NewUUID() }), "session_revoked", token.ReasonRevoked)
	f(w.forge(hs, secret, func(c jwt.MapClaims) { c["sub"] = pairly.NewID(w.now) }), "session_revoked", token.ReasonRevoked)
	// An expired token with a bad signature is not ours, whatever it says.
	f(w.forge(hs, []byte("another key"), func(c jwt.MapClaims) { c["exp"] = 1 }), "token_invalid", token.ReasonSignature)
}

// The id in a token that is not ours is somebody's text and stays out.
func TestVerifyFailedNamesOwnTokensOnly(t *testing.T) {
	w := newWorld(t)
	f := func(raw, want string) {
		t.Helper()
		w.s.Verify(context.Background(), raw, pairly.TokenAccess)
		l := w.events.Find(t, "L:token_verify_failed")
		if got := l.Text("jti"); got != want {
			t.Errorf("jti: got %s, want %s", got, want)
		}
		if got := strings.Join(l.Keys(), " "); got != "token_type reason jti" {
			t.Errorf("keys: got %s", got)
		}
		w.events.Take()
	}
	set := func(jti string) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c["jti"], c["exp"] = jti, 1 }
	}
	f(w.forge(jwt.SigningMethodHS256, secret, set("ours")), "ours")
	f(w.forge(jwt.SigningMethodHS256, []byte("x"), set("theirs")), "null")
	f("nonsense", "null")
}

func TestNoTypeInAnothersPlace(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	se := storetest.Session(t, w.st.Store, w.user, w.now)
	made := make(map[pairly.TokenType]string)
	var err error
	if made[pairly.TokenAccess], _, err = w.s.CreateAccess(ctx, w.user, se.ID, se.RefreshTokenID); err != nil {
		t.Fatal(err)
	}
	if made[pairly.TokenRefresh], _, err = w.s.CreateRefresh(ctx, w.user, se.ID, se.RefreshTokenID); err != nil {
		t.Fatal(err)
	}
	if made[pairly.TokenTwoFAPending], _, err = w.s.CreateTwoFAPending(ctx, w.user, pairly.NewUUID()); err != nil {
		t.Fatal(err)
	}
	for is, raw := range made {
		for want := range made {
			if _, err := w.s.Parse(ctx, raw, want); (err == nil) != (is == want) {
				t.Errorf("a token of type %s in the place of %s: got %v", is, want, err)
			}
		}
	}
}

func TestRevoke(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	other, _ := w.login()
	w.verify(w.s, raw, "", "") // now it is in memory
	w.now = w.now.Add(time.Second)
	if err := w.s.Revoke(context.Background(), cl); err != nil {
		t.Fatal(err)
	}
	w.events.Find(t, "L:token_revoked").WantFields(t, "user_id="+w.user.ID, "token_type=access", "jti="+cl.JTI, "ttl_seconds=1799")
	w.events.Want(t, "L:token_revoked")
	w.verify(w.s, raw, "token_revoked", token.ReasonRevoked)
	w.verify(w.s, other, "", "")
	w.verify(w.instance(secret), raw, "token_revoked", token.ReasonRevoked)
}

func (w *world) revokeSession(s *token.Service, cl *pairly.Claims) {
	w.t.Helper()
	err := w.st.InTx(context.Background(), func(ctx context.Context) error {
		_, err := w.st.RevokeSession(ctx, cl.SessionID, pairly.RevokedAdmin, w.now)
		s.SessionRevoked(ctx, cl.UserID, cl.SessionID)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestSessionRevoked(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	w.verify(w.s, raw, "", "")
	w.revokeSession(w.s, cl)
	w.verify(w.s, raw, "session_revoked", token.ReasonRevoked)
}

// A look-up that was answered before the revocation and arrives after it
// brings the session not back to life.
func TestRevocationBeatsRunningLookup(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	w.st.during = func() { w.revokeSession(w.s, cl) }
	w.verify(w.s, raw, "session_revoked", token.ReasonRevoked)
	w.verify(w.s, raw, "session_revoked", token.ReasonRevoked)
}

// Another instance learns of a revocation from the cache at once, and without
// it from the database within five seconds.
func TestOtherInstance(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	other := w.instance(secret)
	w.verify(other, raw, "", "")
	w.revokeSession(w.s, cl)
	w.verify(other, raw, "session_revoked", token.ReasonRevoked)

	raw, cl = w.login()
	w.verify(other, raw, "", "")
	if _, err := w.st.RevokeSession(context.Background(), cl.SessionID, pairly.RevokedAdmin, w.now); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(5 * time.Second)
	w.verify(other, raw, "session_revoked", token.ReasonRevoked)
}

func TestLookupsAreSaved(t *testing.T) {
	w := newWorld(t)
	raw, _ := w.login()
	for range 10 {
		w.verify(w.s, raw, "", "")
	}
	if w.st.lookups != 1 {
		t.Errorf("ten verifications in a moment: got %d look-ups, want 1", w.st.lookups)
	}
	w.now = w.now.Add(5 * time.Second)
	w.verify(w.s, raw, "", "")
	if w.st.lookups != 2 {
		t.Errorf("after five seconds: got %d look-ups, want 2", w.st.lookups)
	}
}

func TestTouch(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	f := func(after, want time.Duration) {
		t.Helper()
		w.now = storetest.T0.Add(after)
		w.verify(w.s, raw, "", "")
		se, err := w.st.Session(context.Background(), cl.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		if !se.LastActiveAt.Equal(storetest.T0.Add(want)) {
			t.Errorf("after %v: last active at %v, want %v", after, se.LastActiveAt, storetest.T0.Add(want))
		}
	}
	f(30*time.Second, 0)
	f(60*time.Second, 60*time.Second)
	f(90*time.Second, 60*time.Second)
	f(10*time.Minute, 10*time.Minute)
}

// Without the database nobody can tell, so nobody gets through, but for those
// who were found alive a moment ago. Nothing is ever let through because the
// cache does not know it.
func TestDatabaseAway(t *testing.T) {
	w := newWorld(t)
	known, _ := w.login()
	unknown, _ := w.login()
	revoked, cl := w.login()
	w.verify(w.s, known, "", "")
	if err := w.s.Revoke(context.Background(), cl); err != nil {
		t.Fatal(err)
	}
	w.events.Take()
	w.st.away = errors.New("database is away")
	w.verify(w.s, known, "", "")
	_, err := w.s.Verify(context.Background(), unknown, pairly.TokenAccess)
	if pairly.ErrorKind(err) != pairly.EUnavailable || pairly.ErrorCode(err) != "dependency_unavailable" {
		t.Errorf("unknown token: got %v, want dependency_unavailable", err)
	}
	w.events.Find(t, "L:token_store_degraded").WantFields(t, "store=database", "operation=read_session", "error_type=error")
	w.events.Want(t, "L:token_store_degraded")

	// An instance that only has the cache's word refuses on it.
	_, err = w.instance(secret).Verify(context.Background(), revoked, pairly.TokenAccess)
	if pairly.ErrorCode(err) != "token_revoked" {
		t.Errorf("token that the cache calls revoked: got %v, want token_revoked", err)
	}
	w.events.Want(t, "L:token_store_degraded", "L:token_verify_failed")

	w.now = w.now.Add(5 * time.Second)
	if _, err := w.s.Verify(context.Background(), known, pairly.TokenAccess); pairly.ErrorKind(err) != pairly.EUnavailable {
		t.Errorf("known token after five seconds: got %v, want dependency_unavailable", err)
	}
}

// No line holds a token.
func TestTokensAreNotLogged(t *testing.T) {
	w := newWorld(t)
	raw, cl := w.login()
	w.s.Verify(context.Background(), raw, pairly.TokenAccess)
	w.s.Verify(context.Background(), raw+"x", pairly.TokenAccess)
	w.s.Verify(context.Background(), raw, pairly.TokenRefresh)
	if err := w.s.Revoke(context.Background(), cl); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(raw, ".")
	for _, part := range parts[1:] {
		w.events.NeverSaid(t, part)
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil {
		t.Errorf("the payload searched for is not one: %v", err)
	}
}

func TestNoSecret(t *testing.T) {
	if _, err := token.New(token.Config{}); err == nil {
		t.Error("New without a secret: got no error, want one")
	}
}
