package pairly

import "time"

// A ModerationStatus says whether others may see a piece of content.
type ModerationStatus string

// The moderation states of content; only ModerationPublished is visible to
// others.
const (
	ModerationPublished   ModerationStatus = "published"
	ModerationQuarantined ModerationStatus = "quarantined"
	ModerationRemoved     ModerationStatus = "removed"
	ModerationEscalated   ModerationStatus = "escalated"
)

// A Message is a chat message. Its content is never logged.
type Message struct {
	ID               string
	Seq              int64 // place among all messages, set by the store; grows
	FromUserID       string
	ToUserID         string
	Content          string
	CreditsCharged   int64
	ClientMessageID  string // unique per sender; makes a retry safe
	IsRead           bool
	ReadAt           time.Time
	ModerationStatus ModerationStatus
	CreatedAt        time.Time
}

// A Conversation is the newest state of an exchange with one other user.
type Conversation struct {
	UserID            string // the other one
	DisplayName       string
	ProfilePictureURL string
	IsOnline          bool
	LastMessageAt     time.Time
	Unread            int64
}
