package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const banColumns = `ip, banned_at, banned_until, source, banned_by`

func scanBan(r scanner) (pairly.IPBan, error) {
	var b pairly.IPBan
	err := r.Scan(&b.IP, stamp{&b.BannedAt}, stamp{&b.BannedUntil}, &b.Source, textOrNull[string]{&b.BannedBy})
	return b, err
}

// InsertBan bans b.IP from b.BannedAt until b.BannedUntil, and reports whether
// the address was free at b.BannedAt. A ban in force stays as it is.
func (s *Store) InsertBan(ctx context.Context, b pairly.IPBan) (bool, error) {
	n, err := s.exec(ctx, `INSERT INTO ip_bans (`+banColumns+`) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (ip) DO UPDATE SET banned_at = excluded.banned_at, banned_until = excluded.banned_until,
			source = excluded.source, banned_by = excluded.banned_by
		WHERE ip_bans.banned_until <= excluded.banned_at`,
		b.IP, millis(b.BannedAt), millis(b.BannedUntil), string(b.Source), nullText(b.BannedBy))
	if err != nil {
		return false, fmt.Errorf("insert ban: %w", err)
	}
	return n == 1, nil
}

// ExtendBan moves the end of the ban in force on b.IP to b.BannedUntil, with
// b's source, and reports whether it ended earlier.
func (s *Store) ExtendBan(ctx context.Context, b pairly.IPBan) (bool, error) {
	n, err := s.exec(ctx, `UPDATE ip_bans SET banned_until = ?, source = ?, banned_by = ?
		WHERE ip = ? AND banned_until > ? AND banned_until < ?`,
		millis(b.BannedUntil), string(b.Source), nullText(b.BannedBy), b.IP, millis(b.BannedAt), millis(b.BannedUntil))
	if err != nil {
		return false, fmt.Errorf("extend ban: %w", err)
	}
	return n == 1, nil
}

// Ban returns the ban of ip in force at now; ok is false when there is none.
func (s *Store) Ban(ctx context.Context, ip string, now time.Time) (b pairly.IPBan, ok bool, err error) {
	b, ok, err = get(ctx, s, scanBan, `SELECT `+banColumns+` FROM ip_bans WHERE ip = ? AND banned_until > ?`, ip, millis(now))
	if err != nil {
		return b, false, fmt.Errorf("read ban: %w", err)
	}
	return b, ok, nil
}

// Bans returns the bans in force at now, newest first, 1000 at most.
func (s *Store) Bans(ctx context.Context, now time.Time) ([]pairly.IPBan, error) {
	out, err := list(ctx, s, scanBan, `SELECT `+banColumns+` FROM ip_bans WHERE banned_until > ?
		ORDER BY banned_at DESC, ip LIMIT 1000`, millis(now))
	if err != nil {
		return nil, fmt.Errorf("list bans: %w", err)
	}
	return out, nil
}

// DeleteBan lifts the ban of ip and reports whether it was there.
func (s *Store) DeleteBan(ctx context.Context, ip string) (bool, error) {
	n, err := s.exec(ctx, `DELETE FROM ip_bans WHERE ip = ?`, ip)
	if err != nil {
		return false, fmt.Errorf("delete ban: %w", err)
	}
	return n == 1, nil
}
