package wslog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/logtest"
	"github.com/pairly/pairlog/wslog"
)

var std = []string{"timestamp", "level", "logger", "request_id", "event"}

func TestLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		request, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: "req-00000001"})
		ctx, s := wslog.Open(request, wslog.Config{Logger: logs.Logger("websocket.messaging"),
			ConnectionID: "conn_abc123", ClientIP: "192.0.2.1", UserAgent: "test"})
		s.Authenticated("u1", "s1")
		time.Sleep(10 * time.Second)
		s.Received("message", 128)
		s.Delivered("m1", 20, 1500*time.Microsecond)
		s.Sent(5)
		logs.Logger("service.test").InfoContext(ctx, "worked")
		time.Sleep(2500 * time.Millisecond)
		s.Close(1000, "bye")
		s.Close(1006, "")

		for _, c := range []struct {
			event, level string
			keys         []string
			parts        []string
		}{
			{"ws_connected", "INFO", []string{"connection_id", "client_ip", "user_agent", "user_id"}, []string{`"user_id":null`}},
			{"ws_auth_success", "INFO", []string{"user_id", "connection_id", "session_id"}, []string{`"user_id":"u1"`}},
			{"ws_message_received", "DEBUG", []string{"user_id", "connection_id", "frame_type", "message_length"}, []string{`"message_length":128`}},
			{"ws_frame_sent", "DEBUG", []string{"user_id", "connection_id", "message_length"}, []string{`"message_length":5`}},
			{"ws_message_delivered", "DEBUG", []string{"user_id", "connection_id", "message_id", "latency_ms", "message_length"}, []string{`"latency_ms":1.50`}},
			{"ws_disconnected", "INFO", []string{"user_id", "connection_id", "close_code", "duration_s", "messages_in", "messages_out",
				"close_class", "bytes_in", "bytes_out", "idle_s", "close_reason"},
				[]string{`"close_code":1000`, `"duration_s":12.5`, `"messages_in":1`, `"messages_out":2`, `"bytes_in":128`, `"bytes_out":25`, `"idle_s":2.5`}},
		} {
			rec := logs.One(c.event)
			if want := append(slices.Clone(std), c.keys...); !slices.Equal(rec.Keys, want) {
				t.Errorf("%s: keys %v\nwant %v", c.event, rec.Keys, want)
			}
			if rec.Level() != c.level {
				t.Errorf("%s at %s, want %s", c.event, rec.Level(), c.level)
			}
			for _, part := range c.parts {
				if !strings.Contains(rec.Line, part) {
					t.Errorf("%s has no %s: %s", c.event, part, rec.Line)
				}
			}
		}
		if rec := logs.One("worked"); rec.String("connection_id") != "conn_abc123" || rec.String("user_id") != "u1" || rec.RequestID() != "req-00000001" {
			t.Errorf("a line of the socket's context: %s", rec.Line)
		}
	})
}

// pieces counts how many pieces of work a scope has had.
type pieces struct{ n atomic.Int64 }

func (p *pieces) LogValue() slog.Value { return slog.Int64Value(p.n.Load()) }
func (p *pieces) Renew()               { p.n.Add(1) }

// Each message is a piece of work of the socket's scope, and the line of its end
// has what was gathered in all of them.
func TestMessageRenewsScope(t *testing.T) {
	logs := logtest.New(t)
	ctx, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
	pairlog.ScopeFrom(ctx).Gather("pieces", func() slog.LogValuer { return new(pieces) })
	s.Received("message", 1)
	s.Sent(1)
	s.Received("message", 1)
	s.Close(1000, "")
	if got := logs.One("ws_disconnected").Int("pieces"); got != 2 {
		t.Errorf("pieces = %d, want 2", got)
	}
}

func TestRefusals(t *testing.T) {
	logs := logtest.New(t)
	_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
	if !strings.HasPrefix(s.ID(), "conn_") || len(s.ID()) != len("conn_")+12 {
		t.Errorf("ID() = %q", s.ID())
	}
	s.AuthFailed("mismatch", "u2", 4403)
	s.AuthFailed("missing", "", 4401, slog.String("user_id", "u1"))
	s.Rejected("message_too_long", "message")
	s.DeliveryFailed("m1", io.ErrClosedPipe)
	s.Error(errors.New("boom"))
	recs := logs.Event("ws_auth_failed")
	if len(recs) != 2 || recs[0].String("claimed_user_id") != "u2" || recs[0].Level() != "WARNING" || !strings.Contains(recs[1].Line, `"claimed_user_id":null`) ||
		recs[0].Has("user_id") || recs[1].String("user_id") != "u1" {
		t.Errorf("ws_auth_failed: %v", recs)
	}
	if rec := logs.One("ws_message_rejected"); rec.Level() != "WARNING" || rec.String("error_code") != "message_too_long" {
		t.Errorf("line: %s", rec.Line)
	}
	if rec := logs.One("ws_delivery_failed"); rec.String("message_id") != "m1" || rec.String("error_type") == "" {
		t.Errorf("line: %s", rec.Line)
	}
	if rec := logs.One("ws_error"); rec.Level() != "ERROR" || rec.String("error_message") != "boom" || !strings.HasPrefix(rec.String("stack_trace"), "github.com/pairly/pairlog/wslog_test.TestRefusals") {
		t.Errorf("line: %s", rec.Line)
	}
}

