package profile

import (
	"context"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
)

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

// Create makes the user's profile. Suspicious text hides it until somebody
// decides. It writes content_quarantined in that case, profile_created and
// the audit record profile_created. Error codes: validation_failed,
// content_policy_violation, profile_exists.
func (s *Service) Create(ctx context.Context, r CreateRequest) (*View, error) {
	now := s.now()
	p := &pairly.Profile{
		ID: pairly.NewID(now), UserID: r.UserID,
		DisplayName: strings.TrimSpace(r.DisplayName), Bio: strings.TrimSpace(r.Bio),
		Age: r.Age, PricePerMessage: r.PricePerMessage, Location: r.Location,
		LastSeen: now, Visibility: pairly.VisibilityPublic, CreatedAt: now, UpdatedAt: now,
	}
	if err := validate(p); err != nil {
		return nil, err
	}
	j, err := s.judge(ctx, p)
	if err != nil {
		return nil, err
	}
	if j.hide {
		p.Visibility = pairly.VisibilityQuarantined
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		inserted, err := s.store.InsertProfile(ctx, p)
		if err != nil {
			return err
		}
		if !inserted {
			return pairly.Errorf(pairly.EConflict, "profile_exists", "You have a profile already.")
		}
		s.quarantined(ctx, p, j)
		pairly.AfterCommit(ctx, func() {
			s.log.LogAttrs(ctx, slog.LevelInfo, "profile_created",
				slog.String("user_id", p.UserID),
				slog.String("profile_id", p.ID),
				slog.Int64("price_per_message", p.PricePerMessage))
		})
		after := make(map[string]any)
		for _, f := range fields {
			f.state(p, after)
		}
		return s.audit.Record(ctx, pairly.AuditRecord{
			Event: "profile_created", Action: "create_profile", Severity: pairly.SeverityLow,
			Target: pairly.Target{Type: "profile", ID: p.ID}, After: after,
		})
	})
	if err != nil {
		return nil, err
	}
	return view(p, true), nil
}

// Update changes the user's own profile. Suspicious text hides it until
// somebody decides; harmless text does not show it again. It writes
// content_quarantined in that case, profile_updated and the audit record
// profile_updated, and nothing when nothing changes. Error codes:
// validation_failed, content_policy_violation, profile_not_found.
func (s *Service) Update(ctx context.Context, userID string, r UpdateRequest) (*View, error) {
	// Judged before the transaction: a classifier may be a network away.
	current, err := s.store.ProfileByUserID(ctx, userID)
	if err != nil {
		return nil, err
	}
	if current == nil {
		return nil, notFound()
	}
	draft := r.apply(*current)
	if err := validate(&draft); err != nil {
		return nil, err
	}
	var j judgement
	if r.DisplayName != nil || r.Bio != nil {
		if j, err = s.judge(ctx, &draft); err != nil {
			return nil, err
		}
	}
	var after pairly.Profile
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		before, err := s.store.LockProfile(ctx, userID)
		if err != nil {
			return err
		}
		if before == nil {
			return notFound()
		}
		after = r.apply(*before)
		names, was, is := diff(before, &after)
		if len(names) == 0 {
			return nil
		}
		after.UpdatedAt = s.now()
		if j.hide && after.Visibility == pairly.VisibilityPublic {
			after.Visibility = pairly.VisibilityQuarantined
			was["visibility"], is["visibility"] = string(before.Visibility), string(after.Visibility)
		}
		if err := s.store.UpdateProfile(ctx, &after); err != nil {
			return err
		}
		s.quarantined(ctx, &after, j)
		pairly.AfterCommit(ctx, func() {
			s.log.LogAttrs(ctx, slog.LevelInfo, "profile_updated",
				slog.String("user_id", userID),
				slog.String("profile_id", after.ID),
				slog.Any("changed_fields", names))
		})
		return s.audit.Record(ctx, pairly.AuditRecord{
			Event: "profile_updated", Action: "update_profile", Severity: pairly.SeverityLow,
			Target: pairly.Target{Type: "profile", ID: after.ID}, Before: was, After: is,
		})
	})
	if err != nil {
		return nil, err
	}
	return view(&after, true), nil
}

// apply returns p with the changes of r.
func (r UpdateRequest) apply(p pairly.Profile) pairly.Profile {
	if r.DisplayName != nil {
		p.DisplayName = strings.TrimSpace(*r.DisplayName)
	}
	if r.Bio != nil {
		p.Bio = strings.TrimSpace(*r.Bio)
	}
	if r.Age != nil {
		p.Age = *r.Age
	}
	if r.PricePerMessage != nil {
		p.PricePerMessage = *r.PricePerMessage
	}
	if r.Location != nil {
		p.Location = r.Location
	}
	if r.ClearLocation {
		p.Location = nil
	}
	return p
}

func validate(p *pairly.Profile) error {
	var rules pairly.Rules
	rules.Check(pairly.ValidText(p.DisplayName, 1, 50), "display_name", "length", "must have 1 to 50 characters")
	rules.Check(pairly.ValidText(p.Bio, 0, 500), "bio", "length", "must have at most 500 characters")
	rules.Check(p.Age >= 18 && p.Age <= 99, "age", "range", "must be 18 to 99")
	rules.Check(p.PricePerMessage >= 0 && p.PricePerMessage <= 10000, "price_per_message", "range", "must be 0 to 10000")
	if l := p.Location; l != nil {
		rules.Check(l.Lat >= -90 && l.Lat <= 90, "location.lat", "range", "must be -90 to 90")
		rules.Check(l.Lng >= -180 && l.Lng <= 180, "location.lng", "range", "must be -180 to 180")
	}
	return rules.Err()
}

// A field is a member that users set, as events name it and audit records
// show it.
type field struct {
	name  string
	same  func(a, b *pairly.Profile) bool
	state func(p *pairly.Profile, to map[string]any)
}

// fields are the members in the order in which events list them. Text that
// only the profile itself should show appears as its length.
var fields = []field{
	{"display_name",
		func(a, b *pairly.Profile) bool { return a.DisplayName == b.DisplayName },
		func(p *pairly.Profile, to map[string]any) { to["display_name"] = p.DisplayName }},
	{"bio",
		func(a, b *pairly.Profile) bool { return a.Bio == b.Bio },
		func(p *pairly.Profile, to map[string]any) { to["bio_length"] = utf8.RuneCountInString(p.Bio) }},
	{"age",
		func(a, b *pairly.Profile) bool { return a.Age == b.Age },
		func(p *pairly.Profile, to map[string]any) { to["age"] = p.Age }},
	{"price_per_message",
		func(a, b *pairly.Profile) bool { return a.PricePerMessage == b.PricePerMessage },
		func(p *pairly.Profile, to map[string]any) { to["price_per_message"] = p.PricePerMessage }},
	{"location",
		func(a, b *pairly.Profile) bool {
			if a.Location == nil || b.Location == nil {
				return a.Location == b.Location
			}
			return *a.Location == *b.Location
		},
		func(p *pairly.Profile, to map[string]any) {
			to["location"] = nil
			if l := p.Location; l != nil {
				to["location"] = map[string]any{"lat": city(l.Lat), "lng": city(l.Lng)}
			}
		}},
}

// diff returns the names of the members that differ, and their states.
func diff(before, after *pairly.Profile) (names []string, was, is map[string]any) {
	was, is = make(map[string]any), make(map[string]any)
	for _, f := range fields {
		if !f.same(before, after) {
			names = append(names, f.name)
			f.state(before, was)
			f.state(after, is)
		}
	}
	return names, was, is
}
