package pairly_test

import (
	"errors"
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
