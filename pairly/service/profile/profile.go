package profile

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

// Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	UserByID(ctx context.Context, id string) (*pairly.User, error)
	// InsertProfile inserts a profile; inserted is false when the user has
	// one already.
	InsertProfile(ctx context.Context, p *pairly.Profile) (inserted bool, err error)
	// ProfileByID and ProfileByUserID return nil without an error where
	// there is no such profile.
	ProfileByID(ctx context.Context, id string) (*pairly.Profile, error)
	ProfileByUserID(ctx context.Context, userID string) (*pairly.Profile, error)
	// LockProfile is ProfileByUserID and locks the row until the transaction
	// ends.
	LockProfile(ctx context.Context, userID string) (*pairly.Profile, error)
	// UpdateProfile writes the members that users set themselves, the
	// visibility and UpdatedAt.
	UpdateProfile(ctx context.Context, p *pairly.Profile) error
	// CountView adds one to the views of a profile.
	CountView(ctx context.Context, id string) error
}

// A Classifier judges text; see [moderation.Text].
type Classifier interface {
	Classify(ctx context.Context, text string) (moderation.Verdict, error)
}

// Presence is where the status route goes.
type Presence interface {
	Heartbeat(ctx context.Context, userID, connectionID string)
	Leave(ctx context.Context, userID string)
}

// Config is what a [Service] is made of. Every field is required but Now.
type Config struct {
	Store         Store
	Classifier    Classifier
	Presence      Presence
	Log           *slog.Logger // api.profiles
	ModerationLog *slog.Logger // middleware.content_moderation
	Audit         pairly.Auditor
	Now           func() time.Time // default time.Now
}

// Service keeps profiles. It is safe for concurrent use.
type Service struct{ c Config }

// New returns a service.
func New(c Config) *Service { return &Service{c: c} }

// A CreateRequest is a new profile.
type CreateRequest struct {
	UserID          string
	DisplayName     string // 1 to 50 characters after trimming
	Bio             string // at most 500 characters
	Age             int64  // 18 to 99
	PricePerMessage int64  // in credits, 0 to 10000
	Location        *pairly.Location
}

// An UpdateRequest changes the members that are not nil.
type UpdateRequest struct {
	DisplayName     *string
	Bio             *string // "" removes it
	Age             *int64
	PricePerMessage *int64
	Location        *pairly.Location
	ClearLocation   bool // removes the location; wins over Location
}

// A Viewer is who looks at a profile; the zero Viewer is anonymous.
type Viewer struct {
	UserID string
	Role   pairly.Role
}

// A View is a profile as a viewer may see it: the location is rounded to two
// decimals of a degree, and TotalEarnings is zero unless ShowEarnings.
type View struct {
	pairly.Profile
	ShowEarnings bool // the viewer is the owner or an admin
}

// Create makes the user's profile.
func (s *Service) Create(ctx context.Context, r CreateRequest) (*View, error) {
	return nil, errors.New("profile: under construction")
}

// Get returns the profile with the id as v may see it, and counts the view
// unless v owns it. A profile that v may not see is profile_not_found.
func (s *Service) Get(ctx context.Context, id string, v Viewer) (*View, error) {
	return nil, errors.New("profile: under construction")
}

// Update changes the user's own profile.
func (s *Service) Update(ctx context.Context, userID string, r UpdateRequest) (*View, error) {
	return nil, errors.New("profile: under construction")
}

// SetStatus beats for the user (online) or takes him offline; he must have a
// profile.
func (s *Service) SetStatus(ctx context.Context, userID string, online bool) error {
	return errors.New("profile: under construction")
}
