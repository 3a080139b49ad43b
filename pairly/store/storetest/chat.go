package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/store"
)

func message(from, to *pairly.User, clientID string) *pairly.Message {
	return &pairly.Message{
		ID: pairly.NewID(T0), FromUserID: from.ID, ToUserID: to.ID, Content: "Hi " + clientID, ClientMessageID: clientID,
		ModerationStatus: pairly.ModerationPublished, CreatedAt: T0,
	}
}

func send(t *testing.T, st *store.Store, from, to *pairly.User, clientID string, change ...func(*pairly.Message)) *pairly.Message {
	t.Helper()
	m := message(from, to, clientID)
	for _, c := range change {
		c(m)
	}
	inserted, err := st.InsertMessage(context.Background(), m)
	check(t, err)
	if !inserted {
		t.Fatalf("message %s: not inserted", clientID)
	}
	return m
}

func hidden(m *pairly.Message) { m.ModerationStatus = pairly.ModerationQuarantined }

func testMessages(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleCreator)
	m := send(t, st, a, b, "c1", func(m *pairly.Message) { m.CreditsCharged = 5 })
	got, err := st.MessageByClientID(ctx, a.ID, "c1")
	check(t, err)
	if got == nil || *got != *m || m.Seq == 0 {
		t.Errorf("got %+v, want %+v", got, m)
	}
	if got, err := st.MessageByClientID(ctx, b.ID, "c1"); got != nil || err != nil {
		t.Errorf("of another sender: got %+v, %v, want nil", got, err)
	}
	// The repetition must not end the transaction around it.
	check(t, st.InTx(ctx, func(ctx context.Context) error {
		if inserted, err := st.InsertMessage(ctx, message(a, b, "c1")); inserted || err != nil {
			t.Errorf("repetition: got %v, %v, want not inserted", inserted, err)
		}
		inserted, err := st.InsertMessage(ctx, message(b, a, "c1"))
		if !inserted {
			t.Error("the same client id of another sender: not inserted")
		}
		return err
	}))

	var wg sync.WaitGroup
	var inserted atomic.Int64
	for range 6 {
		wg.Go(func() {
			err := st.InTx(ctx, func(ctx context.Context) error {
				ok, err := st.InsertMessage(ctx, message(a, b, "race"))
				if ok {
					inserted.Add(1)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if inserted.Load() != 1 {
		t.Errorf("six parallel repetitions: got %d inserted, want 1", inserted.Load())
	}
}

func testMessageChecks(t *testing.T, st *store.Store) {
	a, b := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	for name, change := range map[string]func(*pairly.Message){
		"to oneself":       func(m *pairly.Message) { m.ToUserID = m.FromUserID },
		"no content":       func(m *pairly.Message) { m.Content = "" },
		"credits below 0":  func(m *pairly.Message) { m.CreditsCharged = -1 },
		"no client id":     func(m *pairly.Message) { m.ClientMessageID = "" },
		"status":           func(m *pairly.Message) { m.ModerationStatus = "fine" },
		"unknown receiver": func(m *pairly.Message) { m.ToUserID = pairly.NewID(T0) },
		"read, but never":  func(m *pairly.Message) { m.IsRead = true },
	} {
		m := message(a, b, name)
		change(m)
		if _, err := st.InsertMessage(context.Background(), m); err == nil {
			t.Errorf("%s: inserted, want an error", name)
		}
	}
}

func testMessagePages(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b, c := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan), User(t, st, "c@example.com", pairly.RoleFan)
	ids := make(map[string]string)
	for i, from := range []*pairly.User{a, b, a, a, b} {
		to := b
		if from == b {
			to = a
		}
		name := fmt.Sprint(i)
		ids[name] = send(t, st, from, to, name).ID
	}
	ids["hidden"] = send(t, st, b, a, "hidden", hidden).ID
	ids["mine"] = send(t, st, a, b, "mine", hidden).ID
	ids["elsewhere"] = send(t, st, a, c, "elsewhere").ID
	page := func(u, other *pairly.User, before string, limit int, want ...string) {
		t.Helper()
		ms, ok, err := st.Messages(ctx, u.ID, other.ID, ids[before], limit)
		check(t, err)
		var got []string
		for _, m := range ms {
			got = append(got, m.ClientMessageID)
		}
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("before %q: got %v, ok %v, want %v", before, got, ok, want)
		}
	}
	page(a, b, "", 10, "0", "1", "2", "3", "4", "mine")
	page(b, a, "", 10, "0", "1", "2", "3", "4", "hidden")
	page(a, b, "", 3, "3", "4", "mine")
	page(a, b, "3", 2, "1", "2")
	page(a, b, "1", 2, "0")
	page(a, b, "0", 2)
	page(b, c, "", 2)
	for _, before := range []string{pairly.NewID(T0), ids["elsewhere"]} {
		if _, ok, err := st.Messages(ctx, a.ID, b.ID, before, 10); ok || err != nil {
			t.Errorf("before a foreign message: ok %v, %v, want false", ok, err)
		}
	}
}

func testMarkRead(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan)
	old := send(t, st, a, b, "old")
	first := send(t, st, a, b, "first")
	send(t, st, b, a, "mine")
	send(t, st, a, b, "hidden", hidden)
	last := send(t, st, a, b, "last")
	at := T0.Add(time.Minute)
	for _, want := range []int64{2, 0} {
		n, err := st.MarkRead(ctx, b.ID, a.ID, first.Seq, last.Seq, at)
		check(t, err)
		if n != want {
			t.Errorf("MarkRead = %d, want %d", n, want)
		}
	}
	for m, want := range map[*pairly.Message]bool{old: false, first: true, last: true} {
		got, err := st.MessageByClientID(ctx, a.ID, m.ClientMessageID)
		check(t, err)
		if got.IsRead != want || want && !got.ReadAt.Equal(at) {
			t.Errorf("message %s: got read %v at %v, want %v", m.ClientMessageID, got.IsRead, got.ReadAt, want)
		}
	}
}

func testConversations(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b, c, d := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleCreator),
		User(t, st, "c@example.com", pairly.RoleCreator), User(t, st, "d@example.com", pairly.RoleFan)
	Profile(t, st, b, 0)
	check(t, st.SetPresence(ctx, b.ID, true, T0))
	quarantined := Profile(t, st, c, 0)
	quarantined.Visibility = pairly.VisibilityQuarantined
	check(t, st.UpdateProfile(ctx, quarantined))

	send(t, st, b, a, "1")
	send(t, st, b, a, "2")
	send(t, st, a, c, "3", func(m *pairly.Message) { m.CreatedAt = T0.Add(time.Minute) })
	send(t, st, b, a, "4", hidden)
	send(t, st, d, a, "5", hidden)
	send(t, st, b, c, "6")

	got, err := st.Conversations(ctx, a.ID, 10)
	check(t, err)
	want := []pairly.Conversation{
		{UserID: c.ID, DisplayName: "Test", LastMessageAt: T0.Add(time.Minute)},
		{UserID: b.ID, DisplayName: "Name of b@example.com", IsOnline: true, LastMessageAt: T0, Unread: 2},
	}
	if len(got) != len(want) {
		t.Fatalf("got %d conversations, want %d", len(got), len(want))
	}
	for i := range want {
		if *got[i] != want[i] {
			t.Errorf("conversation %d: got %+v, want %+v", i, *got[i], want[i])
		}
	}
	got, err = st.Conversations(ctx, a.ID, 1)
	check(t, err)
	if len(got) != 1 || got[0].UserID != c.ID {
		t.Errorf("limit 1: got %+v, want the last active", got)
	}
	if got, err := st.Conversations(ctx, pairly.NewID(T0), 10); got != nil || err != nil {
		t.Errorf("of nobody: got %v, %v, want nil", got, err)
	}
}

func testBlocks(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b, c := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan), User(t, st, "c@example.com", pairly.RoleFan)
	for _, want := range []bool{true, false} {
		if got, err := st.Block(ctx, a.ID, b.ID, T0); got != want || err != nil {
			t.Errorf("Block = %v, %v, want %v", got, err, want)
		}
	}
	f := func(x, y *pairly.User, want bool) {
		t.Helper()
		if got, err := st.Blocked(ctx, x.ID, y.ID); got != want || err != nil {
			t.Errorf("Blocked(%s, %s) = %v, %v, want %v", x.Email, y.Email, got, err, want)
		}
	}
	f(a, b, true)
	f(b, a, true)
	f(a, c, false)
	f(c, b, false)
	if _, err := st.Block(ctx, a.ID, a.ID, T0); err == nil {
		t.Error("Block of oneself: no error")
	}
}

