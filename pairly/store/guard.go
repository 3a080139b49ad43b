package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const failedLoginColumns = `scope, subject, count, window_started_at, locked_until`

func scanFailedLogin(r scanner) (pairly.FailedLogin, error) {
	var f pairly.FailedLogin
	err := r.Scan(&f.Scope, &f.Subject, &f.Count, stamp{&f.WindowStartedAt}, nullTime{&f.LockedUntil})
	return f, err
}

// CountFailure adds one failure at now to the counter of the subject, in one
// statement, and returns the counter. A counter whose window or lock is over
// starts again at 1. The failure that reaches the limit sets the lock: it is
// the one that gets Count equal to the limit.
func (s *Store) CountFailure(ctx context.Context, scope, subject string, l pairly.FailureLimit, now time.Time) (pairly.FailedLogin, error) {
	var firstLock any
	if l.Limit <= 1 {
		firstLock = millis(now.Add(l.Lock))
	}
	const over = `(failed_logins.window_started_at <= ? OR (failed_logins.locked_until IS NOT NULL AND failed_logins.locked_until <= ?))`
	windowStart, nowMS := millis(now.Add(-l.Window)), millis(now)
	f, _, err := getWriting(ctx, s, scanFailedLogin, `INSERT INTO failed_logins (id, scope, subject, count, window_started_at, locked_until, created_at, updated_at)
		VALUES (?, ?, ?, 1, ?, ?, ?, ?)
		ON CONFLICT (scope, subject) DO UPDATE SET
			count = CASE WHEN `+over+` THEN 1 ELSE failed_logins.count + 1 END,
			window_started_at = CASE WHEN `+over+` THEN excluded.window_started_at ELSE failed_logins.window_started_at END,
			locked_until = CASE
				WHEN `+over+` THEN excluded.locked_until
				WHEN failed_logins.locked_until IS NULL AND failed_logins.count + 1 >= ? THEN ?
				ELSE failed_logins.locked_until END,
			updated_at = excluded.updated_at
		RETURNING `+failedLoginColumns,
		pairly.NewID(now), scope, subject, nowMS, firstLock, nowMS, nowMS,
		windowStart, nowMS, windowStart, nowMS, windowStart, nowMS,
		l.Limit, millis(now.Add(l.Lock)))
	if err != nil {
		return pairly.FailedLogin{}, fmt.Errorf("count failed login: %w", err)
	}
	return f, nil
}

// FailedLogin returns the counter of the subject, the zero one when there is
// none. The caller compares its times with now.
func (s *Store) FailedLogin(ctx context.Context, scope, subject string) (pairly.FailedLogin, error) {
	f, ok, err := get(ctx, s, scanFailedLogin, `SELECT `+failedLoginColumns+` FROM failed_logins WHERE scope = ? AND subject = ?`, scope, subject)
	if err != nil {
		return pairly.FailedLogin{}, fmt.Errorf("read failed logins: %w", err)
	}
	if !ok {
		return pairly.FailedLogin{Scope: scope, Subject: subject}, nil
	}
	return f, nil
}

// ClearFailures forgets the counter of the subject and reports whether there
// was one.
func (s *Store) ClearFailures(ctx context.Context, scope, subject string) (bool, error) {
	n, err := s.exec(ctx, `DELETE FROM failed_logins WHERE scope = ? AND subject = ?`, scope, subject)
	if err != nil {
		return false, fmt.Errorf("clear failed logins: %w", err)
	}
	return n > 0, nil
}
