package pairly

import (
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
