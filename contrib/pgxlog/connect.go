package pgxlog

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pairly/pairlog"
)

// failuresEvery is the least time between two db_connection_failed lines: a pool
// tries again with every query.
const failuresEvery = 10 * time.Second

// connectState is what is known of connecting.
type connectState struct {
	mu       sync.Mutex
	told     bool          // guarded by mu; an INFO line says that the database is there
	failures int           // guarded by mu; since the last line
	said     time.Duration // guarded by mu; when that line was
	ever     bool          // guarded by mu; there was one
}

// TraceConnectStart implements [pgx.ConnectTracer].
func (t *Tracer) TraceConnectStart(ctx context.Context, data pgx.TraceConnectStartData) context.Context {
	return &call{Context: ctx, t: t, kind: kindConnect, start: t.now(), config: data.ConnConfig}
}

// TraceConnectEnd implements [pgx.ConnectTracer]. The first connection, and the
// first one after a failure, is db_connected at INFO; the others, with which a
// pool grows, are at DEBUG. A failure is db_connection_failed at CRITICAL, once in
// ten seconds.
func (t *Tracer) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	c := t.callFrom(ctx)
	if c == nil || c.config == nil {
		return
	}
	took := slog.Float64(pairlog.KeyDurationMS, milliseconds(t.now()-c.start))
	attrs := []slog.Attr{slog.String("driver", "pgx"), slog.String("host", c.config.Host)}
	switch {
	case data.Err == nil:
		level := slog.LevelDebug
		if t.connect.succeeded() {
			level = slog.LevelInfo
		}
		attrs = append(attrs, slog.String("database", c.config.Database), took)
		pairlog.Log(c.Context, t.config.Pool, level, "db_connected", attrs...)
	case errors.Is(data.Err, context.Canceled):
	default:
		failures := t.connect.failed(t.now())
		if failures == 0 {
			return
		}
		attrs = append(appendError(attrs, data.Err), took, slog.Int("failures", failures))
		pairlog.Log(c.Context, t.config.Pool, pairlog.LevelCritical, "db_connection_failed", attrs...)
	}
}

// appendError adds the type of an error and its SQLSTATE, where it has one.
func appendError(attrs []slog.Attr, err error) []slog.Attr {
	attrs = append(attrs, slog.String(pairlog.KeyErrorType, pairlog.ErrorType(err)))
	if code := pairlog.ErrorCode(err); code != "" {
		attrs = append(attrs, slog.String(pairlog.KeyErrorCode, code))
	}
	return attrs
}

// milliseconds returns d in milliseconds with two decimals.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/1e4) / 100
}

// succeeded reports whether the connection is news.
func (s *connectState) succeeded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := !s.told
	s.told = true
	return news
}

// failed returns how many failures the line is to tell of, zero for no line.
func (s *connectState) failed(now time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = false
	s.failures++
	if s.ever && now-s.said < failuresEvery {
		return 0
	}
	n := s.failures
	s.failures, s.said, s.ever = 0, now, true
	return n
}
