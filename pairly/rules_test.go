package pairly_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly"
)

func TestRules(t *testing.T) {
	var r pairly.Rules
	r.Check(true, "a", "range", "")
	if err := r.Err(); err != nil {
		t.Errorf("Err with no broken rule = %v, want nil", err)
	}
	r.Check(false, "b", "range", "must be 1 to 9")
	r.Check(false, "c", "length", "too long")
	e := (*pairly.Error)(nil)
	if err := r.Err(); !errors.As(err, &e) || e.Kind != pairly.EInvalid || e.Code != "validation_failed" {
		t.Fatalf("Err = %v, want validation_failed", err)
	}
	if len(e.Fields) != 2 || e.Fields[0].Field != "b" || e.Fields[1].Rule != "length" {
		t.Errorf("fields = %+v, want b and c", e.Fields)
	}
}

func TestValidText(t *testing.T) {
	f := func(s string, want bool) {
		t.Helper()
		if got := pairly.ValidText(s, 1, 3); got != want {
			t.Errorf("ValidText(%q, 1, 3) = %v, want %v", s, got, want)
		}
	}
	f("", false)
	f("a", true)
	f("äöü", true)
	f("abcd", false)
	f("a\x00b", false)
	f("\xff", false)
}

func TestValidEmail(t *testing.T) {
	f := func(s string, want bool) {
		t.Helper()
		if got := pairly.ValidEmail(s); got != want {
			t.Errorf("ValidEmail(%q) = %v, want %v", s, got, want)
		}
	}
	f("a@b.example", true)
	f("first.last+tag@sub.domain.example", true)
	f("A@B.example", true)
	f("", false)
	f("a", false)
	f("a@", false)
	f("<a@b.example>", false)
	f("A <a@b.example>", false)
	f("a@b.example, c@d.example", false)
	f("a @b.example", false)
	f("a@b.example\x00", false)
	f("a@b.example\n", false)
	f("a@b.example\u202e", false) // shows what follows backwards
	f("a\u200b@b.example", false) // cannot be seen
	f("\u0430@b.example", false)  // a Cyrillic letter that looks Latin
	f(strings.Repeat("a", 64)+"@"+strings.Repeat("b.", 94)+"b", true)
	f(strings.Repeat("a", 64)+"@"+strings.Repeat("b.", 95)+"b", false)
}