func testMutes(t *testing.T, st *store.Store) {
	ctx := context.Background()
	a, b, c := User(t, st, "a@example.com", pairly.RoleFan), User(t, st, "b@example.com", pairly.RoleFan), User(t, st, "c@example.com", pairly.RoleFan)
	if m, err := st.Mute(ctx, a.ID); m != nil || err != nil {
		t.Errorf("Mute of a user without = %+v, %v, want nil", m, err)
	}
	first := &pairly.Mute{UserID: a.ID, MutedUntil: T0.Add(time.Minute), MutedBy: c.ID, Reason: "spam"}
	check(t, st.PutMute(ctx, first, T0))
	second := &pairly.Mute{UserID: a.ID, MutedUntil: T0.Add(time.Hour), MutedBy: b.ID}
	check(t, st.PutMute(ctx, second, T0))
	got, err := st.Mute(ctx, a.ID)
	check(t, err)
	if got == nil || *got != *second {
		t.Errorf("Mute = %+v, want %+v", got, second)
	}
	check(t, st.PutMute(ctx, &pairly.Mute{UserID: b.ID, MutedUntil: T0, MutedBy: c.ID}, T0))
	check(t, st.PutMute(ctx, &pairly.Mute{UserID: c.ID, MutedUntil: T0.Add(2 * time.Hour), MutedBy: b.ID}, T0))
	all, err := st.Mutes(ctx, T0)
	check(t, err)
	if len(all) != 2 || all[0].UserID != c.ID || all[1].UserID != a.ID {
		t.Errorf("Mutes = %+v, want those of c and a", all)
	}
	for _, want := range []bool{true, false} {
		if got, err := st.DeleteMute(ctx, a.ID); got != want || err != nil {
			t.Errorf("DeleteMute = %v, %v, want %v", got, err, want)
		}
	}
}