// What this side closes with is on the line, whatever the library says then.
func TestClosing(t *testing.T) {
	logs := logtest.New(t)
	_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
	s.Closing(4429, "slow down")
	s.Closing(1011, "too late")
	s.Close(wslog.CloseStatus(net.ErrClosed))
	rec := logs.One("ws_disconnected")
	if rec.Int("close_code") != 4429 || rec.String("close_reason") != "slow down" || rec.String("close_class") != "application" || rec.Level() != "INFO" {
		t.Errorf("line: %s", rec.Line)
	}
}

// A message costs no allocation while DEBUG is off, whichever way it goes.
func TestMessagesCostNoAllocation(t *testing.T) {
	p, err := pairlog.Open(pairlog.Config{Format: pairlog.FormatJSON, Out: io.Discard, RecorderBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	_, s := wslog.Open(t.Context(), wslog.Config{Logger: p.Logger("websocket.messaging")})
	if n := testing.AllocsPerRun(100, func() {
		s.Received("message", 128)
		s.Sent(64)
		s.Delivered("m1", 64, time.Millisecond)
	}); n > 0 {
		t.Errorf("three messages: %v allocations, want 0", n)
	}
}

// A client that floods has a line a second.
func TestRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logtest.New(t)
		_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
		for range 30 {
			s.RateLimited(4200 * time.Millisecond)
			time.Sleep(100 * time.Millisecond)
		}
		recs := logs.Event("ws_rate_limited")
		if len(recs) != 3 || recs[0].Int("retry_after") != 5 || recs[0].Has("suppressed") || recs[1].Int("suppressed") != 9 {
			t.Errorf("3 s of refusals: %v", recs)
		}
		s.Close(1008, "")
		if r := logs.One("ws_disconnected"); r.Int("rate_limited") != 30 {
			t.Errorf("line: %s\nwant rate_limited 30", r.Line)
		}
	})
}

// A clock that the service has of its own measures the socket's life too.
func TestNow(t *testing.T) {
	logs := logtest.New(t)
	now := time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC)
	_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging"), Now: func() time.Time { return now }})
	now = now.Add(time.Minute)
	s.Sent(1)
	now = now.Add(30 * time.Second)
	s.Close(1000, "")
	if rec := logs.One("ws_disconnected"); rec.Float("duration_s") != 90 || rec.Float("idle_s") != 30 {
		t.Errorf("line: %s", rec.Line)
	}
}

func TestManyGoroutines(t *testing.T) {
	logs := logtest.New(t)
	_, s := wslog.Open(t.Context(), wslog.Config{Logger: logs.Logger("websocket.messaging")})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s.Authenticated("u1", "s1")
			for range 100 {
				s.Received("message", 1)
				s.Sent(2)
				s.RateLimited(time.Second)
			}
			s.Close(1000, "")
		})
	}
	wg.Wait()
	rec := logs.One("ws_disconnected")
	if rec.Int("messages_in") < 100 || rec.Int("messages_in") > 800 {
		t.Errorf("line: %s", rec.Line)
	}
}

// CloseError has the shape of coder/websocket's, OtherError that of no library.
type CloseError struct {
	Code   statusCode
	Reason string
}

type statusCode int

func (e CloseError) Error() string { return "closed" }

type OtherError struct{ Code int }

func (e OtherError) Error() string { return "other" }

func TestCloseStatus(t *testing.T) {
	f := func(err error, wantCode int, wantReason string) {
		t.Helper()
		if code, reason := wslog.CloseStatus(err); code != wantCode || reason != wantReason {
			t.Errorf("CloseStatus(%v) = %d, %q, want %d, %q", err, code, reason, wantCode, wantReason)
		}
	}
	f(nil, 1000, "")
	f(CloseError{1001, "moving"}, 1001, "moving")
	f(fmt.Errorf("read: %w", &CloseError{4429, "slow down"}), 4429, "slow down")
	f(io.EOF, 1006, "")
	f(context.DeadlineExceeded, 1006, "")
	f(&net.OpError{Op: "read", Err: net.ErrClosed}, 1005, "")
	f(fmt.Errorf("read: %w", context.Canceled), 1005, "")
	f(errors.Join(io.EOF, net.ErrClosed), 1005, "")
	f(OtherError{1000}, 1006, "")
}

func TestLevelOf(t *testing.T) {
	for code, want := range map[int]slog.Level{
		1000: slog.LevelInfo, 1001: slog.LevelInfo, 1005: slog.LevelInfo, 4401: slog.LevelInfo, 1006: slog.LevelWarn,
		1002: slog.LevelError, 1007: slog.LevelError, 1008: slog.LevelError, 1009: slog.LevelError, 1011: slog.LevelError,
	} {
		if got := wslog.LevelOf(code); got != want {
			t.Errorf("LevelOf(%d) = %v, want %v", code, got, want)
		}
	}
}

func BenchmarkReceived(b *testing.B) {
	p, err := pairlog.Open(pairlog.Config{Format: pairlog.FormatJSON, Out: io.Discard, RecorderBytes: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close(context.Background())
	_, s := wslog.Open(b.Context(), wslog.Config{Logger: p.Logger("websocket.messaging")})
	b.ReportAllocs()
	for b.Loop() {
		s.Received("message", 128)
	}
}
