package profile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/service/presence"
	"github.com/pairly/pairlog/pairly/service/profile"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

type world struct {
	st     *store.Store
	events *eventtest.Recorder
	*profile.Service
	u, other *pairly.User
	now      time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := &world{st: storetest.Open(t, url, store.Config{}), events: eventtest.New(), now: storetest.T0}
		w.Service = w.service(moderation.NewText())
		w.u = storetest.User(t, w.st, "u@example.com", pairly.RoleCreator)
		w.other = storetest.User(t, w.st, "o@example.com", pairly.RoleFan)
		test(t, w)
	})
}

func (w *world) service(c profile.Classifier) *profile.Service {
	clock := func() time.Time { return w.now }
	return profile.New(profile.Config{
		Store: w.st, Classifier: c,
		Presence:      presence.New(presence.Config{Profiles: w.st, Log: w.events.Logger("service.presence"), Now: clock}),
		Log:           w.events.Logger("api.profiles"),
		ModerationLog: w.events.Logger("middleware.content_moderation"),
		Audit:         w.events.Auditor(), Now: clock,
	})
}

func (w *world) request() profile.CreateRequest {
	return profile.CreateRequest{
		UserID: w.u.ID, DisplayName: " Ada ", Bio: "I like long walks", Age: 30, PricePerMessage: 5,
		Location: &pairly.Location{Lat: 48.85661, Lng: -2.35222},
	}
}

func (w *world) create(t *testing.T) *profile.View {
	t.Helper()
	v, err := w.Create(context.Background(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	w.events.Take()
	return v
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if pairly.ErrorCode(err) != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func ptr[T any](v T) *T { return &v }

func TestCreate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		v, err := w.Create(ctx, w.request())
		if err != nil {
			t.Fatal(err)
		}
		if v.DisplayName != "Ada" || v.Visibility != pairly.VisibilityPublic || !v.ShowEarnings ||
			*v.Location != (pairly.Location{Lat: 48.86, Lng: -2.35}) || !v.CreatedAt.Equal(storetest.T0) {
			t.Errorf("got %+v at %v", v, v.Location)
		}
		line := w.events.Find(t, "L:profile_created")
		line.WantFields(t, "user_id="+w.u.ID, "profile_id="+v.ID, "price_per_message=5")
		if line.Logger != "api.profiles" {
			t.Errorf("logger: got %s, want api.profiles", line.Logger)
		}
		rec := w.events.Find(t, "A:profile_created").Audit
		want := "map[age:30 bio_length:17 display_name:Ada location:map[lat:48.86 lng:-2.35] price_per_message:5]"
		if rec.Action != "create_profile" || rec.Target != (pairly.Target{Type: "profile", ID: v.ID}) || rec.Before != nil || fmt.Sprint(rec.After) != want {
			t.Errorf("audit record: got %+v, want after %s", rec, want)
		}
		w.events.NeverSaid(t, "long walks")
		w.events.Want(t, "L:profile_created", "A:profile_created")
		if p, err := w.st.ProfileByID(ctx, v.ID); err != nil || p.Location.Lat != 48.85661 {
			t.Errorf("stored location: got %v, %v, want it exact", p.Location, err)
		}

		_, err = w.Create(ctx, w.request())
		wantCode(t, err, "profile_exists")
		if pairly.ErrorKind(err) != pairly.EConflict {
			t.Errorf("kind: got %s, want conflict", pairly.ErrorKind(err))
		}
		w.events.Want(t)
	})
}

func TestCreateChecksRanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, change := range map[string]func(*profile.CreateRequest){
			"no name":        func(r *profile.CreateRequest) { r.DisplayName = "  " },
			"long name":      func(r *profile.CreateRequest) { r.DisplayName = strings.Repeat("x", 51) },
			"long bio":       func(r *profile.CreateRequest) { r.Bio = strings.Repeat("x", 501) },
			"age 17":         func(r *profile.CreateRequest) { r.Age = 17 },
			"age 100":        func(r *profile.CreateRequest) { r.Age = 100 },
			"price below 0":  func(r *profile.CreateRequest) { r.PricePerMessage = -1 },
			"price too high": func(r *profile.CreateRequest) { r.PricePerMessage = 10001 },
			"latitude":       func(r *profile.CreateRequest) { r.Location.Lat = 90.1 },
			"longitude":      func(r *profile.CreateRequest) { r.Location.Lng = -180.1 },
		} {
			r := w.request()
			change(&r)
			if _, err := w.Create(context.Background(), r); pairly.ErrorCode(err) != "validation_failed" {
				t.Errorf("%s: got %v, want validation_failed", name, err)
			}
		}
		w.events.Want(t)
	})
}

func TestWhoSeesWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t).ID
		if err := w.st.AddEarnings(ctx, w.u.ID, 70); err != nil {
			t.Fatal(err)
		}
		viewers := map[string]profile.Viewer{
			"anonymous": {}, "other": {UserID: w.other.ID, Role: pairly.RoleFan},
			"admin": {UserID: pairly.NewID(w.now), Role: pairly.RoleAdmin}, "owner": {UserID: w.u.ID, Role: pairly.RoleCreator},
		}
		f := func(who string, visible, earnings bool) {
			t.Helper()
			v, err := w.Get(ctx, id, viewers[who])
			if !visible {
				wantCode(t, err, "profile_not_found")
				return
			}
			if err != nil {
				t.Errorf("%s: %v", who, err)
				return
			}
			if v.ShowEarnings != earnings || (v.TotalEarnings == 70) != earnings || v.Location.Lat != 48.86 {
				t.Errorf("%s: got %+v, want earnings %v and a rounded location", who, v, earnings)
			}
		}
		f("anonymous", true, false)
		f("other", true, false)
		f("admin", true, true)
		f("owner", true, true)
		// The owner's own look does not count.
		if p, err := w.st.ProfileByID(ctx, id); err != nil || p.ViewCount != 3 {
			t.Errorf("views: got %d, %v, want 3", p.ViewCount, err)
		}
		lines := w.events.Lines()
		lines[0].WantFields(t, "profile_id="+id, "viewer_id=<nil>")
		lines[1].WantFields(t, "profile_id="+id, "viewer_id="+w.other.ID)
		w.events.Want(t) // DEBUG only

		p, err := w.st.ProfileByID(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, hidden := range []pairly.Visibility{pairly.VisibilityQuarantined, pairly.VisibilityRemoved} {
			p.Visibility = hidden
			if err := w.st.UpdateProfile(ctx, p); err != nil {
				t.Fatal(err)
			}
			f("anonymous", false, false)
			f("other", false, false)
			f("admin", true, true)
			f("owner", true, true)
		}
		p.Visibility = pairly.VisibilityPublic
		if err := w.st.UpdateProfile(ctx, p); err != nil {
			t.Fatal(err)
		}
		if _, err := w.st.SuspendUser(ctx, w.u.ID, "", "because", w.now); err != nil {
			t.Fatal(err)
		}
		f("other", false, false)
		f("admin", true, true)
		for _, id := range []string{"abc", pairly.NewID(w.now)} {
			_, err := w.Get(ctx, id, viewers["admin"])
			wantCode(t, err, "profile_not_found")
		}
	})
}

func TestUpdateIsPartial(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t).ID
		w.now = w.now.Add(time.Hour)
		v, err := w.Update(ctx, w.u.ID, profile.UpdateRequest{PricePerMessage: ptr(int64(9)), Bio: ptr("")})
		if err != nil {
			t.Fatal(err)
		}
		if v.PricePerMessage != 9 || v.Bio != "" || v.DisplayName != "Ada" || v.Age != 30 || v.Location == nil || !v.UpdatedAt.Equal(w.now) {
			t.Errorf("got %+v, want a new price, no bio and the rest as it was", v)
		}
		w.events.Find(t, "L:profile_updated").WantFields(t, "user_id="+w.u.ID, "profile_id="+id, "changed_fields=[bio price_per_message]")
		rec := w.events.Find(t, "A:profile_updated").Audit
		if got, want := fmt.Sprint(rec.Before, rec.After), "map[bio_length:17 price_per_message:5] map[bio_length:0 price_per_message:9]"; got != want {
			t.Errorf("audit record: got %s, want %s", got, want)
		}
		w.events.Want(t, "L:profile_updated", "A:profile_updated")

		if _, err := w.Update(ctx, w.u.ID, profile.UpdateRequest{Age: ptr(int64(30))}); err != nil {
			t.Fatal(err)
		}
		w.events.Want(t) // nothing changed

		if v, err := w.Update(ctx, w.u.ID, profile.UpdateRequest{ClearLocation: true}); err != nil || v.Location != nil {
			t.Errorf("without a location: got %+v, %v", v, err)
		}
		w.events.Take()
		_, err = w.Update(ctx, w.u.ID, profile.UpdateRequest{Age: ptr(int64(17))})
		wantCode(t, err, "validation_failed")
		_, err = w.Update(ctx, w.other.ID, profile.UpdateRequest{Age: ptr(int64(40))})
		wantCode(t, err, "profile_not_found")
		w.events.Want(t)
	})
}

func TestParallelUpdatesKeepEachOthersChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t).ID
		var wg sync.WaitGroup
		for _, r := range []profile.UpdateRequest{{Age: ptr(int64(44))}, {PricePerMessage: ptr(int64(7))}, {DisplayName: ptr("Eve")}, {Bio: ptr("short")}} {
			wg.Go(func() {
				if _, err := w.Update(ctx, w.u.ID, r); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p, err := w.st.ProfileByID(ctx, id)
		if err != nil || p.Age != 44 || p.PricePerMessage != 7 || p.DisplayName != "Eve" || p.Bio != "short" {
			t.Errorf("got %+v, %v, want all four changes", p, err)
		}
	})
}

