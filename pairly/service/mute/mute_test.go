package mute_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/eventtest"
	"github.com/pairly/pairlog/pairly/service/mute"
	"github.com/pairly/pairlog/pairly/store"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

type world struct {
	st     *store.Store
	events *eventtest.Recorder
	*mute.Service
	u, admin *pairly.User
	ctx      context.Context // of the admin
	now      time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, url string) {
		w := &world{st: storetest.Open(t, url, store.Config{}), events: eventtest.New(), now: storetest.T0}
		w.Service = mute.New(mute.Config{
			Store: w.st, Log: w.events.Logger("service.ws_rate_limiter"), Audit: w.events.Auditor(), Now: func() time.Time { return w.now },
		})
		w.u = storetest.User(t, w.st, "u@example.com", pairly.RoleFan)
		w.admin = storetest.User(t, w.st, "admin@example.com", pairly.RoleAdmin)
		w.ctx = pairly.WithActor(context.Background(), pairly.Actor{UserID: w.admin.ID, Role: pairly.RoleAdmin})
		test(t, w)
	})
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if pairly.ErrorCode(err) != code {
		t.Errorf("got error %v, want code %q", err, code)
	}
}

func TestMuteEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, err := w.Mute(w.ctx, w.u.ID, time.Minute, "spam")
		if err != nil {
			t.Fatal(err)
		}
		until := storetest.T0.Add(time.Minute)
		if !m.MutedUntil.Equal(until) || m.MutedBy != w.admin.ID || m.Reason != "spam" {
			t.Errorf("got %+v, want a mute until %v", m, until)
		}
		line := w.events.Find(t, "L:user_muted")
		line.WantFields(t, "user_id="+w.u.ID, "seconds=60")
		if line.Logger != "service.ws_rate_limiter" {
			t.Errorf("logger: got %s", line.Logger)
		}
		rec := w.events.Find(t, "A:user_muted").Audit
		if rec.Action != "mute_user" || rec.Target.UserID != w.u.ID || rec.Actor.UserID != w.admin.ID || rec.Reason != "spam" ||
			fmt.Sprint(rec.Before, rec.After) != "map[muted_until:<nil>] map[muted_until:2025-01-15T10:31:45.123Z]" {
			t.Errorf("audit record: got %+v", rec)
		}
		w.events.Want(t, "L:user_muted", "A:user_muted")

		if got, err := w.Muted(w.ctx, w.u.ID); err != nil || !got.Equal(until) {
			t.Errorf("Muted = %v, %v, want %v", got, err, until)
		}
		w.now = until
		if got, err := w.Muted(w.ctx, w.u.ID); err != nil || !got.IsZero() {
			t.Errorf("Muted at the end = %v, %v, want the zero time", got, err)
		}
		if all, err := w.List(w.ctx); err != nil || len(all) != 0 {
			t.Errorf("List at the end = %v, %v, want none", all, err)
		}
		wantCode(t, w.Unmute(w.ctx, w.u.ID), "not_muted")
		w.events.Want(t)

		// An ended mute is no state before the next one.
		if _, err := w.Mute(w.ctx, w.u.ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		w.events.Find(t, "L:user_muted").WantFields(t, "user_id="+w.u.ID, "seconds=3600")
		if rec := w.events.Find(t, "A:user_muted").Audit; rec.Before["muted_until"] != nil {
			t.Errorf("before: got %v, want null", rec.Before)
		}
	})
}

func TestUnmute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.Mute(w.ctx, w.u.ID, time.Hour, ""); err != nil {
			t.Fatal(err)
		}
		if all, err := w.List(w.ctx); err != nil || len(all) != 1 || all[0].UserID != w.u.ID {
			t.Errorf("List = %v, %v, want the mute", all, err)
		}
		w.events.Take()
		var wg sync.WaitGroup
		var ok, refused atomic.Int64
		for range 4 {
			wg.Go(func() {
				switch err := w.Unmute(w.ctx, w.u.ID); pairly.ErrorCode(err) {
				case "":
					ok.Add(1)
				case "not_muted":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if ok.Load() != 1 || refused.Load() != 3 {
			t.Errorf("four at once: got %d done and %d refused, want 1 and 3", ok.Load(), refused.Load())
		}
		w.events.Want(t, "L:user_unmuted", "A:user_unmuted")
		if got, err := w.Muted(w.ctx, w.u.ID); err != nil || !got.IsZero() {
			t.Errorf("Muted = %v, %v, want the zero time", got, err)
		}
	})
}

func TestMuteRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.Mute(w.ctx, pairly.NewID(storetest.T0), time.Hour, "")
		wantCode(t, err, "user_not_found")
		for _, d := range []time.Duration{time.Minute - 1, 30*24*time.Hour + 1, -time.Hour} {
			_, err := w.Mute(w.ctx, w.u.ID, d, "")
			wantCode(t, err, "validation_failed")
		}
		broken := errors.New("disk I/O error")
		w.events.FailAudit(broken)
		if _, err := w.Mute(w.ctx, w.u.ID, time.Hour, ""); !errors.Is(err, broken) {
			t.Errorf("with a failing auditor: got %v, want its error", err)
		}
		w.events.Want(t)
		if got, err := w.Muted(w.ctx, w.u.ID); err != nil || !got.IsZero() {
			t.Errorf("Muted = %v, %v, want the zero time", got, err)
		}
	})
}
