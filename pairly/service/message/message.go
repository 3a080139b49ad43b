package message

import (
	"context"
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
	// User returns a user, or fails with user_not_found.
	User(ctx context.Context, id string) (*pairly.User, error)
	// CreditsBalance returns a user's balance; ok is false where there is no
	// such user.
	CreditsBalance(ctx context.Context, userID string) (balance int64, ok bool, err error)
	// ProfileByUserID returns nil without an error where there is no profile.
	ProfileByUserID(ctx context.Context, userID string) (*pairly.Profile, error)
	// Blocked reports whether one of the two users has blocked the other.
	Blocked(ctx context.Context, a, b string) (bool, error)
	// InsertMessage inserts a message and sets its Seq; inserted is false
	// when the sender used its ClientMessageID before. It waits for a
	// transaction that is inserting the same one.
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
	// MarkRead marks the published messages from otherID to readerID with a
	// Seq from first to last as read, and returns how many were not.
	MarkRead(ctx context.Context, readerID, otherID string, first, last int64, at time.Time) (int64, error)
	// Conversations returns a user's conversations, the last active first.
	Conversations(ctx context.Context, userID string, limit int) ([]*pairly.Conversation, error)
}

// Credits moves the price of a message; see [credit.Service].
type Credits interface {
	Transfer(ctx context.Context, r credit.TransferRequest) (credit.TransferResult, error)
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
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c: c}
}