func TestModeration(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := pairly.WithRequest(context.Background(), pairly.Request{Endpoint: "/api/profiles/"})
		r := w.request()
		r.Bio = "naked, horny, orgasm"
		_, err := w.Create(ctx, r)
		wantCode(t, err, "content_policy_violation")
		w.events.Find(t, "L:content_blocked").WantFields(t, "user_id="+w.u.ID, "endpoint=/api/profiles/", "score=0.9", "categories=[sexual]", "engine=keywords", "text_length=24")
		w.events.NeverSaid(t, "orgasm")
		w.events.Want(t, "L:content_blocked")

		r.Bio = "my kid is the best"
		v, err := w.Create(ctx, r)
		if err != nil || v.Visibility != pairly.VisibilityQuarantined {
			t.Fatalf("suspicious: got %+v, %v, want it hidden", v, err)
		}
		w.events.Find(t, "L:content_quarantined").WantFields(t, "user_id="+w.u.ID, "content_id="+v.ID, "content_type=profile", "score=0.75", "categories=[minors]")
		w.events.Want(t, "L:content_quarantined", "L:profile_created", "A:profile_created")

		// Harmless text does not bring it back by itself.
		if v, err := w.Update(ctx, w.u.ID, profile.UpdateRequest{Bio: ptr("hello")}); err != nil || v.Visibility != pairly.VisibilityQuarantined {
			t.Errorf("after a harmless change: got %+v, %v, want it hidden still", v, err)
		}
		w.events.Take()
		_, err = w.Update(ctx, w.u.ID, profile.UpdateRequest{DisplayName: ptr("jailbait")})
		wantCode(t, err, "content_policy_violation")
		w.events.Want(t, "L:content_blocked")
		if p, err := w.st.ProfileByID(ctx, v.ID); err != nil || p.DisplayName != "Ada" {
			t.Errorf("name: got %q, %v, want it unchanged", p.DisplayName, err)
		}
	})
}

func TestUpdateQuarantines(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.create(t)
		v, err := w.Update(context.Background(), w.u.ID, profile.UpdateRequest{Bio: ptr("are you naked")})
		if err != nil || v.Visibility != pairly.VisibilityQuarantined {
			t.Errorf("got %+v, %v, want it hidden", v, err)
		}
		if rec := w.events.Find(t, "A:profile_updated").Audit; rec.Before["visibility"] != "public" || rec.After["visibility"] != "quarantined" {
			t.Errorf("audit record: got %v to %v", rec.Before, rec.After)
		}
		w.events.Want(t, "L:content_quarantined", "L:profile_updated", "A:profile_updated")
	})
}

type brokenClassifier struct{}

func (brokenClassifier) Classify(context.Context, string) (moderation.Verdict, error) {
	return moderation.Verdict{}, errors.New("connection refused")
}

func TestUnjudgedTextIsHidden(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v, err := w.service(brokenClassifier{}).Create(context.Background(), w.request())
		if err != nil || v.Visibility != pairly.VisibilityQuarantined {
			t.Errorf("got %+v, %v, want it hidden", v, err)
		}
		w.events.Want(t, "L:moderation_error", "L:content_quarantined", "L:profile_created", "A:profile_created")
	})
}

func TestFailedAuditChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		broken := errors.New("disk I/O error")
		w.events.FailAudit(broken)
		if _, err := w.Create(ctx, w.request()); !errors.Is(err, broken) {
			t.Errorf("Create: got %v, want the auditor's error", err)
		}
		if p, err := w.st.ProfileByUserID(ctx, w.u.ID); p != nil || err != nil {
			t.Errorf("profile: got %+v, %v, want none", p, err)
		}
		w.events.FailAudit(nil)
		w.create(t)
		w.events.FailAudit(broken)
		if _, err := w.Update(ctx, w.u.ID, profile.UpdateRequest{Age: ptr(int64(50))}); !errors.Is(err, broken) {
			t.Errorf("Update: got %v, want the auditor's error", err)
		}
		w.events.Want(t)
		if p, err := w.st.ProfileByUserID(ctx, w.u.ID); err != nil || p.Age != 30 {
			t.Errorf("age: got %+v, %v, want 30 still", p, err)
		}
	})
}

func TestStatus(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t).ID
		for _, online := range []bool{true, true, false} {
			if err := w.SetStatus(ctx, w.u.ID, online); err != nil {
				t.Fatal(err)
			}
			if p, err := w.st.ProfileByID(ctx, id); err != nil || p.IsOnline != online {
				t.Errorf("profile: got online %v, %v, want %v", p.IsOnline, err, online)
			}
		}
		w.events.Want(t, "L:presence_online", "L:presence_offline")
		wantCode(t, w.SetStatus(ctx, w.other.ID, true), "profile_not_found")
	})
}
