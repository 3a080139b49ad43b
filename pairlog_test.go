package pairlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/pairly/pairlog"
	"github.com/pairly/pairlog/redact"
)

var update = flag.Bool("update", false, "write the golden files")

// buffer is a writer that can be read while it is written to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// open returns a pipeline that writes JSON to memory, and what it has written so
// far.
func open(t testing.TB, c pairlog.Config) (*pairlog.Pipeline, func() string) {
	t.Helper()
	out := &buffer{}
	c.Stdout, c.Format, c.Out = true, pairlog.FormatJSON, out
	if c.Err == nil {
		c.Err = io.Discard
	}
	p, err := pairlog.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePipeline(t, p) })
	return p, func() string {
		t.Helper()
		if err := p.Flush(withTimeout(t)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
}

func closePipeline(t testing.TB, p *pairlog.Pipeline) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func withTimeout(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// clock is the time of the normative samples.
func clock() time.Time { return time.Date(2025, 1, 15, 10, 30, 45, 123456789, time.UTC) }

// records parses what was written.
func records(t testing.TB, text string) []map[string]any {
	t.Helper()
	var recs []map[string]any
	for line := range strings.Lines(text) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		recs = append(recs, m)
	}
	return recs
}

func TestSlogtest(t *testing.T) {
	var text func() string
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		p, read := open(t, pairlog.Config{})
		text = read
		return p.Handler("test")
	}, func(t *testing.T) map[string]any {
		recs := records(t, text())
		if len(recs) != 1 {
			t.Fatalf("%d records, want 1", len(recs))
		}
		m := recs[0]
		// The contract has names of its own for slog's.
		for from, to := range map[string]string{"timestamp": slog.TimeKey, "event": slog.MessageKey, "message": slog.MessageKey} {
			if v, ok := m[from]; ok {
				m[to] = v
				delete(m, from)
			}
		}
		return m
	})
}

const (
	user1   = "507f1f77bcf86cd799439011"
	user2   = "507f1f77bcf86cd799439012"
	request = "550e8400-e29b-41d4-a716-446655440000"
)

// TestNormativeRecords holds the five shapes of the record contract, byte for
// byte.
func TestNormativeRecords(t *testing.T) {
	// A scope for each line: an exception tells of the lines before it.
	inRequest := func() context.Context {
		ctx, _ := pairlog.NewScope(t.Context(), pairlog.ScopeConfig{RequestID: request})
		return ctx
	}
	str, num := slog.String, slog.Int
	cases := []struct {
		name, logger string
		ctx          func() context.Context
		level        slog.Level
		event        string
		attrs        []slog.Attr
	}{
		{"http_request", "api.request", inRequest, slog.LevelInfo, "http_request", []slog.Attr{
			str("method", "POST"), str("path", "/api/auth/login"), slog.Any("query_params", map[string]string{}),
			str("client_ip", "192.168.1.100"), str("user_agent", "Mozilla/5.0"), slog.Any("user_id", nil),
			num("status_code", 200), slog.Duration("duration_ms", 145230*time.Microsecond), num("response_size_bytes", 1024)}},
		{"exception", "api.payments", inRequest, slog.LevelError, "exception", []slog.Attr{
			str("error_type", "StripeAPIError"), str("error_message", "Card declined"), str("error_code", "card_declined"),
			str("stack_trace", "goroutine 1 [running]: ..."), str("user_id", user1), str("endpoint", "/api/payments/checkout"),
			slog.Group("additional_context", num("payment_amount", 2999), str("payment_provider", "stripe"))}},
		{"audit", "audit", t.Context, slog.LevelInfo, "user_suspended", []slog.Attr{
			slog.Group("actor", str("user_id", user1), str("role", "admin"), str("ip_address", "192.168.1.100"), str("session_id", "abc123")),
			slog.Group("target", str("user_id", user2), str("email", "user@example.com")),
			str("action", "suspend_user"), str("reason", "Terms violation"),
			slog.Any("before_state", map[string]any{"is_suspended": false}), slog.Any("after_state", map[string]any{"is_suspended": true}),
			str("severity", "high")}},
		{"token_created", "service.token", t.Context, slog.LevelInfo, "token_created", []slog.Attr{
			str("user_id", user1), str("token_type", "access"), slog.Time("expires_at", clock().Add(30*time.Minute)), str("jti", request)}},
		{"ws_message_sent", "websocket.messaging", t.Context, slog.LevelInfo, "ws_message_sent", []slog.Attr{
			str("user_id", user1), str("recipient_id", user2), str("connection_id", "conn_abc123"),
			num("credits_charged", 5), num("message_length", 128)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, text := open(t, pairlog.Config{PIIMode: redact.PIIFull, Now: clock})
			log := p.Logger(c.logger)
			pairlog.Log(c.ctx(), log, c.level, c.event, c.attrs...)
			got := text()
			golden := filepath.Join("testdata", c.name+".json")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("native front-end:\n got %swant %s", got, want)
			}
			r := slog.NewRecord(clock(), c.level, c.event, 0)
			r.AddAttrs(c.attrs...)
			if err := log.Handler().Handle(c.ctx(), r); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(text(), got); got != string(want) {
				t.Errorf("slog front-end:\n got %swant %s", got, want)
			}
		})
	}
}

