package fresh_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly/service/internal/fresh"
)

var t0 = time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC)

func TestTrustEnds(t *testing.T) {
	m := fresh.New[int](10)
	m.Keep(m.Mark(), "a", 1, t0, t0.Add(5*time.Second))
	f := func(after time.Duration, want bool) {
		t.Helper()
		if _, got := m.Get("a", t0.Add(after)); got != want {
			t.Errorf("Get after %v: got %t, want %t", after, got, want)
		}
	}
	f(0, true)
	f(5*time.Second-1, true)
	f(5*time.Second, false)
}

// A revocation between the beginning and the end of a load wins.
func TestSetWinsAgainstOlderLoad(t *testing.T) {
	m := fresh.New[string](10)
	mark := m.Mark()
	m.Set("a", "revoked", t0, t0.Add(time.Minute))
	if got := m.Keep(mark, "a", "alive", t0, t0.Add(5*time.Second)); got != "revoked" {
		t.Errorf("Keep: got %q, want revoked", got)
	}
	if got, _ := m.Get("a", t0); got != "revoked" {
		t.Errorf("Get: got %q, want revoked", got)
	}
	if got := m.Keep(m.Mark(), "a", "loaded later", t0, t0.Add(5*time.Second)); got != "loaded later" {
		t.Errorf("Keep of a younger load: got %q, want it", got)
	}
}

// Also when the entry of Set was thrown out for room meanwhile.
func TestSetWinsAfterEviction(t *testing.T) {
	m := fresh.New[string](8)
	mark := m.Mark()
	m.Set("a", "revoked", t0, t0.Add(time.Minute))
	for i := range 100 {
		m.Set(strconv.Itoa(i), "x", t0, t0.Add(time.Minute))
	}
	m.Keep(mark, "a", "alive", t0, t0.Add(5*time.Second))
	if got, ok := m.Get("a", t0); ok && got == "alive" {
		t.Error("Get: got the value loaded before the Set")
	}
}
