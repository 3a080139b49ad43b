package pairly

import "time"

// A Fingerprint is a device as far as its client attributes tell; the
// address is not part of it, sightings at addresses are observations.
type Fingerprint struct {
	Hash       string // 64 hex characters, keyed
	UserID     string // first owner, may be empty
	SessionID  string // latest
	UserAgent  string // at most 500 characters
	AcceptLang string // at most 50 characters
	Browser    string
	OS         string
	DeviceType string
	UsageCount int64
	LastSeen   time.Time
	CreatedAt  time.Time
}
