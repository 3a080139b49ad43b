package message

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/credit"
	"github.com/pairly/pairlog/pairly/service/moderation"
	"github.com/pairly/pairlog/pairly/service/socketlimit"
)

// Store is what the service needs of the database. Every method uses the
// transaction in ctx if there is one.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	UserByID(ctx context.Context, id string) (*pairly.User, error)
	// ProfileByUserID returns nil without an error where there is no profile.
	ProfileByUserID(ctx context.Context, userID string) (*pairly.Profile, error)
	Blocked(ctx context.Context, a, b string) (bool, error)
	// InsertMessage inserts a message and sets its Seq; inserted is false
	// when the sender used its ClientMessageID before.
	InsertMessage(ctx context.Context, m *pairly.Message) (inserted bool, err error)
	// MessageByClientID returns nil without an error where there is none.
	MessageByClientID(ctx context.Context, fromUserID, clientMessageID string) (*pairly.Message, error)
	// TransactionByEntity returns a user's row of the ledger for an entity,
	// nil without an error where there is none.
	TransactionByEntity(ctx context.Context, userID, entityType, entityID string) (*pairly.CreditTransaction, error)
	// Messages returns the newest messages of two users that userID may see,
	// oldest first, those before the message with the id before if it is not
	// empty; ok is false when that is not a message of the two.
	Messages(ctx context.Context, userID, otherID, before string, limit int) (page []*pairly.Message, ok bool, err error)
	// MarkRead marks the messages with the ids as read.
	MarkRead(ctx context.Context, ids []string, at time.Time) error
	// Conversations returns a user's conversations, the last active first.
	Conversations(ctx context.Context, userID string, limit int) ([]*pairly.Conversation, error)
}

// Credits moves the price of a message; see [credit.Service].
type Credits interface {
	Transfer(ctx context.Context, r credit.TransferRequest) (credit.TransferResult, error)
	Balance(ctx context.Context, userID string) (int64, error)
}

// A Limiter limits frames; see [socketlimit.Limiter].
type Limiter interface {
	Allow(ctx context.Context, userID, ip string) socketlimit.Verdict
}

// Mutes says until when a user is muted, the zero time when he is not.
type Mutes interface {
	Muted(ctx context.Context, userID string) (time.Time, error)
}

// A Classifier judges text; see [moderation.Text].
type Classifier interface {
	Classify(ctx context.Context, text string) (moderation.Verdict, error)
}

// Config is what a [Service] is made of. Every field is required but Now and
// AuditAllMessages.
type Config struct {
	Store      Store
	Credits    Credits
	Limiter    Limiter
	Mutes      Mutes
	Classifier Classifier
	Audit      pairly.Auditor

	Log           *slog.Logger // websocket.messaging
	APILog        *slog.Logger // api.messaging: the reads
	CreditsLog    *slog.Logger // service.credits: idempotent_replay
	ModerationLog *slog.Logger // middleware.content_moderation

	AuditAllMessages bool             // audit free messages too
	Now              func() time.Time // default time.Now
}

// Service sends and reads messages. It is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// A SendRequest is a chat frame.
type SendRequest struct {
	From            string // the authenticated user of the socket
	To              string // a user id
	Content         string // 1 to 2000 characters after trimming
	ClientMessageID string // 1 to 64 characters; a repetition answers the first result
	ConnectionID    string
	ClientIP        string
	FrameType       string // as received, for the events; "" means chat_message

	// Invalid is what the socket found wrong with the frame before it could
	// fill in the rest (malformed JSON, an unknown type), nil when nothing.
	// It is the answer unless the rate or a mute refuses the frame first.
	Invalid *pairly.Error
}

// A SendResult is a sent message. The socket delivers it to the recipient
// when Deliver is true: it is new and not hidden.
type SendResult struct {
	Message    *pairly.Message
	NewBalance int64 // of the sender, in credits
	Replayed   bool  // ClientMessageID was used before; nothing was charged
	Deliver    bool
}

// Send sends a chat message. Errors are *pairly.Error with the codes of the
// error frame: rate_limited (with retry_after; see [Abusive]), muted,
// invalid_payload, recipient_not_found, blocked, content_policy_violation,
// insufficient_credits (with required and available), or whatever Invalid
// says; any other error is internal and was not logged.
func (s *Service) Send(ctx context.Context, r SendRequest) (SendResult, error) {
	return SendResult{}, errors.New("message: under construction")
}

// Abusive reports whether err, from Send, says that the socket must be closed
// with [socketlimit.CloseAbuse].
func Abusive(err error) bool { return errors.Is(err, errAbuse) }

var errAbuse = errors.New("too many refused windows")

// A HistoryRequest selects messages between two users.
type HistoryRequest struct {
	UserID  string // who reads
	OtherID string
	Before  string // a message id: only older ones; "" for the newest
	Limit   int    // 1 to 200, default 50
}

// History returns messages oldest first and marks the received ones among
// them as read. Messages to the reader that are not published are left out.
// Error codes: user_not_found, invalid_cursor.
func (s *Service) History(ctx context.Context, r HistoryRequest) ([]*pairly.Message, error) {
	return nil, errors.New("message: under construction")
}

// Conversations returns the user's conversations, the last active first.
// limit is 1 to 100, 0 means 50.
func (s *Service) Conversations(ctx context.Context, userID string, limit int) ([]*pairly.Conversation, error) {
	return nil, errors.New("message: under construction")
}
