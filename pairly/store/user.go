package store

import (
	"context"
	"fmt"
	"time"

	"github.com/pairly/pairlog/pairly"
)

const userColumns = `id, email, password_hash, name, role, credits_balance,
	is_suspended, suspended_at, suspended_by, suspension_reason,
	twofa_enabled, twofa_method, last_active_at, created_at, updated_at`

func scanUser(r scanner) (*pairly.User, error) {
	u := new(pairly.User)
	err := r.Scan(&u.ID, &u.Email, &u.PasswordHash, &u.Name, &u.Role, &u.CreditsBalance,
		&u.IsSuspended, nullTime{&u.SuspendedAt}, textOrNull[string]{&u.SuspendedBy}, textOrNull[string]{&u.SuspensionReason},
		&u.TwoFAEnabled, textOrNull[string]{&u.TwoFAMethod}, nullTime{&u.LastActiveAt}, stamp{&u.CreatedAt}, stamp{&u.UpdatedAt})
	return u, err
}

// InsertUser adds u, with a balance of zero. It fails with email_exists when
// another account has the address; the transaction goes on.
func (s *Store) InsertUser(ctx context.Context, u *pairly.User) error {
	n, err := s.exec(ctx, `INSERT INTO users (id, email, password_hash, name, role, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
		u.ID, u.Email, u.PasswordHash, u.Name, string(u.Role), millis(u.CreatedAt), millis(u.CreatedAt))
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	if n == 0 {
		return pairly.Errorf(pairly.EConflict, "email_exists", "An account with this e-mail address exists.")
	}
	return nil
}

func errUserNotFound() error {
	return pairly.Errorf(pairly.ENotFound, "user_not_found", "There is no such user.")
}

// User returns the account with that id, or fails with user_not_found.
func (s *Store) User(ctx context.Context, id string) (*pairly.User, error) {
	u, ok, err := get(ctx, s, scanUser, `SELECT `+userColumns+` FROM users WHERE id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("read user: %w", err)
	}
	if !ok {
		return nil, errUserNotFound()
	}
	return u, nil
}

// UserByEmail returns the account with that address, lower case and trimmed,
// or fails with user_not_found.
func (s *Store) UserByEmail(ctx context.Context, email string) (*pairly.User, error) {
	u, ok, err := get(ctx, s, scanUser, `SELECT `+userColumns+` FROM users WHERE email = ?`, email)
	if err != nil {
		return nil, fmt.Errorf("read user by e-mail: %w", err)
	}
	if !ok {
		return nil, errUserNotFound()
	}
	return u, nil
}

// SetRole gives the account a role; the command line makes admins with it.
func (s *Store) SetRole(ctx context.Context, id string, role pairly.Role, at time.Time) error {
	n, err := s.exec(ctx, `UPDATE users SET role = ?, updated_at = ? WHERE id = ?`, string(role), millis(at), id)
	if err != nil {
		return fmt.Errorf("set role: %w", err)
	}
	if n == 0 {
		return errUserNotFound()
	}
	return nil
}

// SuspendUser marks the account suspended and reports whether it was not.
func (s *Store) SuspendUser(ctx context.Context, id, by, reason string, at time.Time) (bool, error) {
	n, err := s.exec(ctx, `UPDATE users SET is_suspended = TRUE, suspended_at = ?, suspended_by = ?, suspension_reason = ?, updated_at = ?
		WHERE id = ? AND NOT is_suspended`, millis(at), nullText(by), nullText(reason), millis(at), id)
	if err != nil {
		return false, fmt.Errorf("suspend user: %w", err)
	}
	return n == 1, nil
}

// UnsuspendUser lifts a suspension and reports whether there was one.
func (s *Store) UnsuspendUser(ctx context.Context, id string, at time.Time) (bool, error) {
	n, err := s.exec(ctx, `UPDATE users SET is_suspended = FALSE, suspended_at = NULL, suspended_by = NULL, suspension_reason = NULL, updated_at = ?
		WHERE id = ? AND is_suspended`, millis(at), id)
	if err != nil {
		return false, fmt.Errorf("unsuspend user: %w", err)
	}
	return n == 1, nil
}
