package cache_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/cache"
)

// lines keeps events with their attributes.
type lines struct {
	mu  sync.Mutex
	all []slog.Record
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, r)
	return nil
}

func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *lines) WithGroup(string) slog.Handler { return l }

// text returns the events so far, with the attributes of degraded operations.
func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, r := range l.all {
		s := r.Message
		if s == "redis_degraded_operation" {
			r.Attrs(func(a slog.Attr) bool { s += " " + a.Key + "=" + a.Value.String(); return true })
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// A wire carries connections to an address, and can be cut.
type wire struct {
	t      *testing.T
	target string
	addr   string

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

func newWire(t *testing.T, target string) *wire {
	w := &wire{t: t, target: target, addr: "127.0.0.1:0"}
	w.mend()
	t.Cleanup(w.cut)
	return w
}

func (w *wire) mend() {
	l, err := net.Listen("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.listener, w.addr = l, l.Addr().String()
	w.mu.Unlock()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", w.target)
			if err != nil {
				in.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, in, out)
			w.mu.Unlock()
			go func() { io.Copy(out, in); out.Close() }()
			go func() { io.Copy(in, out); in.Close() }()
		}
	}()
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener.Close()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func TestRedisGoesAndComesBack(t *testing.T) {
	u, err := url.Parse(redisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, u.Host)
	u.Host = w.addr
	var log lines
	var mu sync.Mutex
	now := time.Date(2025, 1, 15, 10, 30, 45, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	c := open(t, u.String(), cache.Config{Log: slog.New(&log), Now: clock})
	ctx := context.Background()
	key := pairly.NewUUID()

	c.Set(ctx, key, "1", time.Hour)
	w.cut()
	if c.Hit(ctx, key+"log", now, time.Minute, 5) != 1 || c.Hit(ctx, key+"log", now, time.Minute, 5) != 2 {
		t.Error("Hit without Redis does not count in memory")
	}
	if !c.Degraded() {
		t.Error("Degraded without Redis: got false, want true")
	}
	c.Set(ctx, key+"2", "1", time.Hour)
	if !c.Exists(ctx, key+"2") || c.Exists(ctx, key) {
		t.Error("without Redis memory does not answer")
	}
	mu.Lock()
	now = now.Add(10 * time.Second)
	mu.Unlock()
	c.Hit(ctx, key+"log", now, time.Minute, 5)
	want := strings.Join([]string{
		"redis_connected",
		"redis_unavailable",
		"redis_degraded_operation operation=hit fallback=memory count=1",
		"redis_degraded_operation operation=set fallback=memory count=1",
		"redis_degraded_operation operation=exists fallback=memory count=1",
		"redis_degraded_operation operation=hit fallback=memory count=2",
	}, "\n")
	if got := log.text(); got != want {
		t.Errorf("lines without Redis: got\n%s\nwant\n%s", got, want)
	}

	w.mend()
	deadline := time.Now().Add(20 * time.Second)
	for c.Degraded() {
		if time.Now().After(deadline) {
			t.Fatal("does not find Redis again")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if !c.Exists(ctx, key) {
		t.Error("after Redis came back its key is not found")
	}
	if got, want := log.text(), want+"\nredis_connected"; got != want {
		t.Errorf("lines: got\n%s\nwant\n%s", got, want)
	}
}

func TestOpenWithoutRedis(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	var log lines
	c, err := cache.Open(context.Background(), "redis://:"+"geheim"+"@"+addr, cache.Config{Log: slog.New(&log)})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Degraded() || c.Hit(context.Background(), "k", time.Now(), time.Minute, 5) != 1 {
		t.Error("without Redis from the start: memory does not stand in")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if got := log.text(); !strings.HasPrefix(got, "redis_unavailable\nredis_degraded_operation") || strings.Contains(got, "geheim") {
		t.Errorf("lines: got\n%s", got)
	}
}
