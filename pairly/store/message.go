package store

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// InsertMessage inserts a message and sets its Seq; inserted is false when
// the sender used its ClientMessageID before. It waits for a transaction that
// is inserting the same one.
func (s *Store) InsertMessage(ctx context.Context, m *pairly.Message) (inserted bool, err error) {
	seq, ok, err := getWriting(ctx, s, scanOne[int64], `
		INSERT INTO messages (id, from_user_id, to_user_id, content, credits_charged, client_message_id,
			is_read, read_at, moderation_status, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (from_user_id, client_message_id) DO NOTHING
		RETURNING seq`,
		m.ID, m.FromUserID, m.ToUserID, m.Content, m.CreditsCharged, m.ClientMessageID,
		m.IsRead, nullMillis(m.ReadAt), string(m.ModerationStatus), millis(m.CreatedAt))
	if err != nil || !ok {
		return false, wrap(err, "insert message")
	}
	m.Seq = seq
	return true, nil
}

const messageColumns = `seq, id, from_user_id, to_user_id, content, credits_charged, client_message_id,
	is_read, read_at, moderation_status, created_at`

func scanMessage(r scanner) (*pairly.Message, error) {
	m := new(pairly.Message)
	err := r.Scan(&m.Seq, &m.ID, &m.FromUserID, &m.ToUserID, &m.Content, &m.CreditsCharged, &m.ClientMessageID,
		&m.IsRead, nullTime{&m.ReadAt}, &m.ModerationStatus, stamp{&m.CreatedAt})
	return m, err
}

// MessageByClientID returns a sender's message by its ClientMessageID, nil
// where there is none.
func (s *Store) MessageByClientID(ctx context.Context, fromUserID, clientMessageID string) (*pairly.Message, error) {
	m, _, err := get(ctx, s, scanMessage,
		`SELECT `+messageColumns+` FROM messages WHERE from_user_id = ? AND client_message_id = ?`, fromUserID, clientMessageID)
	return m, wrap(err, "read message")
}

// Messages returns the newest messages between two users that userID may
// see, oldest first: his own, and the published ones of the other. If before
// is not empty, only those older than the message with that id; ok is false
// when it is not a message of the two. nil means that there is none.
func (s *Store) Messages(ctx context.Context, userID, otherID, before string, limit int) (page []*pairly.Message, ok bool, err error) {
	bound := int64(math.MaxInt64)
	if before != "" {
		bound, ok, err = get(ctx, s, scanOne[int64], `
			SELECT seq FROM messages
			WHERE id = ? AND ((from_user_id = ? AND to_user_id = ?) OR (from_user_id = ? AND to_user_id = ?))`,
			before, userID, otherID, otherID, userID)
		if err != nil || !ok {
			return nil, false, wrap(err, "read message")
		}
	}
	// Each branch walks one index backwards and stops at the limit.
	page, err = list(ctx, s, scanMessage, `
		SELECT * FROM (SELECT `+messageColumns+` FROM messages
			WHERE from_user_id = ? AND to_user_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?) AS sent
		UNION ALL
		SELECT * FROM (SELECT `+messageColumns+` FROM messages
			WHERE from_user_id = ? AND to_user_id = ? AND moderation_status = 'published' AND seq < ? ORDER BY seq DESC LIMIT ?) AS received
		ORDER BY seq DESC LIMIT ?`,
		userID, otherID, bound, limit, otherID, userID, bound, limit, limit)
	if err != nil {
		return nil, false, wrap(err, "list messages")
	}
	slices.Reverse(page)
	return page, true, nil
}

// MarkRead marks the published messages from otherID to readerID with a Seq
// from first to last as read, and returns how many were not.
func (s *Store) MarkRead(ctx context.Context, readerID, otherID string, first, last int64, at time.Time) (int64, error) {
	n, err := s.exec(ctx, `
		UPDATE messages SET is_read = TRUE, read_at = ?
		WHERE from_user_id = ? AND to_user_id = ? AND seq BETWEEN ? AND ?
			AND is_read = FALSE AND moderation_status = 'published'`,
		millis(at), otherID, readerID, first, last)
	return n, wrap(err, "mark messages read")
}

// Conversations returns a user's conversations, the last active first; nil
// when there is none. Messages that he may not see do not count. Who has no
// visible profile appears under the name of his account.
func (s *Store) Conversations(ctx context.Context, userID string, limit int) ([]*pairly.Conversation, error) {
	all, err := list(ctx, s, func(r scanner) (*pairly.Conversation, error) {
		c := new(pairly.Conversation)
		err := r.Scan(&c.UserID, &c.DisplayName, &c.ProfilePictureURL, &c.IsOnline, stamp{&c.LastMessageAt}, &c.Unread)
		return c, err
	}, `
		SELECT g.other_id, COALESCE(p.display_name, u.name), COALESCE(p.profile_picture_url, ''),
			COALESCE(p.is_online, FALSE), g.last_at, g.unread
		FROM (
			SELECT other_id, MAX(seq) AS last_seq, MAX(created_at) AS last_at, SUM(unread) AS unread
			FROM (
				SELECT to_user_id AS other_id, seq, created_at, 0 AS unread
				FROM messages WHERE from_user_id = ?
				UNION ALL
				SELECT from_user_id, seq, created_at, CASE WHEN is_read THEN 0 ELSE 1 END
				FROM messages WHERE to_user_id = ? AND moderation_status = 'published'
			) AS m
			GROUP BY other_id ORDER BY last_seq DESC LIMIT ?
		) AS g
		JOIN users u ON u.id = g.other_id
		LEFT JOIN profiles p ON p.user_id = g.other_id AND p.visibility = 'public'
		ORDER BY g.last_seq DESC`, userID, userID, limit)
	return all, wrap(err, "list conversations")
}
