package message

import (
	"context"
	"log/slog"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
)

// The sizes of pages.
const (
	DefaultHistory       = 50
	MaxHistory           = 200
	DefaultConversations = 50
	MaxConversations     = 100
)

// A HistoryRequest selects messages between two users.
type HistoryRequest struct {
	UserID  string // who reads
	OtherID string
	Before  string // a message id: only older ones; "" for the newest
	Limit   int    // 1 to MaxHistory, 0 means DefaultHistory
}

// History returns messages oldest first, nil when there is none, and marks
// the received ones among them as read. Messages to the reader that are not
// published are left out. It writes message_history_read. Error codes:
// user_not_found, invalid_cursor, validation_failed.
func (s *Service) History(ctx context.Context, r HistoryRequest) ([]*pairly.Message, error) {
	if r.Limit == 0 {
		r.Limit = DefaultHistory
	}
	var rules pairly.Rules
	rules.Check(r.Limit >= 1 && r.Limit <= MaxHistory, "limit", "range", "must be 1 to 200")
	if err := rules.Err(); err != nil {
		return nil, err
	}
	invalidCursor := pairly.Errorf(pairly.EBadRequest, "invalid_cursor", "The cursor is not a message of this conversation.")
	if r.Before != "" && !pairly.ValidID(r.Before) {
		return nil, invalidCursor
	}
	if !pairly.ValidID(r.OtherID) {
		return nil, pairly.Errorf(pairly.ENotFound, "user_not_found", "There is no such user.")
	}
	if _, err := s.c.Store.User(ctx, r.OtherID); err != nil {
		return nil, err
	}
	page, ok, err := s.c.Store.Messages(ctx, r.UserID, r.OtherID, r.Before, r.Limit)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalidCursor
	}
	if err := s.markRead(ctx, r, page); err != nil {
		return nil, err
	}
	s.c.APILog.LogAttrs(ctx, slog.LevelInfo, "message_history_read",
		slog.String("user_id", r.UserID),
		slog.String("other_user_id", r.OtherID),
		slog.Int("count", len(page)))
	return page, nil
}

// markRead marks what page shows of the other's messages as read, in the
// database and in page.
func (s *Service) markRead(ctx context.Context, r HistoryRequest, page []*pairly.Message) error {
	now := s.c.Now()
	unread := false
	for _, m := range page {
		if m.ToUserID == r.UserID && !m.IsRead {
			unread = true
			m.IsRead, m.ReadAt = true, now
		}
	}
	if !unread {
		return nil
	}
	_, err := s.c.Store.MarkRead(ctx, r.UserID, r.OtherID, page[0].Seq, page[len(page)-1].Seq, now)
	return err
}

// Conversations returns the user's conversations, the last active first, nil
// when there is none. limit is 1 to MaxConversations, 0 means
// DefaultConversations. It writes conversations_listed.
func (s *Service) Conversations(ctx context.Context, userID string, limit int) ([]*pairly.Conversation, error) {
	if limit == 0 {
		limit = DefaultConversations
	}
	var rules pairly.Rules
	rules.Check(limit >= 1 && limit <= MaxConversations, "limit", "range", "must be 1 to 100")
	if err := rules.Err(); err != nil {
		return nil, err
	}
	list, err := s.c.Store.Conversations(ctx, userID, limit)
	if err != nil {
		return nil, err
	}
	step.Log(ctx, s.c.APILog, "conversations_listed",
		slog.String("user_id", userID),
		slog.Int("count", len(list)))
	return list, nil
}
