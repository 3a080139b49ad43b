package profile

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/internal/step"
	"github.com/pairly/pairlog/pairly/service/moderation"
)

// Store is what the service needs of the database. Every method uses the
// transaction in ctx if there is one.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// User returns a user, or fails with user_not_found.
	User(ctx context.Context, id string) (*pairly.User, error)
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
type Service struct {
	store      Store
	classifier Classifier
	presence   Presence
	log        *slog.Logger
	modLog     *slog.Logger
	audit      pairly.Auditor
	now        func() time.Time
}

// New returns a service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{
		store: c.Store, classifier: c.Classifier, presence: c.Presence,
		log: c.Log, modLog: c.ModerationLog, audit: c.Audit, now: c.Now,
	}
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

func view(p *pairly.Profile, trusted bool) *View {
	v := &View{Profile: *p, ShowEarnings: trusted}
	if p.Location != nil {
		v.Location = &pairly.Location{Lat: city(p.Location.Lat), Lng: city(p.Location.Lng)}
	}
	if !trusted {
		v.TotalEarnings = 0
	}
	return v
}

// city rounds degrees to about a kilometre.
func city(degrees float64) float64 { return math.Round(degrees*100) / 100 }

func notFound() *pairly.Error {
	return pairly.Errorf(pairly.ENotFound, "profile_not_found", "There is no such profile.")
}

// Get returns the profile with the id as v may see it, and counts the view
// unless v owns it. A profile that v may not see (hidden, or of a suspended
// account) is profile_not_found. It writes profile_viewed.
func (s *Service) Get(ctx context.Context, id string, v Viewer) (*View, error) {
	if !pairly.ValidID(id) {
		return nil, notFound()
	}
	p, err := s.store.ProfileByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, notFound()
	}
	owner := v.UserID != "" && v.UserID == p.UserID
	trusted := owner || v.Role == pairly.RoleAdmin
	if !trusted {
		u, err := s.store.User(ctx, p.UserID)
		if err != nil {
			return nil, err
		}
		if p.Visibility != pairly.VisibilityPublic || u.IsSuspended {
			return nil, notFound()
		}
	}
	if !owner {
		if err := s.store.CountView(ctx, p.ID); err != nil {
			return nil, err
		}
		p.ViewCount++
	}
	viewer := slog.String("viewer_id", v.UserID)
	if v.UserID == "" {
		viewer = slog.Any("viewer_id", nil)
	}
	step.Log(ctx, s.log, "profile_viewed", slog.String("profile_id", p.ID), viewer)
	return view(p, trusted), nil
}

// SetStatus beats for the user (online) or takes him offline. The error code
// is profile_not_found when he has no profile.
func (s *Service) SetStatus(ctx context.Context, userID string, online bool) error {
	p, err := s.store.ProfileByUserID(ctx, userID)
	if err != nil {
		return err
	}
	if p == nil {
		return notFound()
	}
	if online {
		s.presence.Heartbeat(ctx, userID, "")
	} else {
		s.presence.Leave(ctx, userID)
	}
	return nil
}
