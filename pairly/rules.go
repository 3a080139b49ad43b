package pairly

import (
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Rules collects the rules that a request breaks. The zero value is ready.
type Rules struct{ broken []FieldError }

// Check notes the rule of a field as broken unless ok. The message is for the
// user and carries no value.
func (r *Rules) Check(ok bool, field, rule, message string) {
	if !ok {
		r.broken = append(r.broken, FieldError{Field: field, Rule: rule, Message: message})
	}
}

// Err returns a validation_failed error with every broken rule, nil when all
// hold.
func (r *Rules) Err() error {
	if len(r.broken) == 0 {
		return nil
	}
	e := Errorf(EInvalid, "validation_failed", "Some fields are not valid.")
	e.Fields = r.broken
	return e
}

// ValidText reports whether s has least to most characters, is UTF-8 and
// holds no NUL, which PostgreSQL cannot store.
func ValidText(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= most && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// maxEmail is the longest address, in bytes (RFC 5321, section 4.5.3.1.3, less
// the angle brackets of a path).
const maxEmail = 254

// ValidEmail reports whether s is an addr-spec (RFC 5322, section 3.4.1)
// without a display name, comments or spaces. Addresses are ASCII: beyond it
// many look alike, and some of their characters cannot be seen at all.
func ValidEmail(s string) bool {
	if s == "" || len(s) > maxEmail {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s
}
