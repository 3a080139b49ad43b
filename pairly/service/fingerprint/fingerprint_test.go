package fingerprint_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/fingerprint"
)

func newService(t *testing.T, key string) *fingerprint.Service {
	t.Helper()
	s, err := fingerprint.New(fingerprint.Config{Key: []byte(key)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func from(ua, lang, ip string) context.Context {
	return pairly.WithRequest(context.Background(), pairly.Request{UserAgent: ua, AcceptLanguage: lang, ClientIP: ip})
}

func TestClassify(t *testing.T) {
	s := newService(t, "k")
	f := func(ua, browser, os, device string) {
		t.Helper()
		got := s.Describe(from(ua, "", ""))
		if got.Browser != browser || got.OS != os || got.DeviceType != device {
			t.Errorf("%q: got %s, %s, %s, want %s, %s, %s", ua, got.Browser, got.OS, got.DeviceType, browser, os, device)
		}
	}
	f("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "edge", "windows", "desktop")
	f("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 OPR/106.0", "opera", "linux", "desktop")
	f("Opera/9.80 (Windows NT 6.1) Presto/2.12", "opera", "windows", "desktop")
	f("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "chrome", "android", "mobile")
	f("Mozilla/5.0 (Linux; Android 14; SM-X700 Tablet) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "chrome", "android", "tablet")
	f("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile/15E Safari/604.1", "safari", "ios", "mobile")
	f("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile/15E Safari/604.1", "safari", "ios", "tablet")
	f("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1 Version/17.0 Safari/605.1", "safari", "macos", "desktop")
	f("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "firefox", "linux", "desktop")
	f("curl/8.0", "unknown", "unknown", "desktop")
	f("", "unknown", "unknown", "desktop")
}

func TestHash(t *testing.T) {
	s := newService(t, "k")
	base := s.Describe(from("UA", "en-US", "203.0.113.1")).Hash
	if len(base) != 64 {
		t.Errorf("hash: got %d characters, want 64", len(base))
	}
	same := func(got string, want bool, what string) {
		t.Helper()
		if (got == base) != want {
			t.Errorf("%s: same hash is %t, want %t", what, got == base, want)
		}
	}
	same(s.Describe(from("UA", "en-US", "198.51.100.7")).Hash, true, "another address")
	same(s.Describe(from("UA", "EN-us", "203.0.113.1")).Hash, true, "language in other case")
	same(s.Describe(from("UB", "en-US", "203.0.113.1")).Hash, false, "another agent")
	same(s.Describe(from("UA", "de", "203.0.113.1")).Hash, false, "another language")
	same(newService(t, "other").Describe(from("UA", "en-US", "203.0.113.1")).Hash, false, "another key")
}

func TestClip(t *testing.T) {
	s := newService(t, "k")
	got := s.Describe(from(strings.Repeat("é", 600)+"\x00\xff", strings.Repeat("x", 60), ""))
	if n := len([]rune(got.UserAgent)); n != 500 {
		t.Errorf("user agent: got %d characters, want 500", n)
	}
	if n := len(got.AcceptLang); n != 50 {
		t.Errorf("language: got %d characters, want 50", n)
	}
	if got := s.Describe(from("a\x00b\xffc", "", "")).UserAgent; got != "abc" {
		t.Errorf("user agent with bytes that no database takes: got %q, want abc", got)
	}
}

func TestNoKey(t *testing.T) {
	if _, err := fingerprint.New(fingerprint.Config{}); err == nil {
		t.Error("New without a key: got no error, want one")
	}
}
