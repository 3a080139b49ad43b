// Package fingerprint recognizes devices by their client attributes.
package fingerprint

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// A Store is what the service needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
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
	return &Service{c: c}, nil
}

// Register records a sighting of the device that ctx's request comes from.
func (s *Service) Register(ctx context.Context, userID, sessionID string) (*pairly.Fingerprint, error) {
	return nil, errors.New("not yet")
}
