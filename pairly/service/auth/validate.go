package auth

import (
	"strings"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
)

const (
	minPassword   = 10 // bytes
	maxPassword   = 72
	maxName       = 100 // characters
	maxDeviceInfo = 200
)

// normalizeEmail is the form in which addresses are stored and compared.
func normalizeEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// problems collects what is wrong with an input.
type problems []pairly.FieldError

func (p *problems) add(field, rule, message string) {
	*p = append(*p, pairly.FieldError{Field: field, Rule: rule, Message: message})
}

// err returns validation_failed with all problems, nil when there are none.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	e := pairly.Errorf(pairly.EInvalid, "validation_failed", "The request is not valid.")
	e.Fields = p
	return e
}

func (s *Service) validateSignUp(in *SignUpInput) error {
	in.Email, in.Name = normalizeEmail(in.Email), strings.TrimSpace(in.Name)
	// An unknown role is a mistake; admin is refused by a name of its own.
	if in.Role == pairly.RoleAdmin {
		e := pairly.Errorf(pairly.EInvalid, "role_not_allowed", "This role cannot be chosen.")
		e.Fields = problems{{Field: "role", Rule: "oneof", Message: "must be fan or creator"}}
		return e
	}
	var p problems
	if in.Role != pairly.RoleFan && in.Role != pairly.RoleCreator {
		p.add("role", "oneof", "must be fan or creator")
	}
	if !pairly.ValidEmail(in.Email) {
		p.add("email", "email", "must be an e-mail address")
	}
	switch {
	case len(in.Password) < minPassword:
		p.add("password", "min", "must have at least 10 bytes")
	case len(in.Password) > maxPassword:
		p.add("password", "max", "must have at most 72 bytes")
	case s.common[strings.ToLower(in.Password)]:
		p.add("password", "common", "is among the passwords that are guessed first")
	}
	if n := utf8.RuneCountInString(in.Name); n < 1 || n > maxName || !storable(in.Name) {
		p.add("name", "length", "must have 1 to 100 characters")
	}
	return p.err()
}

func (s *Service) validateLogin(in *LoginInput) error {
	in.Email = normalizeEmail(in.Email)
	if in.DeviceInfo = strings.TrimSpace(in.DeviceInfo); in.DeviceInfo == "" {
		in.DeviceInfo = "unknown"
	}
	var p problems
	if !pairly.ValidEmail(in.Email) {
		p.add("email", "email", "must be an e-mail address")
	}
	if in.Password == "" {
		p.add("password", "required", "is required")
	}
	if utf8.RuneCountInString(in.DeviceInfo) > maxDeviceInfo || !storable(in.DeviceInfo) {
		p.add("device_info", "max", "must have at most 200 characters")
	}
	return p.err()
}

// storable reports whether both databases take s: PostgreSQL refuses what is
// not UTF-8, and the zero byte.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
