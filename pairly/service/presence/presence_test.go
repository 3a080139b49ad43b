package presence_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/presence"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

// A world is a presence service with user U, who has a profile.
type world struct {
	t      *testing.T
	st     *store.Store
	events *eventtest.Recorder
	*presence.Service
	u   *pairly.User
	now time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := &world{t: t, st: storetest.Open(t, url, store.Config{}), events: eventtest.New(), now: storetest.T0}
		w.Service = presence.New(presence.Config{Profiles: w.st, Log: w.events.Logger("service.presence"), Now: func() time.Time { return w.now }})
		w.u = storetest.User(t, w.st, "u@example.com", pairly.RoleCreator)
		storetest.Profile(t, w.st, w.u, 0)
		test(t, w)
	})
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// want checks what presence and the profile's row say.
func (w *world) want(online bool, seen time.Time) {
	w.t.Helper()
	ctx := context.Background()
	if got := w.IsOnline(ctx, w.u.ID); got != online {
		w.t.Errorf("IsOnline = %v, want %v", got, online)
	}
	p, err := w.st.ProfileByUserID(ctx, w.u.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if p.IsOnline != online || !p.LastSeen.Equal(seen) {
		w.t.Errorf("profile: got online %v, last seen %v, want %v, %v", p.IsOnline, p.LastSeen, online, seen)
	}
}

func (w *world) sweep() {
	w.t.Helper()
	if err := w.Sweep(context.Background()); err != nil {
		w.t.Error(err)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, id := context.Background(), w.u.ID
		w.SetOnline(ctx, id, "conn_a")
		w.events.Find(t, "L:presence_online").WantFields(t, "user_id="+id, "connections=1")
		w.events.Want(t, "L:presence_online")
		w.want(true, storetest.T0)

		w.pass(time.Second)
		w.SetOnline(ctx, id, "conn_b")
		w.SetOffline(ctx, id, "conn_a")
		w.SetOffline(ctx, id, "conn_a") // closed twice
		w.SetOffline(ctx, id, "conn_x") // never opened
		w.events.Want(t)
		w.want(true, storetest.T0) // the row is written on transitions only

		w.pass(9500 * time.Millisecond)
		w.SetOffline(ctx, id, "conn_b")
		w.events.Find(t, "L:presence_offline").WantFields(t, "user_id="+id, "reason=close", "online_seconds=10")
		w.events.Want(t, "L:presence_offline")
		w.want(false, w.now)
		w.SetOffline(ctx, id, "conn_b")
		w.events.Want(t)
	})
}

func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, id := context.Background(), w.u.ID
		w.SetOnline(ctx, id, "conn_a")
		w.pass(30 * time.Second)
		w.Heartbeat(ctx, id, "conn_a")
		beat := w.now
		w.pass(45 * time.Second)
		w.sweep()
		w.events.Want(t, "L:presence_online")
		w.want(true, storetest.T0)

		w.pass(time.Millisecond)
		if w.IsOnline(ctx, id) {
			t.Error("IsOnline 45.001 s after the last beat: true, want false")
		}
		w.sweep()
		w.events.Find(t, "L:presence_sweep").WantFields(t, "checked=1", "stale=1", "duration_ms=0s")
		w.events.Find(t, "L:presence_offline").WantFields(t, "user_id="+id, "reason=stale", "online_seconds=75")
		w.events.Want(t, "L:presence_offline")
		w.want(false, beat)
		if seen, err := w.LastSeen(ctx, id); err != nil || !seen.Equal(beat) {
			t.Errorf("LastSeen = %v, %v, want the last beat", seen, err)
		}

		// The connection is still there, and speaks again.
		w.Heartbeat(ctx, id, "conn_a")
		w.events.Want(t, "L:presence_online")
		w.want(true, w.now)
		if seen, err := w.LastSeen(ctx, id); err != nil || !seen.Equal(w.now) {
			t.Errorf("LastSeen = %v, %v, want now", seen, err)
		}
	})
}

func TestStatusByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, id := context.Background(), w.u.ID
		w.Heartbeat(ctx, id, "") // without a socket
		w.events.Find(t, "L:presence_online").WantFields(t, "user_id="+id, "connections=0")
		w.pass(10 * time.Second)
		w.SetOnline(ctx, id, "conn_a")
		w.Leave(ctx, id)
		w.events.Find(t, "L:presence_offline").WantFields(t, "user_id="+id, "reason=manual", "online_seconds=10")
		w.events.Want(t, "L:presence_online", "L:presence_offline")
		w.want(false, w.now)
		w.Leave(ctx, id)
		w.events.Want(t)
		w.Heartbeat(ctx, id, "conn_a")
		w.events.Want(t, "L:presence_online")

		// The last socket takes the beat without one along.
		w.Heartbeat(ctx, id, "")
		w.SetOffline(ctx, id, "conn_a")
		w.events.Want(t, "L:presence_offline")
		w.Heartbeat(ctx, id, "")
		w.SetOffline(ctx, id, "conn_a")
		w.events.Want(t, "L:presence_online")
	})
}

// brokenProfiles is a database that is away.
type brokenProfiles struct{}

func (brokenProfiles) SetPresence(context.Context, string, bool, time.Time) error {
	return errors.New("connection refused")
}

