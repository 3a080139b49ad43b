package pairly

import "time"

// A FailedLogin counts the failures of one subject in its window.
type FailedLogin struct {
	Scope           string // "user" or "ip"
	Subject         string // user id (or lower-case e-mail of an unknown user), or address
	Count           int64
	WindowStartedAt time.Time
	LockedUntil     time.Time // zero when it was not locked; may be over
}

// Locked reports whether the subject is refused at now.
func (f FailedLogin) Locked(now time.Time) bool { return f.LockedUntil.After(now) }

// A FailureLimit says when failed logins lock their subject.
type FailureLimit struct {
	Limit  int           // the failure that locks
	Window time.Duration // life of the counter from its first failure
	Lock   time.Duration // length of the lock
}

// A BanSource says who banned an address.
type BanSource string

// The sources of IP bans.
const (
	BanRateLimit   BanSource = "rate_limit"
	BanFailedLogin BanSource = "failed_login"
	BanFraud       BanSource = "fraud"
	BanAdmin       BanSource = "admin"
)

// An IPBan is a temporary refusal of all requests from an address.
type IPBan struct {
	IP          string
	BannedAt    time.Time
	BannedUntil time.Time
	Source      BanSource
	BannedBy    string // admin id, empty for automatic bans
}

// A Mute is a temporary ban from sending chat messages.
type Mute struct {
	UserID     string
	MutedUntil time.Time
	MutedBy    string
	Reason     string
}
