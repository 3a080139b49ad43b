package pairly

import "time"

// A Visibility says who sees a profile.
type Visibility string

// The visibilities of profiles.
const (
	VisibilityPublic      Visibility = "public"
	VisibilityQuarantined Visibility = "quarantined"
	VisibilityRemoved     Visibility = "removed"
)

// A Profile is the public face of an account.
type Profile struct {
	ID                string
	UserID            string
	DisplayName       string
	Bio               string
	Age               int64
	ProfilePictureURL string
	GalleryURLs       []string // in gallery order, nil when empty
	PricePerMessage   int64    // in credits
	Location          *Location
	IsOnline          bool
	LastSeen          time.Time
	TotalEarnings     int64 // in credits
	ViewCount         int64
	Visibility        Visibility
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// A Location is a point on Earth, in degrees.
type Location struct {
	Lat float64 `json:"lat"` // -90 to 90
	Lng float64 `json:"lng"` // -180 to 180
}
