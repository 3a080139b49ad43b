package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// exec runs a statement and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	q := s.rebind(query)
	var res sql.Result
	var err error
	if t := s.txFrom(ctx); t != nil {
		res, err = t.tx.ExecContext(ctx, q, args...)
	} else {
		release, werr := s.acquireWriter(ctx)
		if werr != nil {
			return 0, werr
		}
		defer release()
		res, err = s.db.ExecContext(ctx, q, args...)
	}
	if err != nil {
		return 0, s.d.classify(err)
	}
	return res.RowsAffected()
}

// A scanner is one row: *sql.Row or the current row of *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// get runs a query for one row and scans it; ok is false when there is none.
// A statement that writes (… RETURNING) goes through getWriting.
func get[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) (v T, ok bool, err error) {
	q := s.rebind(query)
	var row *sql.Row
	if t := s.txFrom(ctx); t != nil {
		row = t.tx.QueryRowContext(ctx, q, args...)
	} else {
		row = s.db.QueryRowContext(ctx, q, args...)
	}
	v, err = scan(row)
	if errors.Is(err, sql.ErrNoRows) {
		var zero T
		return zero, false, nil
	}
	if err != nil {
		var zero T
		return zero, false, s.d.classify(err)
	}
	return v, true, nil
}

// getWriting is get for a statement that writes and returns a row.
func getWriting[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) (v T, ok bool, err error) {
	if s.txFrom(ctx) == nil {
		release, err := s.acquireWriter(ctx)
		if err != nil {
			return v, false, err
		}
		defer release()
	}
	return get(ctx, s, scan, query, args...)
}

// list runs a query and scans its rows, in order; nil when there is none.
func list[T any](ctx context.Context, s *Store, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	q := s.rebind(query)
	var rows *sql.Rows
	var err error
	if t := s.txFrom(ctx); t != nil {
		rows, err = t.tx.QueryContext(ctx, q, args...)
	} else {
		rows, err = s.db.QueryContext(ctx, q, args...)
	}
	if err != nil {
		return nil, s.d.classify(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, s.d.classify(err)
		}
		out = append(out, v)
	}
	return out, s.d.classify(rows.Err())
}

// scanOne scans a row of a single column.
func scanOne[T any](r scanner) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// millis is t as stored: milliseconds since the epoch.
func millis(t time.Time) int64 { return t.UnixMilli() }

// nullMillis is millis, or NULL for the zero time.
func nullMillis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// fromMillis is the inverse of millis, in UTC.
func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// A nullTime scans a time column that may be NULL into a time.Time, zero for
// NULL.
type nullTime struct{ to *time.Time }

// Scan implements sql.Scanner.
func (n nullTime) Scan(v any) error {
	var ms sql.NullInt64
	if err := ms.Scan(v); err != nil {
		return err
	}
	*n.to = time.Time{}
	if ms.Valid {
		*n.to = fromMillis(ms.Int64)
	}
	return nil
}

// A stamp scans a time column that is NOT NULL.
type stamp struct{ to *time.Time }

// Scan implements sql.Scanner.
func (n stamp) Scan(v any) error {
	if v == nil {
		return fmt.Errorf("scan time: unexpected NULL")
	}
	return nullTime(n).Scan(v)
}

// nullText is s, or NULL for "".
func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// A textOrNull scans a text column that may be NULL into a string type, "" for
// NULL.
type textOrNull[S ~string] struct{ to *S }

// Scan implements sql.Scanner.
func (n textOrNull[S]) Scan(v any) error {
	var t sql.NullString
	if err := t.Scan(v); err != nil {
		return err
	}
	*n.to = S(t.String)
	return nil
}
