package api

import (
	"net/http"

	"github.com/pairly/pairlog/pairly/service/message"
)

// The page sizes of the messaging routes.
const (
	maxHistory       = 200
	maxConversations = 100
)

// defaultPage is how many items a page has where the client does not say.
const defaultPage int64 = 50

func (s *server) messageHistory(w http.ResponseWriter, r *http.Request) error {
	type messageAnswer struct {
		ID             string `json:"id"`
		SenderID       string `json:"sender_id"`
		RecipientID    string `json:"recipient_id"`
		Content        string `json:"content"`
		SentAt         stamp  `json:"sent_at"`
		CreditsCharged int64  `json:"credits_charged"`
		IsRead         bool   `json:"is_read"`
	}
	other, err := pathID(r, "other_user_id", "user_not_found", "There is no such user.")
	if err != nil {
		return err
	}
	f := readQuery(r)
	in := message.HistoryRequest{
		UserID: principalOf(r.Context()).user.ID, OtherID: other,
		Before: f.text("before", textRule{Max: 64, Optional: true}), // the service judges it: invalid_cursor
		Limit:  f.page("limit", maxHistory),
	}
	if err := f.err(); err != nil {
		return err
	}
	list, err := s.Messages.History(r.Context(), in)
	if err != nil {
		return err
	}
	out := make([]messageAnswer, 0, len(list))
	for _, m := range list {
		out = append(out, messageAnswer{
			ID: m.ID, SenderID: m.FromUserID, RecipientID: m.ToUserID, Content: m.Content,
			SentAt: stamp(m.CreatedAt), CreditsCharged: m.CreditsCharged, IsRead: m.IsRead,
		})
	}
	respond(w, http.StatusOK, out)
	return nil
}

func (s *server) conversations(w http.ResponseWriter, r *http.Request) error {
	type conversationAnswer struct {
		UserID            string  `json:"user_id"`
		DisplayName       string  `json:"display_name"`
		ProfilePictureURL *string `json:"profile_picture_url"`
		IsOnline          bool    `json:"is_online"`
		LastMessageAt     stamp   `json:"last_message_at"`
		Unread            int64   `json:"unread"`
	}
	f := readQuery(r)
	limit := f.page("limit", maxConversations)
	if err := f.err(); err != nil {
		return err
	}
	list, err := s.Messages.Conversations(r.Context(), principalOf(r.Context()).user.ID, limit)
	if err != nil {
		return err
	}
	out := make([]conversationAnswer, 0, len(list))
	for _, c := range list {
		out = append(out, conversationAnswer{
			UserID: c.UserID, DisplayName: c.DisplayName, ProfilePictureURL: orNull(c.ProfilePictureURL),
			IsOnline: c.IsOnline, LastMessageAt: stamp(c.LastMessageAt), Unread: c.Unread,
		})
	}
	respond(w, http.StatusOK, out)
	return nil
}

// page reads the size of a page, 1 to high.
func (f *fields) page(name string, high int64) int {
	def := defaultPage
	return int(f.integer(name, 1, high, &def))
}

// chatSocket hands the connection to the hub; see package realtime.
func (s *server) chatSocket(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "user_id", "user_not_found", "There is no such user.")
	if err != nil {
		return err
	}
	if err := s.Sockets.CheckUpgrade(r); err != nil {
		return err
	}
	return s.Sockets.Chat(w, r, id)
}
