package pairly

import "time"

// A Role decides what a user may do.
type Role string

// The roles. RoleAdmin is never settable through the public API.
const (
	RoleFan     Role = "fan"
	RoleCreator Role = "creator"
	RoleAdmin   Role = "admin"
	RoleSystem  Role = "system" // an actor only: workers and the service itself
)

// A User is an account.
type User struct {
	ID             string
	Email          string // lower case, trimmed
	PasswordHash   string // never leaves the service layer
	Name           string
	Role           Role
	CreditsBalance int64 // in credits; changed by the credit service only

	IsSuspended      bool
	SuspendedAt      time.Time // zero when not suspended
	SuspendedBy      string
	SuspensionReason string

	TwoFAEnabled bool
	TwoFAMethod  string // "", "email" or "totp"

	LastActiveAt time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}
