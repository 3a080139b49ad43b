package pairly

import "time"

// A RevokeReason says why a session ended.
type RevokeReason string

// The reasons for which a session is revoked.
const (
	RevokedLogout         RevokeReason = "logout"
	RevokedReuse          RevokeReason = "reuse"
	RevokedAdmin          RevokeReason = "admin"
	RevokedPasswordChange RevokeReason = "password_change"
	RevokedSuspended      RevokeReason = "suspended"
	RevokedTwoFADisabled  RevokeReason = "twofa_disabled"
)

// A Session is one login on one device. It carries the current refresh
// generation; once revoked it stays revoked.
type Session struct {
	ID              string // UUID
	UserID          string
	DeviceInfo      string // at most 200 characters; "unknown" by default
	IP              string
	FingerprintHash string
	RefreshTokenID  string // rtid: the current refresh family id, UUID
	RefreshJTIHash  string // hex SHA-256 of the current refresh jti
	RefreshExpires  time.Time
	Generation      int64 // how often the refresh token was rotated
	LastActiveAt    time.Time
	Revoked         bool
	RevokedAt       time.Time
	RevokeReason    RevokeReason
	CreatedAt       time.Time
}

// A Rotation replaces the refresh generation of a session.
type Rotation struct {
	SessionID      string
	OldTokenID     string // the rtid that must be the current one
	OldJTIHash     string // and its jti
	NewTokenID     string
	NewJTIHash     string
	RefreshExpires time.Time
	At             time.Time
}
