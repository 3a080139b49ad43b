package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly/service/auth"
)

func TestPassword(t *testing.T) {
	ctx := context.Background()
	h := auth.NewHasher(auth.CheapHash)
	hash := func(password string) string {
		t.Helper()
		out, err := h.Hash(ctx, password)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := hash("one"), hash("one")
	if a == b {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	if !strings.HasPrefix(a, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash: got %s", a)
	}
	f := func(encoded, password string, want bool) {
		t.Helper()
		if got, err := h.Matches(ctx, encoded, password); err != nil || got != want {
			t.Errorf("matches(%s, %q) = %t, %v, want %t", encoded, password, got, err, want)
		}
	}
	f(a, "one", true)
	f(b, "one", true)
	f(a, "One", false)
	f(a, "", false)
	f("", "one", false)
	f("", "", false)
}

func TestPasswordBadHash(t *testing.T) {
	h := auth.NewHasher(auth.CheapHash)
	for _, bad := range []string{
		"x", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=64,t=1,p=1$AAAA", "$argon2id$v=18$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA",
	} {
		if ok, err := h.Matches(context.Background(), bad, "x"); ok || err == nil {
			t.Errorf("Matches(%q): got %t, %v, want an error", bad, ok, err)
		}
	}
}

// Whoever waits for a slot leaves with his request.
func TestPasswordWaitEnds(t *testing.T) {
	h := auth.NewHasher(auth.CheapHash)
	defer h.Occupy()()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: got %v, want context.Canceled", err)
	}
	if ok, err := h.Matches(ctx, "", "x"); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("Matches: got %t, %v, want context.Canceled", ok, err)
	}
}

func TestCommonPasswords(t *testing.T) {
	list := auth.CommonPasswords()
	if len(list) < 1000 {
		t.Errorf("list: got %d, want 1000 at least", len(list))
	}
	for p := range list {
		if len(p) < 10 || p != strings.ToLower(p) || strings.ContainsAny(p, " #") {
			t.Errorf("list holds %q, which cannot be one of its passwords", p)
		}
	}
}
