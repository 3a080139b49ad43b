package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// MaxGallery is how many images a profile's gallery holds.
const MaxGallery = 10

// InsertProfile inserts a profile without its gallery; inserted is false when
// the user has one already.
func (s *Store) InsertProfile(ctx context.Context, p *pairly.Profile) (inserted bool, err error) {
	lat, lng, geohash := locationColumns(p.Location)
	n, err := s.exec(ctx, `
		INSERT INTO profiles (id, user_id, display_name, bio, age, profile_picture_url, price_per_message,
			lat, lng, geohash, is_online, last_seen, total_earnings, view_count, visibility, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user_id) DO NOTHING`,
		p.ID, p.UserID, p.DisplayName, nullText(p.Bio), p.Age, nullText(p.ProfilePictureURL), p.PricePerMessage,
		lat, lng, geohash, p.IsOnline, millis(p.LastSeen), p.TotalEarnings, p.ViewCount, string(p.Visibility),
		millis(p.CreatedAt), millis(p.UpdatedAt))
	return n == 1, wrap(err, "insert profile")
}

func locationColumns(l *pairly.Location) (lat, lng, geohash any) {
	if l == nil {
		return nil, nil, nil
	}
	return l.Lat, l.Lng, l.Geohash()
}

const profileColumns = `id, user_id, display_name, bio, age, profile_picture_url, price_per_message,
	lat, lng, is_online, last_seen, total_earnings, view_count, visibility, created_at, updated_at`

func scanProfile(r scanner) (*pairly.Profile, error) {
	p := new(pairly.Profile)
	var lat, lng sql.NullFloat64
	err := r.Scan(&p.ID, &p.UserID, &p.DisplayName, textOrNull[string]{&p.Bio}, &p.Age, textOrNull[string]{&p.ProfilePictureURL}, &p.PricePerMessage,
		&lat, &lng, &p.IsOnline, stamp{&p.LastSeen}, &p.TotalEarnings, &p.ViewCount, &p.Visibility, stamp{&p.CreatedAt}, stamp{&p.UpdatedAt})
	if lat.Valid && lng.Valid {
		p.Location = &pairly.Location{Lat: lat.Float64, Lng: lng.Float64}
	}
	return p, err
}

// ProfileByID returns a profile, nil where there is none.
func (s *Store) ProfileByID(ctx context.Context, id string) (*pairly.Profile, error) {
	return s.profile(ctx, `id = ?`, id)
}

// ProfileByUserID returns a user's profile, nil where there is none.
func (s *Store) ProfileByUserID(ctx context.Context, userID string) (*pairly.Profile, error) {
	return s.profile(ctx, `user_id = ?`, userID)
}

// LockProfile is ProfileByUserID and locks the row until the transaction
// ends.
func (s *Store) LockProfile(ctx context.Context, userID string) (*pairly.Profile, error) {
	return s.profile(ctx, `user_id = ?`+s.rowLock(), userID)
}

func (s *Store) profile(ctx context.Context, where string, args ...any) (*pairly.Profile, error) {
	p, ok, err := get(ctx, s, scanProfile, `SELECT `+profileColumns+` FROM profiles WHERE `+where, args...)
	if err != nil || !ok {
		return nil, wrap(err, "read profile")
	}
	p.GalleryURLs, err = list(ctx, s, scanOne[string], `SELECT url FROM profile_gallery WHERE profile_id = ? ORDER BY position`, p.ID)
	return p, wrap(err, "read gallery")
}

// UpdateProfile writes the members that users set themselves, the visibility
// and UpdatedAt.
func (s *Store) UpdateProfile(ctx context.Context, p *pairly.Profile) error {
	lat, lng, geohash := locationColumns(p.Location)
	_, err := s.exec(ctx, `
		UPDATE profiles SET display_name = ?, bio = ?, age = ?, price_per_message = ?,
			lat = ?, lng = ?, geohash = ?, visibility = ?, updated_at = ?
		WHERE id = ?`,
		p.DisplayName, nullText(p.Bio), p.Age, p.PricePerMessage,
		lat, lng, geohash, string(p.Visibility), millis(p.UpdatedAt), p.ID)
	return wrap(err, "update profile")
}

// CountView adds one to the views of a profile.
func (s *Store) CountView(ctx context.Context, id string) error {
	_, err := s.exec(ctx, `UPDATE profiles SET view_count = view_count + 1 WHERE id = ?`, id)
	return wrap(err, "count view")
}

// AppendGallery adds an image at the end of a profile's gallery; appended is
// false when it holds MaxGallery images. Call it in a transaction that has
// locked the profile: two at once would take the same place.
func (s *Store) AppendGallery(ctx context.Context, profileID, url, s3Key string, now time.Time) (appended bool, err error) {
	n, err := s.exec(ctx, `
		INSERT INTO profile_gallery (profile_id, position, url, s3_key, created_at)
		SELECT CAST(? AS TEXT), COALESCE(MAX(position) + 1, 0), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT)
		FROM profile_gallery WHERE profile_id = ?
		HAVING COUNT(*) < ?`, profileID, url, s3Key, millis(now), profileID, MaxGallery)
	return n == 1, wrap(err, "append to gallery")
}
