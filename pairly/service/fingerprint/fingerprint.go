// Package fingerprint recognizes devices by their client attributes: a keyed
// hash over user agent, language and what they tell of browser, system and
// kind of device. The address is not part of it, so that one device at many
// addresses is one device; each sighting at an address is an observation.
package fingerprint

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pairly/pairlog/pairly"
)

// A Store is what the service needs of the database.
type Store interface {
	RegisterFingerprint(ctx context.Context, f *pairly.Fingerprint, ip string) (*pairly.Fingerprint, error)
	Fingerprint(ctx context.Context, hash string) (*pairly.Fingerprint, error)
	Fingerprints(ctx context.Context, userID string, since time.Time) ([]*pairly.Fingerprint, error)
}

// Config holds what the service works with; Store and Key are required.
type Config struct {
	Store Store
	Log   *slog.Logger     // service.fingerprint; nil discards
	Key   []byte           // HMAC key; not the token secret
	Now   func() time.Time // nil means time.Now
}

// A Service is safe for concurrent use.
type Service struct{ c Config }

// New returns a service; it fails when the key is missing.
func New(c Config) (*Service, error) {
	if len(c.Key) == 0 {
		return nil, errors.New("make fingerprint service: no key")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c: c}, nil
}

const (
	maxUserAgent  = 500 // characters
	maxAcceptLang = 50
)

// Describe returns the device that the request in ctx comes from: its hash
// and what the hash is made of. It asks nobody.
func (s *Service) Describe(ctx context.Context) pairly.Fingerprint {
	req := pairly.RequestFrom(ctx)
	f := pairly.Fingerprint{
		UserAgent:  clip(req.UserAgent, maxUserAgent),
		AcceptLang: clip(strings.ToLower(req.AcceptLanguage), maxAcceptLang),
	}
	f.Browser, f.OS, f.DeviceType = classify(f.UserAgent)
	// encoding/json writes maps in the order of their keys, which makes the
	// text canonical.
	text, err := json.Marshal(map[string]string{
		"user_agent": f.UserAgent, "accept_lang": f.AcceptLang,
		"browser": f.Browser, "os": f.OS, "device_type": f.DeviceType,
	})
	if err != nil {
		panic(err) // strings always encode
	}
	mac := hmac.New(sha256.New, s.c.Key)
	mac.Write(text)
	f.Hash = hex.EncodeToString(mac.Sum(nil))
	return f
}

// Register records a sighting of the device that the request in ctx comes
// from. It writes fingerprint_registered, or fingerprint_failed and returns
// the error; signing up and logging in go on without.
func (s *Service) Register(ctx context.Context, userID, sessionID string) (*pairly.Fingerprint, error) {
	f := s.Describe(ctx)
	f.UserID, f.SessionID, f.LastSeen = userID, sessionID, s.c.Now().UTC()
	got, err := s.c.Store.RegisterFingerprint(ctx, &f, pairly.RequestFrom(ctx).ClientIP)
	if err != nil {
		s.c.Log.LogAttrs(ctx, slog.LevelError, "fingerprint_failed",
			slog.String("user_id", userID),
			slog.String("error_type", pairly.ErrorType(err)),
			slog.String("error_message", err.Error()))
		return nil, err
	}
	pairly.AfterCommit(ctx, func() {
		s.c.Log.LogAttrs(ctx, slog.LevelInfo, "fingerprint_registered",
			slog.String("user_id", userID),
			slog.String("fingerprint_hash", got.Hash[:12]),
			slog.Bool("is_new", got.UsageCount == 1),
			slog.Int64("usage_count", got.UsageCount),
			slog.String("browser", got.Browser),
			slog.String("os", got.OS),
			slog.String("device_type", got.DeviceType))
	})
	return got, nil
}

// ByHash returns a device, or fails with fingerprint_not_found.
func (s *Service) ByHash(ctx context.Context, hash string) (*pairly.Fingerprint, error) {
	return s.c.Store.Fingerprint(ctx, hash)
}

// ByUser returns the devices that the user was seen with in the last seven
// days, newest sighting first.
func (s *Service) ByUser(ctx context.Context, userID string) ([]*pairly.Fingerprint, error) {
	return s.c.Store.Fingerprints(ctx, userID, s.c.Now().Add(-7*24*time.Hour))
}

// classify reads a user agent. The order of the tests matters: Edge and Opera
// also say Chrome, Chrome also says Safari, Android also says Linux, and an
// iPhone also says Mac OS.
func classify(userAgent string) (browser, os, device string) {
	ua := strings.ToLower(userAgent)
	return first(ua, "unknown", "edg", "edge", "opr", "opera", "opera", "opera", "chrome", "chrome", "firefox", "firefox", "safari", "safari"),
		first(ua, "unknown", "iphone", "ios", "ipad", "ios", "android", "android", "windows", "windows", "mac", "macos", "darwin", "macos", "linux", "linux"),
		first(ua, "desktop", "ipad", "tablet", "tablet", "tablet", "mobile", "mobile", "android", "mobile", "iphone", "mobile")
}

// first returns the name of the first pair (mark, name) whose mark is in ua.
func first(ua, otherwise string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if strings.Contains(ua, pairs[i]) {
			return pairs[i+1]
		}
	}
	return otherwise
}

// clip returns the first max characters of s, without what is not UTF-8.
func clip(s string, max int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max])
}
