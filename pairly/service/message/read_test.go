package message_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/message"
	"github.com/pairly/pairlog/pairly/store/storetest"
)

func TestHistory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		var ids []string
		for i := range 4 {
			r := w.frame(fmt.Sprint(i))
			r.Content = fmt.Sprint("text ", i)
			if i == 2 {
				r.From, r.To = w.c.ID, w.f.ID
			}
			ids = append(ids, w.mustSend(r).Message.ID)
		}
		w.events.Take()
		read := func(u, other string, before string, limit int) []*pairly.Message {
			t.Helper()
			page, err := w.chat.History(ctx, message.HistoryRequest{UserID: u, OtherID: other, Before: before, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		// F reads: of the messages of the two only the one to him becomes read.
		page := read(w.f.ID, w.c.ID, "", 0)
		if len(page) != 4 || page[0].Content != "text 0" || page[3].Content != "text 3" {
			t.Fatalf("got %d messages, want four, oldest first", len(page))
		}
		for i, m := range page {
			if m.ID != ids[i] || m.IsRead != (i == 2) {
				t.Errorf("message %d: got %s read %v, want %s read %v", i, m.ID, m.IsRead, ids[i], i == 2)
			}
		}
		line := w.events.Find(t, "L:message_history_read")
		line.WantFields(t, "user_id="+w.f.ID, "other_user_id="+w.c.ID, "count=4")
		if line.Logger != "api.messaging" {
			t.Errorf("logger: got %s, want api.messaging", line.Logger)
		}
		w.events.NeverSaid(t, "text 0")

		// C reads the older two and later the rest.
		page = read(w.c.ID, w.f.ID, ids[2], 2)
		if len(page) != 2 || page[0].ID != ids[0] || !page[0].IsRead || !page[1].IsRead {
			t.Errorf("before the third: got %v", page)
		}
		if cs, err := w.chat.Conversations(ctx, w.c.ID, 0); err != nil || len(cs) != 1 || cs[0].Unread != 1 || cs[0].UserID != w.f.ID {
			t.Errorf("conversations of C: got %+v, %v, want one with one unread", cs, err)
		}
		read(w.c.ID, w.f.ID, "", 0)
		if cs, err := w.chat.Conversations(ctx, w.c.ID, 100); err != nil || len(cs) != 1 || cs[0].Unread != 0 {
			t.Errorf("conversations of C after reading: got %+v, %v, want none unread", cs, err)
		}
		if page := read(w.f.ID, w.c.ID, "", 200); !page[0].IsRead {
			t.Error("F sees his first message as unread, want read")
		}
	})
}

func TestHistoryRefuses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		f := func(r message.HistoryRequest, kind pairly.Kind, code string) {
			t.Helper()
			r.UserID = w.f.ID
			_, err := w.chat.History(ctx, r)
			if pairly.ErrorKind(err) != kind || pairly.ErrorCode(err) != code {
				t.Errorf("%+v: got %v, want %s", r, err, code)
			}
		}
		f(message.HistoryRequest{OtherID: pairly.NewID(storetest.T0)}, pairly.ENotFound, "user_not_found")
		f(message.HistoryRequest{OtherID: "abc"}, pairly.ENotFound, "user_not_found")
		f(message.HistoryRequest{OtherID: w.c.ID, Before: "abc"}, pairly.EBadRequest, "invalid_cursor")
		f(message.HistoryRequest{OtherID: w.c.ID, Before: pairly.NewID(storetest.T0)}, pairly.EBadRequest, "invalid_cursor")
		f(message.HistoryRequest{OtherID: w.c.ID, Limit: 201}, pairly.EInvalid, "validation_failed")
		f(message.HistoryRequest{OtherID: w.c.ID, Limit: -1}, pairly.EInvalid, "validation_failed")
		if _, err := w.chat.Conversations(ctx, w.f.ID, 101); pairly.ErrorCode(err) != "validation_failed" {
			t.Errorf("101 conversations: got %v, want validation_failed", err)
		}
		w.events.Want(t)
	})
}