func (brokenProfiles) LastSeen(context.Context, string) (time.Time, error) {
	return time.Time{}, errors.New("connection refused")
}

func (brokenProfiles) ResetPresence(context.Context, time.Time) (int64, error) {
	return 0, errors.New("connection refused")
}

func TestPresenceGoesOnWithoutTheDatabase(t *testing.T) {
	events := eventtest.New()
	s := presence.New(presence.Config{Profiles: brokenProfiles{}, Log: events.Logger("service.presence")})
	ctx := context.Background()
	s.SetOnline(ctx, "u1", "conn_a")
	if !s.IsOnline(ctx, "u1") {
		t.Error("IsOnline = false, want true")
	}
	events.Find(t, "L:presence_update_failed").WantFields(t, "user_id=u1", "error_type="+pairly.ErrorType(errors.New("")))
	events.Want(t, "L:presence_update_failed", "L:presence_online")
}

func TestWriteOutlivesTheRequest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		w.SetOnline(ctx, w.u.ID, "conn_a")
		cancel()
		w.pass(time.Second)
		w.SetOffline(ctx, w.u.ID, "conn_a")
		w.events.Want(t, "L:presence_online", "L:presence_offline")
		w.want(false, w.now)
	})
}

func TestManyConnectionsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				conn := fmt.Sprint("conn_", i)
				w.SetOnline(ctx, w.u.ID, conn)
				w.Heartbeat(ctx, w.u.ID, conn)
				w.sweep()
				w.SetOffline(ctx, w.u.ID, conn)
			})
		}
		wg.Wait()
		names := w.events.Take()
		for i, name := range names {
			if want := []string{"L:presence_online", "L:presence_offline"}[i%2]; name != want {
				t.Fatalf("events: got %v, want online and offline in turns", names)
			}
		}
		if len(names) == 0 || len(names)%2 != 0 {
			t.Errorf("events: got %v, want pairs", names)
		}
		w.want(false, w.now)
	})
}

// brokenStore is a Redis that is away.
type brokenStore struct{ presence.Store }

func (brokenStore) Stale(context.Context, time.Time) ([]string, int, error) {
	return nil, 0, errors.New("connection refused")
}

// What the sweep could not do is its caller's to log.
func TestSweepWithoutTheStore(t *testing.T) {
	events := eventtest.New()
	s := presence.New(presence.Config{
		Profiles: brokenProfiles{}, Log: events.Logger("service.presence"), Store: brokenStore{presence.NewMemory()},
	})
	if err := s.Sweep(context.Background()); err == nil {
		t.Error("Sweep = nil, want the store's error")
	}
	events.Want(t)
	if n, err := s.Reset(context.Background()); n != 0 || err != nil {
		t.Errorf("Reset with a shared store = %d, %v, want nothing done: other processes have users online", n, err)
	}
}

// A process that was killed leaves rows that say online; the next one knows
// better, but leaves those alone that went online since.
func TestResetAfterAKilledProcess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		other := storetest.User(t, w.st, "o@example.com", pairly.RoleCreator)
		storetest.Profile(t, w.st, other, 0)
		if err := w.st.SetPresence(ctx, other.ID, true, storetest.T0.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.SetOnline(ctx, w.u.ID, "conn_a")
		if n, err := w.Reset(ctx); n != 1 || err != nil {
			t.Errorf("Reset = %d, %v, want 1 profile", n, err)
		}
		p, err := w.st.ProfileByUserID(ctx, other.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.IsOnline {
			t.Error("the profile stayed online")
		}
		w.want(true, storetest.T0)
	})
}

// awayProfiles is a database that is away for a while.
type awayProfiles struct {
	presence.Profiles
	away bool
}

func (p *awayProfiles) SetPresence(ctx context.Context, userID string, online bool, at time.Time) error {
	if p.away {
		return errors.New("connection refused")
	}
	return p.Profiles.SetPresence(ctx, userID, online, at)
}

// Who leaves while the database is away is not online for ever after.
func TestRowsAreWrittenWhenTheDatabaseIsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		db := &awayProfiles{Profiles: w.st}
		w.Service = presence.New(presence.Config{Profiles: db, Log: w.events.Logger("service.presence"), Now: func() time.Time { return w.now }})
		stays := storetest.User(t, w.st, "stays@example.com", pairly.RoleCreator)
		storetest.Profile(t, w.st, stays, 0)
		online := func(u *pairly.User) bool {
			t.Helper()
			p, err := w.st.ProfileByUserID(ctx, u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return p.IsOnline
		}
		w.SetOnline(ctx, w.u.ID, "conn_a")
		db.away = true
		w.SetOffline(ctx, w.u.ID, "conn_a")
		w.SetOnline(ctx, stays.ID, "conn_b")
		w.events.Want(t, "L:presence_online", "L:presence_update_failed", "L:presence_offline",
			"L:presence_update_failed", "L:presence_online")
		w.sweep()
		w.events.Want(t, "L:presence_update_failed") // one: the others would fail as well
		if !online(w.u) || online(stays) {
			t.Error("the rows changed while the database was away")
		}

		db.away = false
		w.sweep()
		w.want(false, storetest.T0)
		if !online(stays) {
			t.Error("the row of who stays: got offline, want online")
		}
		w.events.Want(t)
	})
}
