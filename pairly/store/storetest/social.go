package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
)

// Profile adds a public profile of u for a test, with that price of a
// message, in credits.
func Profile(t testing.TB, st *store.Store, u *pairly.User, price int64) *pairly.Profile {
	t.Helper()
	p := &pairly.Profile{
		ID: pairly.NewID(T0), UserID: u.ID, DisplayName: "Name of " + u.Email, Bio: "Hello", Age: 30, PricePerMessage: price,
		Location: &pairly.Location{Lat: 48.8566, Lng: 2.3522}, LastSeen: T0, Visibility: pairly.VisibilityPublic, CreatedAt: T0, UpdatedAt: T0,
	}
	inserted, err := st.InsertProfile(context.Background(), p)
	if err != nil || !inserted {
		t.Fatalf("InsertProfile = %v, %v", inserted, err)
	}
	return p
}

// Social is the conformance suite of profiles, the ledger, messages, blocks,
// mutes and presence. open returns a new, empty store.
func Social(t *testing.T, open func(t *testing.T) *store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *store.Store)
	}{
		{"Profiles", testProfiles},
		{"ProfileChecks", testProfileChecks},
		{"Gallery", testGallery},
		{"Presence", testPresence},
		{"Balances", testBalances},
		{"Earnings", testEarnings},
		{"Ledger", testLedger},
		{"LedgerChecks", testLedgerChecks},
		{"LedgerPages", testLedgerPages},
		{"LedgerMismatches", testLedgerMismatches},
		{"Messages", testMessages},
		{"MessageChecks", testMessageChecks},
		{"MessagePages", testMessagePages},
		{"MarkRead", testMarkRead},
		{"Conversations", testConversations},
		{"Blocks", testBlocks},
		{"Mutes", testMutes},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func testProfiles(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleCreator)
	p := Profile(t, st, u, 5)
	same := func(got *pairly.Profile, err error) {
		t.Helper()
		check(t, err)
		if !reflect.DeepEqual(got, p) {
			t.Errorf("got %+v at %v, want %+v at %v", got, got.Location, p, p.Location)
		}
	}
	same(st.ProfileByID(ctx, p.ID))
	same(st.ProfileByUserID(ctx, u.ID))
	for _, id := range []string{pairly.NewID(T0), ""} {
		if got, err := st.ProfileByID(ctx, id); got != nil || err != nil {
			t.Errorf("ProfileByID(%q) = %v, %v, want nil", id, got, err)
		}
	}

	// The second profile of a user must not end the transaction around it.
	check(t, st.InTx(ctx, func(ctx context.Context) error {
		second := *p
		second.ID = pairly.NewID(T0)
		if inserted, err := st.InsertProfile(ctx, &second); inserted || err != nil {
			t.Errorf("second profile: got %v, %v, want not inserted", inserted, err)
		}
		locked, err := st.LockProfile(ctx, u.ID)
		same(locked, err)
		p.DisplayName, p.Bio, p.Age, p.PricePerMessage, p.Location = "New", "", 31, 10, &pairly.Location{Lat: -90, Lng: 180}
		p.Visibility, p.UpdatedAt = pairly.VisibilityQuarantined, T0.Add(time.Minute)
		return st.UpdateProfile(ctx, p)
	}))
	check(t, st.CountView(ctx, p.ID))
	p.ViewCount = 1
	same(st.ProfileByID(ctx, p.ID))

	p.Location = nil
	check(t, st.UpdateProfile(ctx, p))
	if got, err := st.ProfileByID(ctx, p.ID); err != nil || got.Location != nil {
		t.Errorf("without a location: got %+v, %v, want none", got.Location, err)
	}
}

func testProfileChecks(t *testing.T, st *store.Store) {
	u := User(t, st, "a@example.com", pairly.RoleCreator)
	for name, change := range map[string]func(*pairly.Profile){
		"age 17":         func(p *pairly.Profile) { p.Age = 17 },
		"age 100":        func(p *pairly.Profile) { p.Age = 100 },
		"no name":        func(p *pairly.Profile) { p.DisplayName = "" },
		"price below 0":  func(p *pairly.Profile) { p.PricePerMessage = -1 },
		"price too high": func(p *pairly.Profile) { p.PricePerMessage = 10001 },
		"latitude 91":    func(p *pairly.Profile) { p.Location = &pairly.Location{Lat: 91} },
		"visibility":     func(p *pairly.Profile) { p.Visibility = "secret" },
		"unknown user":   func(p *pairly.Profile) { p.UserID = pairly.NewID(T0) },
	} {
		p := &pairly.Profile{ID: pairly.NewID(T0), UserID: u.ID, DisplayName: "A", Age: 30, LastSeen: T0, Visibility: pairly.VisibilityPublic, CreatedAt: T0, UpdatedAt: T0}
		change(p)
		if _, err := st.InsertProfile(context.Background(), p); err == nil {
			t.Errorf("%s: inserted, want an error", name)
		}
	}
}

