package pairly

import "time"

// A TokenType is the value of the token_type claim.
type TokenType string

// The types of tokens. One is never accepted in another's place.
const (
	TokenAccess       TokenType = "access"
	TokenRefresh      TokenType = "refresh"
	TokenTwoFAPending TokenType = "twofa_pending"
)

// Claims are the verified content of a token.
type Claims struct {
	UserID    string // sub
	Role      Role   // informative: the role that decides is the user row's
	SessionID string // sid
	RTID      string // refresh family id, UUID
	JTI       string // id of this token, UUID
	Type      TokenType
	ExpiresAt time.Time
	IssuedAt  time.Time
}

// A TokenPair is what a client gets at login and at refresh.
type TokenPair struct {
	AccessToken  string
	RefreshToken string
	Session      *Session
	User         *User
}
