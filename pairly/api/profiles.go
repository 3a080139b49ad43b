package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/profile"
)

// The rules of a profile's members.
var (
	ruleDisplayName = textRule{Min: 1, Max: 50}
	ruleBio         = textRule{Max: 500, Lines: true, Optional: true}
)

// The bounds of a profile's numbers; prices are in credits.
const (
	minAge, maxAge = 18, 99
	maxPrice       = 10000
)

type profileAnswer struct {
	ID                string           `json:"id"`
	UserID            string           `json:"user_id"`
	DisplayName       string           `json:"display_name"`
	Bio               *string          `json:"bio"`
	Age               int64            `json:"age"`
	ProfilePictureURL *string          `json:"profile_picture_url"`
	GalleryURLs       []string         `json:"gallery_urls"`
	PricePerMessage   int64            `json:"price_per_message"`
	IsOnline          bool             `json:"is_online"`
	LastSeen          stamp            `json:"last_seen"`
	Location          *pairly.Location `json:"location"` // as the service rounded it
	CreatedAt         stamp            `json:"created_at"`
	TotalEarnings     *int64           `json:"total_earnings,omitempty"`
}

func respondProfile(w http.ResponseWriter, status int, v *profile.View) {
	a := profileAnswer{
		ID: v.ID, UserID: v.UserID, DisplayName: v.DisplayName, Bio: orNull(v.Bio), Age: v.Age,
		ProfilePictureURL: orNull(v.ProfilePictureURL), GalleryURLs: v.GalleryURLs,
		PricePerMessage: v.PricePerMessage, IsOnline: v.IsOnline, LastSeen: stamp(v.LastSeen),
		Location: v.Location, CreatedAt: stamp(v.CreatedAt),
	}
	if a.GalleryURLs == nil {
		a.GalleryURLs = []string{}
	}
	if v.ShowEarnings {
		a.TotalEarnings = &v.TotalEarnings
	}
	respond(w, status, a)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pathID reads an id of the path. A malformed one names nothing, so it is not
// found.
func pathID(r *http.Request, name, code, message string) (string, error) {
	id := chi.URLParam(r, name)
	if !pairly.ValidID(id) {
		return "", pairly.Errorf(pairly.ENotFound, code, "%s", message)
	}
	return id, nil
}

func (s *server) getProfile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id", "profile_not_found", "There is no such profile.")
	if err != nil {
		return err
	}
	var viewer profile.Viewer
	if p := principalOf(r.Context()); p != nil {
		viewer = profile.Viewer{UserID: p.user.ID, Role: p.user.Role}
	}
	v, err := s.Profiles.Get(r.Context(), id, viewer)
	if err != nil {
		return err
	}
	respondProfile(w, http.StatusOK, v)
	return nil
}

func (s *server) createProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	free := int64(0)
	in := profile.CreateRequest{
		UserID:          principalOf(r.Context()).user.ID,
		DisplayName:     f.text("display_name", ruleDisplayName),
		Bio:             f.text("bio", ruleBio),
		Age:             f.integer("age", minAge, maxAge, nil),
		PricePerMessage: f.integer("price_per_message", 0, maxPrice, &free),
		Location:        f.location("location"),
	}
	if err := f.err(); err != nil {
		return err
	}
	v, err := s.Profiles.Create(r.Context(), in)
	if err != nil {
		return err
	}
	respondProfile(w, http.StatusCreated, v)
	return nil
}

// updateProfile changes the members that are given; null removes the bio or
// the location.
func (s *server) updateProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	var in profile.UpdateRequest
	if f.has("display_name") {
		in.DisplayName = new(string)
		*in.DisplayName = f.text("display_name", ruleDisplayName)
	}
	if f.has("bio") {
		in.Bio = new(string)
		*in.Bio = f.text("bio", ruleBio)
	}
	if f.has("age") {
		in.Age = new(int64)
		*in.Age = f.integer("age", minAge, maxAge, nil)
	}
	if f.has("price_per_message") {
		in.PricePerMessage = new(int64)
		*in.PricePerMessage = f.integer("price_per_message", 0, maxPrice, nil)
	}
	in.ClearLocation = f.null("location")
	in.Location = f.location("location")
	if err := f.err(); err != nil {
		return err
	}
	v, err := s.Profiles.Update(r.Context(), principalOf(r.Context()).user.ID, in)
	if err != nil {
		return err
	}
	respondProfile(w, http.StatusOK, v)
	return nil
}

// location reads {"lat": …, "lng": …}, both or none; nil when it is absent.
func (f *fields) location(name string) *pairly.Location {
	var at pairly.Location
	if !f.object(name, func(in *fields) {
		at.Lat, at.Lng = in.number("lat", -90, 90), in.number("lng", -180, 180)
	}) {
		return nil
	}
	return &at
}

func (s *server) setStatus(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	online := f.boolean("is_online")
	if err := f.err(); err != nil {
		return err
	}
	if err := s.Profiles.SetStatus(r.Context(), principalOf(r.Context()).user.ID, online); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]bool{"is_online": online})
	return nil
}