func testGallery(t *testing.T, st *store.Store) {
	ctx := context.Background()
	p := Profile(t, st, User(t, st, "a@example.com", pairly.RoleCreator), 0)
	var want []string
	for i := range store.MaxGallery + 1 {
		url := fmt.Sprintf("https://img.example.com/%d", i)
		appended, err := st.AppendGallery(ctx, p.ID, url, "key", T0)
		check(t, err)
		if appended != (i < store.MaxGallery) {
			t.Errorf("image %d: appended %v", i+1, appended)
		}
		if appended {
			want = append(want, url)
		}
	}
	got, err := st.ProfileByID(ctx, p.ID)
	check(t, err)
	if !slices.Equal(got.GalleryURLs, want) {
		t.Errorf("gallery: got %v, want %v", got.GalleryURLs, want)
	}
}

func testPresence(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleCreator)
	Profile(t, st, u, 0)
	want := func(online bool, seen time.Time) {
		t.Helper()
		p, err := st.ProfileByUserID(ctx, u.ID)
		check(t, err)
		if p.IsOnline != online || !p.LastSeen.Equal(seen) {
			t.Errorf("profile: got online %v, last seen %v, want %v, %v", p.IsOnline, p.LastSeen, online, seen)
		}
	}
	if seen, err := st.LastSeen(ctx, u.ID); err != nil || !seen.IsZero() {
		t.Errorf("LastSeen of a new user = %v, %v, want the zero time", seen, err)
	}
	check(t, st.SetPresence(ctx, u.ID, true, T0.Add(time.Minute)))
	want(true, T0.Add(time.Minute))
	if seen, err := st.LastSeen(ctx, u.ID); err != nil || !seen.Equal(T0.Add(time.Minute)) {
		t.Errorf("LastSeen = %v, %v, want a minute later", seen, err)
	}
	for then, n := range map[time.Time]int64{T0.Add(time.Minute): 0, T0.Add(time.Hour): 1} {
		if got, err := st.ResetPresence(ctx, then); err != nil || got != n {
			t.Errorf("ResetPresence(%v) = %d, %v, want %d", then, got, err, n)
		}
		check(t, st.SetPresence(ctx, u.ID, true, T0.Add(time.Minute)))
	}
	check(t, st.SetPresence(ctx, u.ID, false, T0.Add(2*time.Minute)))
	want(false, T0.Add(2*time.Minute))
	check(t, st.SetPresence(ctx, User(t, st, "b@example.com", pairly.RoleFan).ID, true, T0)) // has no profile
}

func testBalances(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	nobody := pairly.NewID(T0)
	add := func(id string, delta, after int64, ok bool) {
		t.Helper()
		got, gotOK, err := st.AddCredits(ctx, id, delta, T0)
		check(t, err)
		if got != after || gotOK != ok {
			t.Errorf("AddCredits(%d) = %d, %v, want %d, %v", delta, got, gotOK, after, ok)
		}
	}
	add(a.ID, 100, 100, true)
	add(a.ID, -101, 0, false)
	add(a.ID, -100, 0, true)
	add(a.ID, 7, 7, true)
	add(nobody, 1, 0, false)
	check(t, st.InTx(ctx, func(ctx context.Context) error {
		got, err := st.LockBalances(ctx, b.ID, nobody, a.ID, b.ID)
		check(t, err)
		if len(got) != 2 || got[a.ID] != 7 || got[b.ID] != 0 {
			t.Errorf("LockBalances = %v, want 7 and 0", got)
		}
		return nil
	}))
	if n, ok, err := st.CreditsBalance(ctx, a.ID); n != 7 || !ok || err != nil {
		t.Errorf("CreditsBalance = %d, %v, %v, want 7", n, ok, err)
	}
	if _, ok, err := st.CreditsBalance(ctx, nobody); ok || err != nil {
		t.Errorf("CreditsBalance of nobody: ok %v, %v, want false", ok, err)
	}
}

func testEarnings(t *testing.T, st *store.Store) {
	ctx := context.Background()
	u := User(t, st, "a@example.com", pairly.RoleCreator)
	check(t, st.AddEarnings(ctx, u.ID, 5)) // no profile yet
	p := Profile(t, st, u, 0)
	for _, step := range []struct{ delta, want int64 }{{5, 5}, {-2, 3}, {-4, 0}} {
		check(t, st.AddEarnings(ctx, u.ID, step.delta))
		got, err := st.ProfileByID(ctx, p.ID)
		check(t, err)
		if got.TotalEarnings != step.want {
			t.Errorf("after %+d: got %d, want %d", step.delta, got.TotalEarnings, step.want)
		}
	}
}