func TestLoggerWithoutPipeline(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{AddSource: true}))
	pairlog.Log(t.Context(), log, slog.LevelInfo, "event_x", slog.Int("a", 1), pairlog.Err(io.EOF))
	pairlog.Log(t.Context(), log, slog.LevelDebug, "event_y")
	recs := records(t, b.String())
	if len(recs) != 1 || recs[0]["msg"] != "event_x" || recs[0]["error_message"] != "EOF" || recs[0]["error_code"] != nil {
		t.Errorf("got %s", b.String())
	}
	if src, _ := recs[0]["source"].(map[string]any); !strings.HasSuffix(src["file"].(string), "pairlog_test.go") {
		t.Errorf("source = %v, want this file", src)
	}
}

func TestSource(t *testing.T) {
	p, text := open(t, pairlog.Config{Source: true})
	log := p.Logger("x")
	log.Info("a")
	pairlog.Log(t.Context(), log, slog.LevelInfo, "b")
	pairlog.Log(t.Context(), log, slog.LevelInfo, "c", slog.String("source", "mine"))
	recs := records(t, text())
	for i, m := range recs[:2] {
		src, _ := m["source"].(map[string]any)
		if src == nil || !strings.HasSuffix(src["file"].(string), "pairlog_test.go") || !strings.HasSuffix(src["function"].(string), "TestSource") || src["line"].(float64) < 1 {
			t.Errorf("record %d: source = %v, want this function", i, m["source"])
		}
	}
	if recs[2]["source"] != "mine" {
		t.Errorf("source = %v, want the attr of the call", recs[2]["source"])
	}
}

func TestLevelsAreNamedByTheFive(t *testing.T) {
	p, text := open(t, pairlog.Config{Level: -8})
	log := p.Logger("x")
	for _, l := range []slog.Level{-8, -4, -1, 0, 3, 4, 7, 8, 11, 12, 99} {
		pairlog.Log(t.Context(), log, l, "e")
	}
	var got []string
	for _, m := range records(t, text()) {
		got = append(got, m["level"].(string))
	}
	want := "DEBUG DEBUG DEBUG INFO INFO WARNING WARNING ERROR ERROR CRITICAL CRITICAL"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("levels %s, want %s", s, want)
	}
}

func TestCloseWritesEverythingAndLaterLinesGoToStandardError(t *testing.T) {
	out, errOut := &buffer{}, &buffer{}
	p, err := pairlog.Open(pairlog.Config{Format: pairlog.FormatJSON, Out: out, Err: errOut})
	if err != nil {
		t.Fatal(err)
	}
	log := p.Logger("x")
	const n = 1000
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range n {
				log.Info("line", "i", i)
			}
		})
	}
	wg.Wait()
	closePipeline(t, p)
	if got := len(records(t, out.String())); got != 4*n {
		t.Errorf("%d records, want %d", got, 4*n)
	}
	log.Error("last_words")
	if !strings.Contains(errOut.String(), "last_words") {
		t.Errorf("standard error has %q, want last_words", errOut.String())
	}
	closePipeline(t, p)
	if s := p.Stats(); s.Emitted != 4*n || s.Written != 4*n {
		t.Errorf("Stats = %+v, want %d emitted and written", s, 4*n)
	}
}

func TestConsoleFormat(t *testing.T) {
	out := &buffer{}
	p, err := pairlog.Open(pairlog.Config{Out: out, Err: io.Discard, Now: clock, PIIMode: redact.PIIFull})
	if err != nil {
		t.Fatal(err)
	}
	p.Logger("api.request").Warn("http_request", "path", "/a b", "n", 1, "s", "plain")
	closePipeline(t, p)
	want := "10:30:45.123 WARN  api.request         http_request          path=\"/a b\" n=1 s=plain\n"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
