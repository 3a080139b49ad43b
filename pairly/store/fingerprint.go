package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const fingerprintColumns = `fingerprint_hash, user_id, session_id, user_agent, accept_lang,
	browser, os, device_type, usage_count, last_seen, created_at`

func scanFingerprint(r scanner) (*pairly.Fingerprint, error) {
	f := new(pairly.Fingerprint)
	err := r.Scan(&f.Hash, textOrNull[string]{&f.UserID}, textOrNull[string]{&f.SessionID}, &f.UserAgent, textOrNull[string]{&f.AcceptLang},
		&f.Browser, &f.OS, &f.DeviceType, &f.UsageCount, stamp{&f.LastSeen}, stamp{&f.CreatedAt})
	return f, err
}

// RegisterFingerprint counts one sighting of the device f at ip and returns
// the device as it now is. The first user that it was seen with stays its
// owner. UsageCount and CreatedAt of f are ignored.
func (s *Store) RegisterFingerprint(ctx context.Context, f *pairly.Fingerprint, ip string) (*pairly.Fingerprint, error) {
	var out *pairly.Fingerprint
	err := s.InTx(ctx, func(ctx context.Context) error {
		var err error
		out, _, err = getWriting(ctx, s, scanFingerprint, `INSERT INTO device_fingerprints (`+fingerprintColumns+`)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (fingerprint_hash) DO UPDATE SET
				usage_count = device_fingerprints.usage_count + 1,
				last_seen = excluded.last_seen,
				session_id = COALESCE(excluded.session_id, device_fingerprints.session_id),
				user_id = COALESCE(device_fingerprints.user_id, excluded.user_id)
			RETURNING `+fingerprintColumns,
			f.Hash, nullText(f.UserID), nullText(f.SessionID), f.UserAgent, nullText(f.AcceptLang),
			f.Browser, f.OS, f.DeviceType, millis(f.LastSeen), millis(f.LastSeen))
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, `INSERT INTO fingerprint_observations (id, fingerprint_hash, user_id, ip, seen_at) VALUES (?, ?, ?, ?, ?)`,
			pairly.NewID(f.LastSeen), f.Hash, nullText(f.UserID), ip, millis(f.LastSeen))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("register fingerprint: %w", err)
	}
	return out, nil
}

// Fingerprint returns the device with that hash, or fails with
// fingerprint_not_found.
func (s *Store) Fingerprint(ctx context.Context, hash string) (*pairly.Fingerprint, error) {
	f, ok, err := get(ctx, s, scanFingerprint, `SELECT `+fingerprintColumns+` FROM device_fingerprints WHERE fingerprint_hash = ?`, hash)
	if err != nil {
		return nil, fmt.Errorf("read fingerprint: %w", err)
	}
	if !ok {
		return nil, pairly.Errorf(pairly.ENotFound, "fingerprint_not_found", "There is no such device.")
	}
	return f, nil
}

// Fingerprints returns the devices that the user was seen with since then,
// newest sighting first, 100 at most.
func (s *Store) Fingerprints(ctx context.Context, userID string, since time.Time) ([]*pairly.Fingerprint, error) {
	out, err := list(ctx, s, scanFingerprint, `SELECT `+fingerprintColumns+` FROM device_fingerprints
		WHERE fingerprint_hash IN (SELECT fingerprint_hash FROM fingerprint_observations WHERE user_id = ? AND seen_at >= ?)
		ORDER BY last_seen DESC, fingerprint_hash LIMIT 100`, userID, millis(since))
	if err != nil {
		return nil, fmt.Errorf("list fingerprints: %w", err)
	}
	return out, nil
}

// FingerprintIPs returns the distinct addresses that the device was seen at
// since then, in no order.
func (s *Store) FingerprintIPs(ctx context.Context, hash string, since time.Time) ([]string, error) {
	out, err := list(ctx, s, scanOne[string], `SELECT DISTINCT ip FROM fingerprint_observations
		WHERE fingerprint_hash = ? AND seen_at >= ?`, hash, millis(since))
	if err != nil {
		return nil, fmt.Errorf("list addresses of fingerprint: %w", err)
	}
	return out, nil
}
